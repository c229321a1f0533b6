"""The colours that a picture is made of, by name: of two dozen, those that take up most of it.

Which name a colour goes by is the nearest one's in OKLab (B. Ottosson, "A perceptual color space for image processing",
2020), where hue counts for more than lightness: a shadow on a red wall is red.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from PIL import Image

from generator.imaging.copies import on_grey

# In the order of a rainbow behind those without a hue. The first of each is the one to show; the others are what people
# call by the same name. No name is part of another, so that one is found in several by its letters.
COLOURS: dict[str, tuple[int, ...]] = {
    "black": (0x0D0D0F,),
    "grey": (0x7D7D7D, 0x4A4A4A),
    "silver": (0xBDBDBD, 0xD8DBD8),
    "white": (0xF7F7F5,),
    "pink": (0xF2A7BD, 0xF2A08F),
    "red": (0xD42A26,),
    "maroon": (0x6F1520,),
    "brown": (0x6D4526, 0x9A7350),
    "orange": (0xEE7D1E,),
    "sand": (0xC9AB7C,),
    "cream": (0xF2E4C6,),
    "yellow": (0xF4D325,),
    "olive": (0x75722C,),
    "lime": (0xA6D638,),
    "green": (0x349A40,),
    "forest": (0x1E4A2C,),
    "teal": (0x137D79, 0x2F5560),
    "turquoise": (0x3CCFCB,),
    "sky": (0x8CC3EC,),
    "blue": (0x2D62D3, 0x4479B5),
    "navy": (0x16265A, 0x0A0F80),
    "purple": (0x7339AC,),
    "lavender": (0xB9A4E2,),
    "magenta": (0xCF2F97,),
}
MOST = 3
_SIDE = 48
# Of the most common one.
_LEAST_SHARE = 0.12
# Something in full colour is seen before something grey of twice its size.
_VIVID = 5.0
_HUE = 8.0
Lab = tuple[float, float, float]


def palette(image: Image.Image) -> str:
    """One to MOST of COLOURS with blanks between them, the one that there is most of first."""
    tiny = on_grey(image).convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    found: defaultdict[str, float] = defaultdict(float)
    # In steps of sixteen, so that many spots are of one colour.
    for count, spot in tiny.point(lambda value: value & 0xF0 | 8).getcolors(_SIDE**2) or ():
        name, weight = _named(spot)
        found[name] += count * weight
    most = sorted(found, key=lambda name: found[name], reverse=True)[:MOST]
    return " ".join(name for name in most if found[name] >= found[most[0]] * _LEAST_SHARE)


@cache
def _named(spot: tuple[int, int, int]) -> tuple[str, float]:
    """A colour's name, and how much one spot of it counts. Of 4,096 at most."""
    own = _oklab(spot)
    chroma = (own[1] ** 2 + own[2] ** 2) ** 0.5
    return min(_prototypes(), key=lambda each: _apart(own, each[1]))[0], 1 + _VIVID * chroma


@cache
def _prototypes() -> list[tuple[str, Lab]]:
    return [(name, _oklab((it >> 16, it >> 8 & 255, it & 255))) for name, some in COLOURS.items() for it in some]


def _apart(one: Lab, other: Lab) -> float:
    light, green_red, blue_yellow = (a - b for a, b in zip(one, other, strict=True))
    return light**2 + _HUE * (green_red**2 + blue_yellow**2)


def _oklab(spot: tuple[int, int, int]) -> Lab:
    """Lightness from 0 to 1; green to red and blue to yellow, each from about -0.3 to 0.3."""
    r, g, b = map(_light, spot)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _light(value: int) -> float:
    """How much light a level of sRGB is, from 0 to 1."""
    level = value / 255
    return level / 12.92 if level <= 0.04045 else float(((level + 0.055) / 1.055) ** 2.4)
