"""What a picture's numbers mean as colours, and the same colours in sRGB.

What counts is what browsers go by: of a PNG `cICP`, then its ICC profile, then `sRGB`, then `gAMA` with `cHRM`; of an
AVIF its profile, then `nclx`; of all others their profile. Whatever makes no sense is passed over.
"""

from __future__ import annotations

import struct
from io import BytesIO
from itertools import product
from typing import Any, BinaryIO

from PIL import Image, ImageChops, ImageCms

from generator.imaging import png
from generator.imaging.hdr import toned_down
from generator.imaging.icc import CURVES, HLG, PQ, PRIMARIES, made, numbered

# An ICC profile, or the numbers of primaries and curve (ITU-T H.273) of light that is brighter than white.
Meaning = bytes | tuple[int, int] | None

_USUAL_GAMMA, _CLOSE = 45_455, 1000  # 1/2.2 in hundred thousandths, which nearly is sRGB's
_HEAD = 64 * 1024  # the properties of an AVIF stand at its beginning
_UNSEEN = 2  # levels of 255 in which nobody sees a difference
_GREY = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "F")


def meaning_of(image: Image.Image, file: BinaryIO) -> Meaning:
    """Of a picture whose pixels have not been read yet; the file is left where it was."""
    profile = image.info.get("icc_profile")
    said = profile if isinstance(profile, bytes) and profile else None
    if image.format == "PNG":
        return _of_png(png.meaning(file), said)
    return said or (_of_boxes(file) if image.format in ("AVIF", "HEIF") else None)


def _of_png(chunks: dict[bytes, bytes], profile: bytes | None) -> Meaning:
    if cicp := chunks.get(b"cICP"):
        primaries, curve, matrix, is_full = cicp
        if matrix == 0 and is_full == 1:
            return _numbered(primaries, curve)
    if profile or b"sRGB" in chunks:
        return profile
    (gamma,) = struct.unpack(">I", chunks.get(b"gAMA", bytes(4)))
    if not gamma:
        return None
    if chroma := chunks.get(b"cHRM"):
        return made([value / 100_000 for value in struct.unpack(">8I", chroma)], (100_000 / gamma,))
    return None if abs(gamma - _USUAL_GAMMA) < _CLOSE else made(PRIMARIES[1], (100_000 / gamma,))


def _of_boxes(file: BinaryIO) -> Meaning:
    """By the first `colr` box of the kind `nclx` (ISO/IEC 14496-12)."""
    before = file.tell()
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(before)
    place = head.find(b"colrnclx")
    if place < 0 or len(head) < place + 12:
        return None
    return _numbered(*struct.unpack_from(">HH", head, place + 8))


def _numbered(primaries: int, curve: int) -> Meaning:
    if curve in (PQ, HLG):
        return (primaries, curve)
    return numbered(primaries, curve if curve in CURVES else 13)


def wants_grey(image: Image.Image, meaning: Meaning) -> bool:
    """Whether the meaning is one of grey alone, so that the picture must stay grey until it is applied."""
    return image.mode in _GREY and isinstance(meaning, bytes) and meaning[16:20] == b"GRAY"


def to_srgb(image: Image.Image, meaning: Meaning) -> Image.Image:
    """RGB, RGBA, L, LA or CMYK of this meaning as sRGB: RGB, or RGBA."""
    if image.mode == "LA":
        coloured = to_srgb(image.getchannel("L"), meaning)
        coloured.putalpha(image.getchannel("A"))
        return coloured
    target = "RGBA" if image.mode == "RGBA" else "RGB"
    if isinstance(meaning, tuple):
        return image.convert(target).filter(toned_down(*meaning))
    if meaning:
        try:
            change = _change(meaning, image.mode, target)
            return image.convert(target) if change is None else ImageCms.applyTransform(image, change) or image
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return image.convert(target)
    return image if image.mode == target else image.convert(target)


def _change(profile: bytes, mode: str, target: str) -> Any:
    """None if nobody would see a difference: its name tells nothing of what is in a profile."""
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    change = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, target)
    if mode not in ("RGB", "RGBA"):
        return change
    probe = Image.new(mode, (64, 1))
    probe.putdata([(*colour, 255)[: len(mode)] for colour in product((0, 60, 140, 255), repeat=3)])
    after = ImageCms.applyTransform(probe, change)
    extremes = ImageChops.difference(probe, after).getextrema() if after else ()
    return change if any(high > _UNSEEN for _, high in extremes) else None  # type: ignore[misc]
