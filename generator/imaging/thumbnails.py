"""Pictures from outside made fit to show: looked at with suspicion, decoded once, smaller copies written.

The file's own bytes decide what it is, its header whether it may be decoded at all, and its pixels whether it is
taken. The original is never touched. Copies are WebPs in sRGB, upright, as transparent as the picture; of an animated
one they show the first frame.

PNG and JPEG, which the API is known to send, are decoded here, from a file that rations what may be read of it, as
long as they are not much larger than the API's own. Larger ones get a process of their own (`decode_child`), and so do
all other formats, whose decoders are not to be bounded within a process, and files with something wrong about them.
"""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

# The plugins are imported to be registered: Pillow would otherwise load all it has when it first meets a WebP.
import PIL.JpegImagePlugin
import PIL.PngImagePlugin
import PIL.WebPImagePlugin
from PIL import Image

from generator.imaging import opening
from generator.imaging.copies import Picture, placeholder, solid, write
from generator.imaging.decoding import Decoded, decode
from generator.imaging.fingerprint import fingerprint
from generator.imaging.formats import EXTENSIONS, formats_of, is_streamed
from generator.imaging.limited_file import LimitedFile
from generator.imaging.memory import Budget, reused_memory
from generator.imaging.mending import FILLINGS, filled, is_blank, missing, patience
from generator.imaging.opening import HeavyError, ImagingError, suspicion
from generator.imaging.palette import palette
from generator.imaging.scaling import FULL, fitted, smaller
from generator.imaging.subprocess_decode import Allowance

__all__ = ["WIDTHS", "ImagingError", "Picture", "render", "render_all", "render_here", "rethumb"]

# Each copy may be so wide; the last one is as large as the picture.
WIDTHS = (320, 640, 1280, FULL)

_THREADS = 2
# Pixels of four bytes held at the same time in one process: two of the API's largest pictures and their thumbnails.
_BUDGET = 2 * (2048 * 2048 + 1280 * 1280)
_LARGE = 1280 * 1280
_MOST_MISSING = 0.95  # what has less of a picture than this leaves is none
MENDABLE = ("damaged", "format")

# Of compressed texts within a PNG Pillow would keep 64 MiB.
PIL.PngImagePlugin.MAX_TEXT_MEMORY = 8 * 2**20

_budget = Budget(_BUDGET)
# One at a time, for the memory: beside two full pictures there is then never more than one large copy.
_reducing = threading.Lock()


def render(path: Path, thumb_path: Callable[[int], Path], max_pixels: int, widths: Sequence[int] = WIDTHS) -> Picture:
    """Verify the picture at `path` by decoding it, and write a copy of each width where `thumb_path` says.

    A copy is never wider than the picture, and of those that would be as wide only the first is written. Raises
    ImagingError if the file is no picture of a known format and at most `max_pixels`, and OSError as the disk does;
    either way no half-written copy is left.
    """
    return _developed(path, {width: thumb_path(width) for width in widths}, max_pixels, Allowance())


def render_all(
    items: Sequence[tuple[Path, Callable[[int], Path]]], max_pixels: int, widths: Sequence[int] = WIDTHS
) -> list[Picture | ImagingError]:
    """`render` for all pictures of a reply on two threads: for each, in order, the picture or why it is none.

    They share one allowance of time; once it is used up, those that are left are refused. Raises OSError as the disk
    does, after all have been tried.
    """
    allowance = Allowance()

    def attempt(item: tuple[Path, Callable[[int], Path]]) -> Picture | ImagingError:
        path, thumb_path = item
        try:
            return _developed(path, {width: thumb_path(width) for width in widths}, max_pixels, allowance)
        except ImagingError as error:
            return ImagingError(error.reason)  # that one holds all that the decoder held

    with reused_memory(), ThreadPoolExecutor(min(_THREADS, len(items) or 1)) as pool:
        futures = [pool.submit(attempt, item) for item in items]
    return [future.result() for future in futures]


