"""Pixels to smaller pixels: any mode in, RGB or RGBA (or what a colour profile wants) out, in little memory.

A decoded picture takes four bytes a pixel, and making it smaller in one go would want half as much again for what
lies between the two passes. So it is done in strips, each brought to the right mode by itself: nothing as large as
the picture is made a second time, unless a picture that must change its mode stays as large as it is.
"""

import math
from collections.abc import Callable

from PIL import Image

# A copy has at most as many pixels as the API's largest picture, and sides that a WebP can have. So the copy that may
# be `FULL` wide is as large as the picture itself, except for pictures that no page could show whole anyway.
FULL = 16_383
MOST_PIXELS = 1344 * 3168
_STRIP = 2**18  # pixels of the source, or one row of the result
# Made for shrinking, and half as dear as BICUBIC; against LANCZOS from the full picture no thumbnail loses a thing that
# can be seen (46 dB and more, on grain).
_FILTER = Image.Resampling.HAMMING
_REACH = 2  # pixels of the source that the filter may look at, times the scale, beside its own place

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


def upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def fitted(size: tuple[int, int], width: int) -> tuple[int, int]:
    """The size of a copy of at most this width, in the same proportions, never larger than the picture."""
    own, height = size
    fitting = min(own, width, math.isqrt(MOST_PIXELS * own // height), max(1, FULL * own // height))
    fitting = max(1, fitting)
    return fitting, min(FULL, max(1, round(height * fitting / own)))


def shrunk(image: Image.Image, width: int, orientation: int, *, is_grey: bool = False) -> Image.Image:
    """A loaded picture, of any mode, made to be of at most `width` once it is upright; not yet turned.

    RGB, RGBA if something of it can be seen through, or CMYK; L or LA if it has to stay grey. It is the picture itself
    if nothing had to be done.
    """
    turned = is_turned(orientation)
    size = fitted(image.size[::-1] if turned else image.size, width)
    return _in_strips(image, size[::-1] if turned else size, *_way(image, is_grey=is_grey))


def smaller(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """An already reduced picture, reduced again to this size."""
    return _in_strips(image, size, image.mode, None)


def _in_strips(
    image: Image.Image, size: tuple[int, int], mode: str, change: Callable[[Image.Image], Image.Image] | None
) -> Image.Image:
    if size == image.size and not change:
        return image
    result = Image.new(mode, size)
    scale = image.height / size[1]
    rows = max(1, int(_STRIP / (image.width * scale)))
    for top in range(0, size[1], rows):
        bottom = min(top + rows, size[1])
        first, last = top * scale, min(bottom * scale, image.height)
        source, above = image, 0
        if change or mode in ("RGBA", "LA"):  # of these, resizing makes a copy of whatever it is given
            above = max(0, math.floor(first - _REACH * scale) - 1)
            below = min(image.height, math.ceil(last + _REACH * scale) + 1)
            source = image.crop((0, above, image.width, below))
            source = change(source) if change else source
        box = (0, first - above, image.width, last - above)
        result.paste(source.resize((size[0], bottom - top), _FILTER, box), (0, top))
    return result


def _way(image: Image.Image, *, is_grey: bool) -> tuple[str, Callable[[Image.Image], Image.Image] | None]:
    """The mode to bring a picture to, and how a strip of it comes there; None if it is of that mode already."""
    is_clear = image.has_transparency_data
    mode = "CMYK" if image.mode == "CMYK" else ("LA" if is_grey else "RGBA") if is_clear else "L" if is_grey else "RGB"
    if image.mode.startswith("I") or image.mode == "F":
        return mode, _from_16_bit(image.info.get("transparency"), mode)
    return mode, None if image.mode == mode else lambda strip: strip.convert(mode)


def _from_16_bit(clear: object, mode: str) -> Callable[[Image.Image], Image.Image]:
    """Pillow clips sixteen bits of grey where it should scale them, and knows no transparent one among them."""

    def change(strip: Image.Image) -> Image.Image:
        deep = strip.convert("I")
        flat = deep.point(lambda value: value / 256).convert("L")
        if isinstance(clear, int) and mode in ("LA", "RGBA"):
            ink = bytes(255 if value != clear else 0 for value in range(2**16))
            flat.putalpha(deep.point(list(ink), "L"))
        return flat.convert(mode)

    return change
