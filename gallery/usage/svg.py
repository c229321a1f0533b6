"""Bar charts: where each shape stands. `usage/_drawing.html` writes them as SVG, the style sheet colours them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

# In units of the drawing, which is stretched to its place: letters of a size that the style sheet chooses.
WIDE, NARROW, HEIGHT = 960, 560, 280
TALL = 360  # as wide as a phone, on which a wider drawing would be a thin strip
LETTER = {WIDE: 8.0, NARROW: 7.5, TALL: 6.5}
MARGIN, GAP, FOOT = 6, 8, 26
# A few figures shall not become one wall.
THICKEST, FLATTEST = 64, 18
Series = Mapping[str, Sequence[int]]


class Text(NamedTuple):
    """`place` is where it stands: `beside` the plot or `below` it."""

    place: str
    x: str
    y: str
    words: str


class Area(NamedTuple):
    """A clear one over a column or a row; it tells the figures to whoever points at it."""

    x: str
    y: str
    width: str
    height: str
    told: str


@dataclass(frozen=True)
class Drawing:
    """`bars` is a path for each series. Numbers are written out: a template would write them as a language does."""

    title: str
    width: int
    height: int
    guides: str
    bars: Sequence[str]
    texts: Sequence[Text]
    areas: Sequence[Area]


def columns(title: str, labels: Sequence[str], series: Series, width: int) -> Drawing:
    """A standing column for each label, the series on top of each other; as many labels as there is room for."""
    ticks = scale(max(map(sum, zip(*series.values(), strict=True))), 6)
    left, right, bottom = MARGIN + _room(map(_number, ticks), width), width - MARGIN, HEIGHT - FOOT
    each, unit = (right - left) / len(labels), (bottom - GAP) / ticks[-1]
    thick = min(each * 0.8, THICKEST)
    middles = [left + each * (place + 0.5) for place in range(len(labels))]
    below, paths = [0] * len(labels), []
    for values in series.values():
        stacked = zip(middles, below, values, strict=True)
        paths.append(
            "".join(_column(x, bottom - low * unit, value * unit, thick) for x, low, value in stacked if value)
        )
        below = [low + value for low, value in zip(below, values, strict=True)]
    every = ceil(len(labels) * _room(labels, width) / (right - left))
    texts = [Text("beside", _at(left - GAP), _at(bottom - tick * unit), _number(tick)) for tick in ticks]
    texts += [Text("below", _at(middles[i]), _at(HEIGHT - GAP), labels[i]) for i in range(0, len(labels), every)]
    guides = "".join(f"M{left:.1f} {bottom - tick * unit:.1f}H{right}" for tick in ticks)
    told = zip(middles, _told(labels, series), strict=True)
    areas = [Area(_at(x - each / 2), "0", _at(each), str(bottom), words) for x, words in told]
    return Drawing(title, width, HEIGHT, guides, paths, texts, areas)


def rows(title: str, labels: Sequence[str], series: Series, width: int) -> Drawing:
    """A few lying bars for each label, the series beneath each other; room for long words beside them."""
    height = max(HEIGHT, GAP + 40 * len(labels) + FOOT)
    ticks = scale(max(map(max, series.values())), 4)
    left, right, bottom = MARGIN + _room(labels, width), width - 3 * MARGIN, height - FOOT
    each, unit = (bottom - GAP) / len(labels), (right - left) / ticks[-1]
    flat = min(each * 0.8 / len(series), FLATTEST)
    middles = [GAP + each * (place + 0.5) for place in range(len(labels))]
    paths = []
    for place, values in enumerate(series.values()):
        tops = [y + flat * (place - len(series) / 2) for y in middles]
        paths.append(
            "".join(_row(left, y, value * unit, flat * 0.9) for y, value in zip(tops, values, strict=True) if value)
        )
    texts = [Text("beside", _at(left - GAP), _at(y), label) for y, label in zip(middles, labels, strict=True)]
    texts += [Text("below", _at(left + tick * unit), _at(height - GAP), _number(tick)) for tick in ticks]
    guides = "".join(f"M{left + tick * unit:.1f} {GAP}V{bottom}" for tick in ticks)
    told = zip(middles, _told(labels, series), strict=True)
    areas = [Area("0", _at(y - each / 2), str(width), _at(each), words) for y, words in told]
    return Drawing(title, width, height, guides, paths, texts, areas)


def scale(most: int, steps: int) -> list[int]:
    """Round numbers from 0 to `most` or a little above, in so many steps or fewer. There is no half a call."""
    power = int(10 ** (len(str(most // steps)) - 1))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step * steps >= most)
    return list(range(0, most + step, step))


def _column(middle: float, bottom: float, height: float, thick: float) -> str:
    return f"M{middle - thick / 2:.1f} {bottom:.1f}v{-height:.1f}h{thick:.1f}v{height:.1f}z"


def _row(left: float, top: float, length: float, flat: float) -> str:
    return f"M{left:.1f} {top:.1f}h{length:.1f}v{flat:.1f}h{-length:.1f}z"


def _room(words: Iterable[str], width: int) -> float:
    """What the longest of these words takes, with a gap; half of the drawing is left in any case."""
    return min(max(map(len, words)) * LETTER[width] + GAP, width / 2)


def _told(labels: Sequence[str], series: Series) -> list[str]:
    """Everything about each label, such as `2 Nov: flux 1,250, kandinsky 3`."""
    found = []
    for place, label in enumerate(labels):
        parts = [f"{name} {_number(values[place])}" for name, values in series.items() if values[place]]
        found.append(f"{label}: {', '.join(parts) or 'none'}")
    return found


def _number(value: int) -> str:
    return f"{value:,}"


def _at(place: float) -> str:
    return f"{place:.1f}"
