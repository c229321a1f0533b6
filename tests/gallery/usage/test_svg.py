"""Bars are as long as their figures say, and everything that is drawn has its place."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.template import engines
from django.utils import translation

from gallery.usage import svg

LABELS = ["1 Nov", "2 Nov", "3 Nov"]
SERIES = {"flux": [1200, 0, 300], "kandinsky": [0, 0, 900]}
DRAWERS = [(svg.columns, svg.WIDE), (svg.columns, svg.TALL), (svg.rows, svg.NARROW), (svg.rows, svg.TALL)]
DRAW = pytest.mark.parametrize(("draw", "width"), DRAWERS)
Draw = Callable[..., svg.Drawing]


def standing(path: str) -> list[tuple[float, float]]:
    """The bottom and the height of each column."""
    return [(float(bottom), float(height)) for bottom, height in re.findall(r"M\S+ (\S+?)v-(\S+?)h", path)]


def lengths(path: str) -> list[float]:
    return [float(length) for length in re.findall(r"h(\d+\.\d)v", path)]


def test_columns_are_as_high_as_their_figures_and_stand_on_each_other() -> None:
    first, second = map(standing, svg.columns("Calls", LABELS, SERIES, svg.WIDE).bars)
    assert len(first) == 2, "nothing is drawn for nothing"
    assert first[1][1] * 4 == pytest.approx(first[0][1], abs=1)
    assert second[0][1] == pytest.approx(first[1][1] * 3, abs=1)
    assert second[0][0] == pytest.approx(first[1][0] - first[1][1], abs=0.2)


def test_rows_are_as_long_as_their_figures() -> None:
    first, second = map(lengths, svg.rows("Failures", LABELS, SERIES, svg.NARROW).bars)
    assert first[0] == pytest.approx(first[1] * 4, abs=1)
    assert second == [pytest.approx(first[1] * 3, abs=1)]


@DRAW
def test_pointing_at_a_place_tells_its_figures(draw: Draw, width: int) -> None:
    told = [area.told for area in draw("Calls", LABELS, SERIES, width).areas]
    assert told == ["1 Nov: flux 1,200", "2 Nov: none", "3 Nov: flux 300, kandinsky 900"]


@DRAW
@pytest.mark.parametrize("most", [1, 12, 10**7])
@pytest.mark.parametrize("count", [1, 53, 366])
def test_whatever_the_figures_all_shapes_are_within_the_drawing(draw: Draw, width: int, most: int, count: int) -> None:
    dice = random.Random(count)
    labels = [f"{place} Nov 2025" for place in range(count)]
    drawn = draw("Calls", labels, {name: [most, *dice.choices([0, 1, most], k=count - 1)] for name in "abcdef"}, width)
    for path in drawn.bars:
        for x, y in re.findall(r"M(\S+) ([\d.]+)", path):
            assert 0 <= float(x) <= drawn.width
            assert 0 <= float(y) <= drawn.height
    for bottom, height in (each for path in drawn.bars for each in standing(path)):
        assert bottom - height >= 0
    assert all(0 <= float(text.x) <= drawn.width and 0 <= float(text.y) <= drawn.height for text in drawn.texts)
    assert len(drawn.areas) == count


@pytest.mark.parametrize("count", [1, 7, 31, 92, 366])
@pytest.mark.parametrize("width", [svg.WIDE, svg.NARROW, svg.TALL])
def test_labels_do_not_run_into_each_other(count: int, width: int) -> None:
    drawn = svg.columns("Calls", ["24 Nov 2025"] * count, {"flux": [1] * count}, width)
    places = [float(text.x) for text in drawn.texts if text.place == "below"]
    assert all(after - before > 11 * svg.LETTER[width] for before, after in pairwise(places))


def test_a_few_figures_are_no_wall() -> None:
    (path,) = svg.columns("Calls", ["Today"], {"flux": [3]}, svg.WIDE).bars
    assert lengths(path) == [svg.THICKEST]


@pytest.mark.parametrize(
    ("most", "steps", "ticks"),
    [
        (1, 6, [0, 1]),
        (5, 6, [0, 1, 2, 3, 4, 5]),
        (7, 6, [0, 2, 4, 6, 8]),
        (120, 6, [0, 20, 40, 60, 80, 100, 120]),
        (121, 6, [0, 50, 100, 150]),
        (9, 4, [0, 5, 10]),
        (1000, 4, [0, 500, 1000]),
    ],
)
def test_a_scale_has_round_numbers(most: int, steps: int, ticks: list[int]) -> None:
    assert svg.scale(most, steps) == ticks


@pytest.mark.parametrize("steps", [1, 4, 6])
def test_a_scale_reaches_what_it_measures_and_no_step_further(steps: int) -> None:
    for most in [*range(1, 300), 999_999, 10**6, 10**6 + 1, 10**12]:
        ticks = svg.scale(most, steps)
        assert ticks[-2] < most <= ticks[-1]
        assert len(ticks) <= steps + 1


@DRAW
def test_what_is_written_is_svg_that_a_strict_policy_lets_through(draw: Draw, width: int) -> None:
    """And that no language changes: a comma would end a number."""
    with translation.override("de"):
        drawing = draw("Calls & <more>", ["<b>", "ä"], {'"': [1, 1234]}, width)
        text = engines["jinja2"].env.get_template("usage/_drawing.html").module.drawing(drawing)  # type: ignore[attr-defined]
    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", "Calls & <more>")
    assert [child.tag for child in root][:2] == ["title", "desc"]
    assert not {"style", "script"} & {child.tag for child in root.iter()}
    assert not any(name.startswith(("style", "on")) for child in root.iter() for name in child.attrib)
    assert root.findall(".//rect/title")[1].text == 'ä: " 1,234'
