"""From an opened file to pixels that mean what browsers think they mean: the right frame, way up, and transparency."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageChops, ImageFile

from generator.imaging import png
from generator.imaging.colours import Meaning, meaning_of, to_srgb, wants_grey
from generator.imaging.mending import prime
from generator.imaging.opening import DEEP, opened
from generator.imaging.scaling import is_turned, shrunk, upright

_ORIENTATION = 0x0112
# Browsers turn by the EXIF of these; that of an AVIF is what its plugin makes of `irot` and `imir`. The decoders of
# TIFF, HEIC and JPEG XL turn by themselves.
_TURNED_BY_EXIF = ("JPEG", "MPO", "PNG", "AVIF")
_SIP = 2**20  # the most that a limited file gives at once
_GREYS = {"L;2": 85, "L;4": 17}  # steps of two and four bits, of 255


@dataclass
class Decoded:
    """A picture whose pixels are in memory, not yet upright, and in the colours of `meaning`."""

    image: Image.Image | None
    format: str
    size: tuple[int, int]  # as displayed
    meaning: Meaning
    orientation: int
    is_in_passes: bool  # each goes over all rows anew: a picture that ends too early is a coarse one

    def reduced(self, width: int) -> Image.Image:
        """A copy of at most this width, upright, in sRGB. Once: the full picture lives no longer than this call."""
        image, self.image = self.image, None
        assert image  # noqa: S101 # nosec B101
        small = shrunk(image, width, self.orientation, is_grey=wants_grey(image, self.meaning))
        if small is not image:
            image.close()
        return upright(to_srgb(small, self.meaning), self.orientation)


def decode(file: BinaryIO, image: ImageFile.ImageFile, max_pixels: int, filling: int | None = None) -> Decoded:
    """Read the pixels of an opened picture, over this value if one is given."""
    format_, turn, meaning = image.format or "", orientation(image), meaning_of(image, file)
    shown = _shown_first(file, image, max_pixels)
    if isinstance(shown, ImageFile.ImageFile):
        is_keyed = has_deep_key(shown)
        _prepare(shown)
        if filling is not None:
            prime(shown, filling)
        shown.load()
        if is_keyed:
            _make_clear(shown, file)
    size = shown.size[::-1] if is_turned(turn) else shown.size
    return Decoded(shown, format_, size, meaning, turn, bool({"progressive", "interlace"} & shown.info.keys()))


def orientation(image: Image.Image) -> int:
    """As browsers see it: of EXIF that came before the pixels, which have not been read yet; XMP says nothing."""
    data = image.info.get("exif")
    if not isinstance(data, bytes) or image.format not in _TURNED_BY_EXIF:
        return 1
    exif = Image.Exif()
    try:
        exif.load(data)
        value = exif.get(_ORIENTATION)
    except Exception:  # noqa: BLE001 (damaged EXIF raises anything, and is no reason to lose a picture)
        return 1
    return value if isinstance(value, int) else 1


def _prepare(image: ImageFile.ImageFile) -> None:
    """Pillow makes eight bits of two or four bits of grey, but not of the one that stands for nothing."""
    clear = image.info.get("transparency")
    if image.format == "PNG" and isinstance(clear, int) and image.tile and image.tile[0][3] in _GREYS:
        image.info["transparency"] = clear * _GREYS[str(image.tile[0][3])] & 0xFF


def has_deep_key(image: ImageFile.ImageFile) -> bool:
    """Before the pixels are read."""
    clear = image.info.get("transparency")
    return image.format == "PNG" and isinstance(clear, tuple) and bool(image.tile) and image.tile[0][3] == DEEP


def _make_clear(image: ImageFile.ImageFile, file: BinaryIO) -> None:
    """Of colours of three times sixteen bits Pillow reads the higher eight; all of them say which is transparent."""
    file.seek(0)
    low = Image.open(file, formats=("PNG",))
    low.tile = [tile._replace(args="RGB;16L") for tile in low.tile]
    low.load()
    key = image.info.pop("transparency")
    halves = [(image, [value >> 8 for value in key]), (low, [value & 0xFF for value in key])]
    same = Image.new("L", image.size, 255)
    for half, wanted in halves:
        for band, value in zip(half.split(), wanted, strict=True):
            same = ImageChops.darker(same, band.point([255 if n == value else 0 for n in range(256)]))
    image.putalpha(ImageChops.invert(same))


def _shown_first(file: BinaryIO, image: ImageFile.ImageFile, max_pixels: int) -> Image.Image:
    """Of an animation whose default picture is none of its frames, the first frame; else the picture itself."""
    if not getattr(image, "default_image", False):
        return image
    before = file.tell()
    file.seek(0)
    frame = png.first_shown(b"".join(iter(lambda: file.read(_SIP), b"")))
    file.seek(before)
    if frame is None:
        return image
    first, _ = opened(BytesIO(frame.png), max_pixels, ("PNG",))
    if (first.size, frame.place) == (frame.canvas, (0, 0)):
        return first
    _prepare(first)
    sheet = Image.new("RGBA", frame.canvas)
    sheet.paste(first.convert("RGBA"), frame.place)
    return sheet
