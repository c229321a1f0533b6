"""A picture's colours are those that people would name."""

from __future__ import annotations

from itertools import permutations

import pytest
from PIL import Image, ImageDraw

from generator.imaging.palette import COLOURS, MOST, palette


def striped(*colours: tuple[str, int]) -> Image.Image:
    """Stripes of these colours, so many pixels high."""
    image = Image.new("RGB", (320, sum(height for _, height in colours)))
    top = 0
    for colour, height in colours:
        ImageDraw.Draw(image).rectangle((0, top, 320, top + height), colour)
        top += height
    return image


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#c81e1e", "red"),
        ("#ffa500", "orange"),
        ("#ffff00", "yellow"),
        ("#008080", "teal"),
        ("#87ceeb", "sky"),
        ("#000080", "navy"),
        ("#4682b4", "blue"),
        ("#800080", "purple"),
        ("#d2b48c", "sand"),
        ("#808000", "olive"),
        ("#1e1e20", "black"),
        ("#6e6e72", "grey"),
        ("#ffffff", "white"),
    ],
)
def test_a_sheet_of_one_colour_is_called_what_it_is(colour: str, name: str) -> None:
    assert palette(Image.new("RGB", (320, 200), colour)) == name


@pytest.mark.parametrize("name", COLOURS)
def test_each_name_goes_to_its_own_colours(name: str) -> None:
    for colour in COLOURS[name]:
        assert palette(Image.new("RGB", (64, 64), f"#{colour:06x}")) == name


def test_the_most_common_come_first_and_what_is_hardly_there_not_at_all() -> None:
    image = striped(("#2d62d3", 100), ("#d42a26", 70), ("#f7f7f5", 60), ("#349a40", 4))
    assert palette(image) == "blue red white"
    assert len(palette(striped(*((f"#{some[0]:06x}", 20) for some in COLOURS.values()))).split()) == MOST


def test_something_in_full_colour_is_seen_before_a_grey_wall_of_some_more() -> None:
    assert palette(striped(("#7d7d7d", 120), ("#d42a26", 80))) == "red grey"


def test_what_can_be_seen_through_is_grey_and_greys_have_colours_too() -> None:
    assert palette(Image.new("RGBA", (64, 64), (255, 0, 0, 0))) == "grey"
    assert palette(Image.new("L", (64, 64), 250)) == "white"


def test_no_name_is_part_of_another() -> None:
    assert not [pair for pair in permutations(COLOURS, 2) if pair[0] in pair[1]]
