"""Pixels to smaller pixels: any mode in, upright sRGB out, in little memory.

A decoded picture takes four bytes a pixel, and making it smaller in one go would want half as much again for what
lies between the two passes. So it is done in strips, each brought to the right mode by itself: nothing as large as
the picture is ever made a second time.
"""

import math
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

_STRIP = 2**18  # pixels of the source, or one row of the result
# Made for shrinking, and half as dear as BICUBIC; against LANCZOS from the full picture no thumbnail loses a thing that
# can be seen (46 dB and more, on grain).
_FILTER = Image.Resampling.HAMMING
_REACH = 2  # pixels of the source that the filter may look at, times the scale, beside its own place
_WHITE = (255, 255, 255)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def is_turned(orientation: int) -> bool:
    """Whether this EXIF orientation swaps width and height."""
    return orientation in (5, 6, 7, 8)


def fitted(size: tuple[int, int], width: int) -> tuple[int, int]:
    """The size with at most this width, in the same proportions, never larger."""
    if size[0] <= width:
        return size
    return width, max(1, round(size[1] * width / size[0]))


def shrunk(image: Image.Image, width: int, orientation: int) -> Image.Image:
    """A loaded picture, of any mode, made to be of at most `width` once it is upright: RGB or CMYK, not yet turned."""
    turned = is_turned(orientation)
    size = fitted(image.size[::-1] if turned else image.size, width)
    return _in_strips(image, size[::-1] if turned else size)


def upright(image: Image.Image, profile: Any, orientation: int) -> Image.Image:
    """RGB or CMYK of this colour profile and EXIF orientation as upright sRGB."""
    flat = _srgb(image, profile)
    return flat.transpose(_TURNS[orientation]) if orientation in _TURNS else flat


def smaller(image: Image.Image, width: int) -> Image.Image:
    """An already reduced picture, reduced again if it is wider."""
    return image if image.width <= width else image.resize(fitted(image.size, width), _FILTER)


def _in_strips(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    flat = _flattener(image)
    result = Image.new("CMYK" if image.mode == "CMYK" else "RGB", size)
    scale = image.height / size[1]
    rows = max(1, int(_STRIP / (image.width * scale)))
    for top in range(0, size[1], rows):
        bottom = min(top + rows, size[1])
        first, last = top * scale, min(bottom * scale, image.height)
        source, above = image, 0
        if flat:
            above = max(0, math.floor(first - _REACH * scale) - 1)
            below = min(image.height, math.ceil(last + _REACH * scale) + 1)
            source = flat(image.crop((0, above, image.width, below)))
        box = (0, first - above, image.width, last - above)
        result.paste(source.resize((size[0], bottom - top), _FILTER, box), (0, top))
    return result


def _flattener(image: Image.Image) -> Callable[[Image.Image], Image.Image] | None:
    """How a strip of this picture comes to RGB; None if it is (or is CMYK, whose profile wants it so)."""
    if image.mode.startswith("I"):
        return _from_16_bit
    if image.has_transparency_data:
        return _on_white
    return None if image.mode in ("RGB", "CMYK") else _to_rgb


def _to_rgb(strip: Image.Image) -> Image.Image:
    return strip.convert("RGB")


def _from_16_bit(strip: Image.Image) -> Image.Image:
    """Pillow clips sixteen bits of grey where it should scale them."""
    return strip.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")


def _on_white(strip: Image.Image) -> Image.Image:
    inked = strip.convert("RGBA")
    sheet = Image.new("RGB", strip.size, _WHITE)
    sheet.paste(inked, mask=inked.getchannel("A"))
    return sheet


def _srgb(image: Image.Image, profile: Any) -> Image.Image:
    """Through the colour profile, if it is one and fits the picture's mode; else as if it were sRGB already."""
    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if not _is_srgb(source):
                target = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
                return converted or image.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image.convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    return "srgb" in (profile.profile.profile_description or "").lower()