def warm_up() -> None:
    """Load decoders, encoders and threads, so that a process's first pictures are as quick and light as any later."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder, format_) for format_ in ("PNG", "JPEG")]
        for path in paths:
            Image.new("RGB", (1024, 1024)).save(path, path.name)
        render_all([(path, lambda width: Path(folder, f"{width}.webp")) for path in paths], 1024 * 1024)


def rethumb(path: Path, thumbs: Mapping[int, Path]) -> Picture:
    """Make lost copies again of a picture that was once rendered, in a process of its own whatever its format.

    Raises as `render` does.
    """
    return _walled(path, thumbs, FULL**2, Allowance())


def render_here(
    path: Path, thumbs: Mapping[int, Path], max_pixels: int, formats: tuple[str, ...], most: float = math.inf
) -> Picture:
    """`render`, in this process, for pictures of these formats; HeavyError if that would hold more than `most`."""
    with LimitedFile(path) if is_streamed(formats) else path.open("rb") as file:
        with suspicion():
            image, weight = opening.opened(file, max_pixels, formats, most)
        with _budget.of(weight):
            with suspicion():
                decoded = decode(file, image, max_pixels)
            del image  # whoever reduces it is the last to hold it
            with _reducing if weight > _LARGE else nullcontext():
                return _finished([decoded], thumbs)


def render_mended(path: Path, thumbs: Mapping[int, Path], max_pixels: int, formats: tuple[str, ...]) -> Picture:
    """`render`, in a process of its own, for a file that something is wrong about: for the sake of its pixels.

    What the file does not say is filled in in two ways; where the results differ, pixels are missing.
    """
    ways: list[Decoded] = []
    with suspicion(), patience():
        data = path.read_bytes()
        for filling in FILLINGS:
            file = filled(data, formats, filling)
            image, _ = opening.opened(file, max_pixels, formats)
            ways.append(decode(file, image, max_pixels, filling))
        return _finished(ways, thumbs)


def _developed(path: Path, thumbs: Mapping[int, Path], max_pixels: int, allowance: Allowance) -> Picture:
    if allowance.is_used_up:
        raise ImagingError("all_slow")
    formats = formats_of(path)
    if not formats:
        raise ImagingError("format")
    if is_streamed(formats):
        try:
            with allowance.metered():
                return render_here(path, thumbs, max_pixels, formats, _BUDGET)
        except HeavyError:
            pass
        except ImagingError as error:
            if error.reason not in MENDABLE:
                raise
    return _walled(path, thumbs, max_pixels, allowance)


def _walled(path: Path, thumbs: Mapping[int, Path], max_pixels: int, allowance: Allowance) -> Picture:
    said = allowance.render(path, max_pixels, thumbs)
    if "picture" in said:
        return Picture(**said["picture"])
    raise ImagingError(said["refused"]) if "refused" in said else OSError(*said["disk"])


def _finished(ways: list[Decoded], thumbs: Mapping[int, Path]) -> Picture:
    """Write the copies that are worth having: of each width below the picture's, and the first that is as wide.

    `ways` are two for a mended file. What differs between them is missing.
    """
    first = ways[0]
    with suspicion():
        small, *others = (solid(way.reduced(max(thumbs))) for way in ways)
        lacking = missing(small, *others, is_from_below=first.format == "BMP") if others else 0.0
        if lacking > _MOST_MISSING and (is_blank(small) or not first.is_in_passes):
            raise ImagingError("damaged")
    wanted = [target for target in sorted(thumbs) if not any(less >= first.size[0] for less in thumbs if less < target)]
    for target in reversed(wanted):
        small = smaller(small, fitted(first.size, target))
        write(small, thumbs[target])
    # A JPEG with further pictures behind it is one to browsers.
    format_ = "JPEG" if first.format == "MPO" else first.format
    is_clear, extension = small.mode == "RGBA", EXTENSIONS[format_]
    looks = fingerprint(small), palette(small)
    return Picture(format_, extension, *first.size, placeholder(small), is_clear, lacking > 0, *looks)
