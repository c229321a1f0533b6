"""Seven colours that go together: picked from a small set, or mixed around the colours that a prompt names."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING, NamedTuple

from generator.sandbox.drawing.words import COLOURS, MOODS, vocabulary

if TYPE_CHECKING:
    from random import Random

Colour = tuple[int, int, int]


class Palette(NamedTuple):
    """From the darkest to the lightest, two colours that stand out against them, and the coat of an animal."""

    ink: Colour
    deep: Colour
    mid: Colour
    soft: Colour
    light: Colour
    accent: Colour
    second: Colour
    coat: Colour

    def sun(self) -> Colour:
        """The warmer of the two colours that stand out."""
        return max(self.accent, self.second, key=lambda colour: colour[0] - colour[2])

    def tone(self, darkness: float) -> Colour:
        """A colour on the way from `light` (0) to `ink` (1)."""
        steps = (self.light, self.soft, self.mid, self.deep, self.ink)
        place = min(max(darkness, 0.0), 1.0) * 4
        low = min(int(place), 3)
        return mix(steps[low], steps[low + 1], place - low)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with a share (0 to 1) of `second` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _colour(code: str) -> Colour:
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


def _hex(text: str) -> Palette:
    ink, deep, mid, soft, light, accent, second = (_colour(code) for code in text.split())
    return Palette(ink, deep, mid, soft, light, accent, second, coat=ink)


PALETTES = {
    "dawn": _hex("1f2041 4b3f72 8a5a83 e8a598 fde8d7 f26b5b f6c177"),
    "fjord": _hex("0f2233 1d4a5f 3f7d8c 9cc5c1 f1efe2 e8743b f2b950"),
    "moss": _hex("17241c 2f4a34 5f7f4f a9bd86 f3efd9 d9643a e9b44c"),
    "clay": _hex("2b1a1d 6b2d2a b5533c e3a275 f8e9d6 2f6f73 e6b655"),
    "indigo": _hex("12142b 272a63 4c56a6 9fa9dd eef0fb ff8f6b ffd479"),
    "plum": _hex("220f26 552451 98436f dd93a0 fbe9e4 f4a259 5b8e7d"),
    "ochre": _hex("231a10 5e4220 ad7b2e e2bd6d faf1da 2d5d6b c4472f"),
    "mint": _hex("0e2a2b 1e5555 3f9487 a6d8c3 f4f8ec ff6f59 f7c85b"),
    "slate": _hex("1a1f26 3a4653 6d7f8f b4c1c8 f2f1ec d1583e e3b04b"),
    "rose": _hex("2a1626 703150 c25b75 f0aea6 fdf0e6 3c7d83 f3b664"),
    "lagoon": _hex("0b1d36 0f4c75 3282b8 94cfe0 f2f7f3 ff7e67 ffc857"),
    "dusk": _hex("1b1230 43286b 8b4c9d e58fb1 ffe3d0 ffb25e 55b6b2"),
}

_INK, _PAPER = (18, 20, 32), (252, 247, 236)


_COLOURS = [(_colour(code), pattern) for code, pattern in vocabulary(COLOURS)]
_MOODS = [(names.split(), pattern) for names, pattern in vocabulary(MOODS)]


def named_colours(words: list[str]) -> list[Colour]:
    """The colours that a prompt names, in the order of the prompt, each once."""
    found: dict[Colour, None] = {}
    for word in words:
        for colour, pattern in _COLOURS:
            if pattern.match(word):
                found[colour] = None
    return list(found)


def palette_for(words: list[str], rng: Random, *, figure: bool = False) -> Palette:
    """The palette for a prompt: its colours if it names any, else its mood, else chance.

    With `figure`, the first colour named becomes the accent (and the coat) in a palette chosen as if none were named.
    """
    colours = named_colours(words)
    if colours and not figure:
        return _around(colours)
    palette = _by_mood(words, rng)
    if colours:
        palette = palette._replace(accent=colours[0], coat=colours[0])
    return palette._replace(second=colours[1]) if len(colours) > 1 else palette


def _by_mood(words: list[str], rng: Random) -> Palette:
    for choices, pattern in _MOODS:
        if any(pattern.match(word) for word in words):
            return PALETTES[rng.choice(choices)]
    return PALETTES[rng.choice(sorted(PALETTES))]


def _around(colours: list[Colour]) -> Palette:
    """A palette whose middle is the first colour named and whose accents are the others."""
    main, *others = colours
    grey = max(main) - min(main) < 24
    hue, lightness, _saturation = colorsys.rgb_to_hls(*(v / 255 for v in main))
    accent = others[0] if others else (_turn(0.09, 0.58, 0.75) if grey else _turn(hue + 0.46, 0.62, 0.62))
    warm = not grey and 0.03 < hue < 0.19
    second = (
        others[1] if len(others) > 1 else mix(_turn(0.02 if warm else 0.115, 0.66, 0.2 if grey else 0.8), main, 0.12)
    )
    mid = mix(main, _INK, 0.45) if lightness > 0.85 else main
    soft = main if lightness > 0.85 else mix(main, _PAPER, 0.5)
    return Palette(
        ink=mix(main, _INK, 0.84 if lightness > 0.2 else 0.5),
        deep=mix(mid, _INK, 0.5),
        mid=mid,
        soft=soft,
        light=mix(main, _PAPER, 0.84),
        accent=accent,
        second=second,
        coat=main,
    )


def _turn(hue: float, lightness: float, saturation: float) -> Colour:
    red, green, blue = (round(v * 255) for v in colorsys.hls_to_rgb(hue % 1, lightness, saturation))
    return red, green, blue
