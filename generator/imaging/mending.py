"""Files that decoders refuse for what is beside their pixels or missing at their end, made fit for them.

Whatever is missing can be filled in two ways: what comes out differently was not in the file. Only for the decode
child, for it holds a file as a whole and asks Pillow, for all of the process, to be patient.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImageFile

from generator.imaging import avif, png

FILLINGS = (0x00, 0xB5)
_PAD = 64 * 1024  # more than a row of blocks of the largest picture usually takes


def filled(data: bytes, formats: tuple[str, ...], filling: int) -> BytesIO:
    """The file, mended as its format allows, and what may be missing at its end made of this byte."""
    if formats == ("PNG",):
        return BytesIO(png.mended(data))
    if formats == ("JPEG",):
        return BytesIO(data + (bytes([filling]) * _PAD if filling else b"") + b"\xff\xd9")
    if formats == ("WEBP",):
        return BytesIO(_riff(data, filling))
    if "AVIF" in formats:
        return BytesIO(avif.lengthened(data, filling))
    return BytesIO(data)


@contextmanager
def patience() -> Iterator[None]:
    """Pillow takes what there is of a file that ends too early."""
    usual, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = usual


def prime(image: ImageFile.ImageFile, filling: int) -> None:
    """Lay this value under a picture that is not decoded yet: it stays where the file brings no pixels."""
    core: Any = getattr(Image, "core")  # noqa: B009 (which it does not say is to be used)
    colour = filling if len(image.getbands()) == 1 else (filling,) * len(image.getbands())
    image.im = core.fill(image.mode, image.size, colour)


def missing(one: Image.Image, other: Image.Image, *, is_from_below: bool = False) -> float:
    """The share of rows from the first in which the two differ, as the file says them one after another."""
    place = ImageChops.difference(one.convert("RGBA"), other.convert("RGBA")).getbbox(alpha_only=False)
    if not place:
        return 0.0
    return (place[3] if is_from_below else one.height - place[1]) / one.height


def is_blank(image: Image.Image) -> bool:
    """Whether all of it is of one colour."""
    return all(low == high for low, high in image.convert("RGBA").getextrema())  # type: ignore[misc]


def _riff(data: bytes, filling: int) -> bytes:
    """Right lengths. A chunk that ends too early gets more than is missing: no decoder may come to its end."""
    place, last = 12, 12
    while place + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, place + 4)
        last, place = place, place + 8 + length + length % 2
    body = bytearray(data[8:])
    if place > len(data):
        body += bytes([filling]) * (min(place - len(data), len(data)) + _PAD)
        if data[last : last + 4] in (b"VP8 ", b"VP8L"):
            body[last - 4 : last] = struct.pack("<I", len(body) - last)
    return b"RIFF" + struct.pack("<I", len(body)) + body
