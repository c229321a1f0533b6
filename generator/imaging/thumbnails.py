"""Pictures from outside made fit to show: looked at with suspicion, decoded once, thumbnails written.

The file's own bytes decide what it is, its header whether it may be decoded at all, and decoding all of it whether
it is whole. The original is never touched. Thumbnails are JPEGs in sRGB, upright, transparent parts on white (the
sheet that most transparent pictures are drawn for); of an animated picture they show the first frame.

PNG and JPEG, which the API is known to send, are decoded here, from a file that rations what may be read of it, as
long as they are not much larger than the API's own. Larger ones get a process of their own, and so do WebP and AVIF,
whose decoders are not to be bounded within a process (`decode_child`).
"""

import math
import os
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, BinaryIO

# The plugins are imported to be registered: Pillow would otherwise load all it has when it first meets a WebP.
import PIL.JpegImagePlugin
import PIL.PngImagePlugin
import PIL.WebPImagePlugin
from PIL import Image, ImageFile, UnidentifiedImageError

from generator.imaging.limited_file import BurdenError, LimitedFile
from generator.imaging.memory import Budget, reused_memory
from generator.imaging.scaling import fitted, is_turned, shrunk, smaller, upright
from generator.imaging.subprocess_decode import Allowance, ImagingReason

WIDTHS = (320, 640, 1280)

STREAMED = ("PNG", "JPEG")
WHOLE = ("WEBP", "AVIF")

_EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "AVIF": "avif"}
_MAX_SIDE = 32_768  # a JPEG thumbnail of a very tall picture must still be a possible one
_MAX_SIDE_HERE = 8192  # of wider ones even a few rows are large
_MAX_SCANS = 32  # a progressive JPEG has ten or so; thousands are made to keep a decoder busy for hours
_QUALITY = 83
_PLACEHOLDER = (16, 48)
_ORIENTATION = 0x0112
_THREADS = 2
# Pixels of four bytes held at the same time in one process: two of the API's largest pictures and their thumbnails.
_BUDGET = 2 * (2048 * 2048 + 1280 * 1280)


class ImagingError(Exception):
    """A file that is no picture we take."""

    def __init__(self, reason: ImagingReason) -> None:
        super().__init__(reason)
        self.reason = reason


class HeavyError(Exception):
    """A picture that is not to be decoded in a process that does other things as well."""


@dataclass(frozen=True)
class Picture:
    """What a file turned out to be. Pixels as displayed; `placeholder` is a data URI of a WebP 16 pixels wide."""

    format: str
    extension: str
    width: int
    height: int
    placeholder: str


# Of compressed texts within a PNG Pillow would keep 64 MiB.
PIL.PngImagePlugin.MAX_TEXT_MEMORY = 8 * 2**20

_budget = Budget(_BUDGET)
# One at a time, for the memory: beside two full pictures there is then never more than one large thumbnail.
_reducing = threading.Lock()


def render(path: Path, thumb_path: Callable[[int], Path], max_pixels: int, widths: Sequence[int] = WIDTHS) -> Picture:
    """Verify the picture at `path` by decoding it, and write a thumbnail of each width where `thumb_path` says.

    A thumbnail is never wider than the picture. Raises ImagingError if the file is not a whole PNG, JPEG, WebP or
    AVIF of at most `max_pixels`, and OSError as the disk does; either way no half-written thumbnail is left.
    """
    return _developed(path, {width: thumb_path(width) for width in widths}, max_pixels, Allowance())


