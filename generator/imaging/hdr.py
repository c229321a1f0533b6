"""Pictures brighter than white (PQ and HLG, ITU-R BT.2100), toned down as browsers do it on an ordinary screen.

The curve is what Chromium draws of a ramp of grey; it looks at the largest of the three colours in BT.2020, so that
hues stay.
"""

from __future__ import annotations

from bisect import bisect
from functools import lru_cache
from math import exp

from PIL import ImageFilter

from generator.imaging.icc import HLG, PRIMARIES, inverse, product, times, to_xyz

_WHITE = 203  # cd/m², of a white page (ITU-R BT.2408)
_HLG_PEAK = 1000
_STEPS = 33
# Brightness in whites of a page, and what is shown of it. Below and above these: half, and white.
_TONES = (
    (0.8577, 0.4287), (0.9972, 0.4969), (1.1581, 0.5647), (1.3436, 0.6172), (1.5576, 0.6654), (1.8042, 0.7157),
    (2.0885, 0.7605), (2.4161, 0.7991), (2.7938, 0.8469), (3.229, 0.8879), (3.7308, 0.9216), (4.3094, 0.9647),
    (4.9767, 1.0),
)  # fmt: skip
_WIDE = PRIMARIES[9]


@lru_cache(maxsize=4)
def toned_down(primaries: int, curve: int) -> ImageFilter.Color3DLUT:
    """What makes sRGB of RGB in these numbers of ITU-T H.273."""
    to_wide = product(inverse(to_xyz(_WIDE)), to_xyz(PRIMARIES.get(primaries, _WIDE)))
    to_srgb = product(inverse(to_xyz(PRIMARIES[1])), to_xyz(_WIDE))
    whites = _pq if curve != HLG else _hlg

    def shown(red: float, green: float, blue: float) -> tuple[float, ...]:
        light = times(to_wide, whites((red, green, blue)))
        gain = _gain(max(light))
        return tuple(_coded(value) for value in times(to_srgb, [value * gain for value in light]))

    return ImageFilter.Color3DLUT.generate(_STEPS, shown)


def _pq(signal: tuple[float, ...]) -> list[float]:
    powers = [value ** (1 / 78.84375) for value in signal]
    return [
        (max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125) * 10_000 / _WHITE
        for power in powers
    ]


def _hlg(signal: tuple[float, ...]) -> list[float]:
    scene = [
        value**2 / 3 if value <= 0.5 else (exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12 for value in signal
    ]
    luma = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2]
    gain = luma**0.2 * _HLG_PEAK / _WHITE
    return [value * gain for value in scene]


def _gain(brightest: float) -> float:
    """How much of it is shown."""
    if brightest <= _TONES[0][0]:
        return 0.5
    if brightest >= _TONES[-1][0]:
        return 1 / brightest
    place = bisect(_TONES, (brightest, 9.0))
    (x0, y0), (x1, y1) = _TONES[place - 1], _TONES[place]
    return (y0 + (y1 - y0) * (brightest - x0) / (x1 - x0)) / brightest


def _coded(light: float) -> float:
    light = min(max(light, 0.0), 1.0)
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
