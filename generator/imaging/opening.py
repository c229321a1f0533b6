"""A file opened with suspicion: its header alone decides whether it may be decoded, and what that would take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError

from generator.imaging.limited_file import BurdenError, LimitedFile
from generator.imaging.scaling import FULL, MOST_PIXELS, fitted
from generator.imaging.subprocess_decode import ImagingReason

_MAX_SIDE = 32_768
_MAX_SIDE_HERE = 8192  # of wider ones even a few rows are large
_MAX_SCANS = 32  # a progressive JPEG has ten or so; thousands are made to keep a decoder busy for hours


_USUAL_WIDTH = 1280
DEEP = "RGB;16B"  # what Pillow calls three times sixteen bits


class ImagingError(Exception):
    """A file that is no picture we take."""

    def __init__(self, reason: ImagingReason) -> None:
        super().__init__(reason)
        self.reason = reason


class HeavyError(Exception):
    """A picture that is not to be decoded in a process that does other things as well."""


@contextmanager
def suspicion() -> Iterator[None]:
    try:
        yield
    except (ImagingError, HeavyError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImagingError("pixels") from None
    except BurdenError:
        raise ImagingError("bloated") from None
    except UnidentifiedImageError:
        raise ImagingError("format") from None
    except Exception as error:  # decoders fed with hostile bytes raise anything
        raise ImagingError("damaged") from error


def opened(
    file: BinaryIO, max_pixels: int, formats: tuple[str, ...], most: float = math.inf
) -> tuple[ImageFile.ImageFile, int]:
    """Read the header only, and refuse by it: the picture, not yet decoded, and its weight.

    HeavyError if it would hold more than `most`. The size is checked here and not by Pillow's global limit.
    """
    image = Image.open(file, formats=formats)
    if image.width * image.height > max_pixels or max(image.size) > _MAX_SIDE:
        raise ImagingError("pixels")
    if isinstance(file, LimitedFile):
        file.taste()
    scans = _scans(file) if image.format in ("JPEG", "MPO") else 1
    if scans > _MAX_SCANS:
        raise ImagingError("passes")
    weight = _weight(image, scans > 1 or "progressive" in image.info)
    if most < math.inf and (weight > most or _is_large(image) or _is_odd(image)):
        raise HeavyError
    return image, weight


def _is_large(image: Image.Image) -> bool:
    return image.width * image.height > MOST_PIXELS or max(image.size) > _MAX_SIDE_HERE


def _is_odd(image: ImageFile.ImageFile) -> bool:
    """An animation that does not begin with its default picture, or a transparent colour of three times 16 bits."""
    is_keyed = isinstance(image.info.get("transparency"), tuple) and image.tile[0][3] == DEEP
    return image.format == "PNG" and (bool(getattr(image, "default_image", False)) or is_keyed)


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


def _weight(image: ImageFile.ImageFile, is_in_passes: bool) -> int:
    """Pixels held at the most: the picture's, and beside them first what its decoder keeps, then its copies.

    Of a JPEG in passes the decoder keeps two bytes for each sample, and for what can be seen through the encoder keeps
    three times the copy. A picture that must change its mode is there twice. Whether it is turned is not known yet.
    """
    pixels = image.width * image.height
    kept = pixels * len(image.getbands()) // 2 if is_in_passes else 0
    if image.has_transparency_data:
        copies = 3 * math.prod(fitted(image.size, FULL))
    else:
        widest = _USUAL_WIDTH if image.mode == "RGB" else FULL
        copies = max(math.prod(fitted(size, widest)) for size in (image.size, image.size[::-1]))
    return pixels + max(kept, copies)