def render_all(
    items: Sequence[tuple[Path, Callable[[int], Path]]], max_pixels: int, widths: Sequence[int] = WIDTHS
) -> list[Picture | ImagingError]:
    """`develop` for all pictures of a reply on two threads: for each, in order, the picture or why it is none.

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
        render_all([(path, lambda width: Path(folder, f"{width}.jpg")) for path in paths], 1024 * 1024)


def rethumb(path: Path, width: int, dest: Path) -> None:
    """Make one lost thumbnail again from a picture that was once developed. Raises as `develop` does."""
    _developed(path, {width: dest}, _MAX_SIDE**2, Allowance())


def formats_of(path: Path) -> tuple[str, ...]:
    """What the file may be, by its first bytes: WHOLE or STREAMED formats."""
    with path.open("rb") as file:
        head = file.read(12)
    return WHOLE if head[:4] == b"RIFF" or head[4:8] == b"ftyp" else STREAMED


def render_here(
    path: Path, thumbs: Mapping[int, Path], max_pixels: int, formats: tuple[str, ...], most: float = math.inf
) -> Picture:
    """`develop`, in this process, for pictures of these formats; HeavyError if that would hold more than `most`."""
    with LimitedFile(path) if formats == STREAMED else path.open("rb") as file:
        with _suspicion():
            image, weight = _opened(file, max(thumbs), max_pixels, formats)
        if weight > most or (most < math.inf and max(image.size) > _MAX_SIDE_HERE):
            raise HeavyError
        with _budget.of(weight):
            with _suspicion():
                small, size = _reduced(image, max(thumbs))
            for target in sorted(thumbs, reverse=True):
                small = smaller(small, target)
                _write(small, thumbs[target])
    # Pillow calls a JPEG with further pictures behind the first one MPO.
    format_ = image.format if image.format in _EXTENSIONS else "JPEG"
    return Picture(format_, _EXTENSIONS[format_], *size, _placeholder(small))


def _developed(path: Path, thumbs: Mapping[int, Path], max_pixels: int, allowance: Allowance) -> Picture:
    if allowance.is_used_up:
        raise ImagingError("all_slow")
    formats = formats_of(path)
    if formats == STREAMED:
        with suppress(HeavyError), allowance.metered():
            return render_here(path, thumbs, max_pixels, formats, _BUDGET)
    said = allowance.render(path, max_pixels, thumbs)
    if "picture" in said:
        return Picture(**said["picture"])
    raise ImagingError(said["refused"]) if "refused" in said else OSError(*said["disk"])


def _reduced(image: ImageFile.ImageFile, width: int) -> tuple[Image.Image, tuple[int, int]]:
    """Decode and make smaller: a picture of at most `width`, and the full size, both as displayed.

    The full picture lives no longer than this call.
    """
    image.load()
    orientation = _orientation(image)
    with _reducing:
        small = shrunk(image, width, orientation)
    image.close()  # its pixels go now, before what is left is turned, and not when the last name for them does
    small = upright(small, image.info.get("icc_profile"), orientation)
    return small, image.size[::-1] if is_turned(orientation) else image.size


@contextmanager
def _suspicion() -> Iterator[None]:
    try:
        yield
    except (ImagingError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImagingError("pixels") from None
    except BurdenError:
        raise ImagingError("bloated") from None
    except UnidentifiedImageError:
        raise ImagingError("format") from None
    except Exception as error:  # decoders fed with hostile bytes raise anything
        raise ImagingError("damaged") from error


def _opened(file: BinaryIO, width: int, max_pixels: int, formats: tuple[str, ...]) -> tuple[ImageFile.ImageFile, int]:
    """Read the header only, and refuse by it: the picture, not yet decoded, and its weight.

    The size is checked here and not by Pillow's global limit.
    """
    image = Image.open(file, formats=formats)
    if image.width * image.height > max_pixels or max(image.size) > _MAX_SIDE:
        raise ImagingError("pixels")
    if isinstance(file, LimitedFile):
        file.taste()
    scans = 1 if image.format in ("PNG", *WHOLE) else _scans(file)
    if scans > _MAX_SCANS:
        raise ImagingError("passes")
    return image, _weight(image, width, scans > 1 or "progressive" in image.info)


def _scans(file: BinaryIO) -> int:
    """Start-of-scan markers in a JPEG; within the compressed data the pair cannot occur."""
    place = file.tell()
    file.seek(0)
    count, last = 0, b""
    for chunk in iter(lambda: file.read(2**18), b""):
        count += chunk.count(b"\xff\xda") + (last + chunk[:1] == b"\xff\xda")
        last = chunk[-1:]
    file.seek(place)
    return count


def _weight(image: ImageFile.ImageFile, width: int, is_in_passes: bool) -> int:
    """Pixels held at the most: the picture's, and beside them first what its decoder keeps, then its thumbnail.

    Of a JPEG in passes the decoder keeps two bytes for each sample. Whether the picture is turned is not known yet.
    """
    pixels = image.width * image.height
    kept = pixels * len(image.getbands()) // 2 if is_in_passes else 0
    return pixels + max(kept, *(math.prod(fitted(size, width)) for size in (image.size, image.size[::-1])))


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 (damaged EXIF raises anything, and is no reason to lose a picture)
        return 1
    return value if isinstance(value, int) else 1


def _write(image: Image.Image, dest: Path) -> None:
    """Whole or not at all, whoever else writes the same thumbnail at the same moment."""
    dest.parent.mkdir(parents=True, exist_ok=True)
    part = dest.with_name(f"{dest.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with part.open("wb") as file:
            # Given the file itself, Pillow would take half a write, to a disk that becomes full, for a whole one.
            sink: Any = SimpleNamespace(write=file.write, flush=file.flush)
            image.save(sink, "JPEG", quality=_QUALITY)
        part.replace(dest)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _placeholder(image: Image.Image) -> str:
    width, limit = _PLACEHOLDER
    height = min(max(1, round(image.height * width / image.width)), limit)
    sink = BytesIO()
    image.resize((width, height), Image.Resampling.BOX).save(sink, "WEBP", quality=40, method=4)
    return f"data:image/webp;base64,{b64encode(sink.getvalue()).decode()}"
