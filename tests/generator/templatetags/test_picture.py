"""Numbers of pictures as markup."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from django.template.defaultfilters import truncatechars
from django.utils.translation import override

from generator.templatetags import picture

THUMBS = [(320, "/a"), (640, "/b"), (1280, "/c")]


def test_every_ratio_has_its_class_in_the_style_sheet(settings: Any) -> None:
    sheet = Path(settings.BASE_DIR, "static/css/ratios.css").read_text()
    found = {int(name): float(value) for name, value in re.findall(r"\.ar-(\d+) {\s+--ar: ([\d.]+);", sheet)}
    assert sorted(found) == sorted(picture.RATIOS)
    assert all(value * 100 == pytest.approx(name, rel=0.02) for name, value in found.items())


@pytest.mark.parametrize(
    ("aspect", "name"),
    [(1, "ar-100"), (16 / 9, "ar-178"), (9 / 16, "ar-56"), (21 / 9, "ar-233"), (50, "ar-400"), (0, "ar-25")],
)
def test_a_shape_gets_the_nearest_class(aspect: float, name: str) -> None:
    assert picture.ratio_class(aspect) == name


def test_srcset_names_each_width_with_its_address() -> None:
    assert picture.srcset(THUMBS) == "/a 320w, /b 640w, /c 1280w"


def test_fallback_is_the_second_smallest_or_the_only_one() -> None:
    assert picture.fallback(THUMBS) == "/b"
    assert picture.fallback(THUMBS[:1]) == "/a"


def test_sizes_follow_the_shape() -> None:
    assert picture.tile_sizes(1.5) == "auto, (max-width: 40rem) 75vw, 450px"
    assert picture.tile_sizes(4) == "auto, (max-width: 40rem) 100vw, 1200px"
    assert "* 1.500" in picture.stage_sizes(1.5)


def drawing(image: Any) -> str:
    head, _, body = picture.backdrop(image).partition(",")
    assert head == "data:image/svg+xml;base64"
    return b64decode(body).decode()


@pytest.mark.django_db
def test_backdrop_of_the_stage_has_the_exact_proportions(cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner, width=70, height=30)
    assert 'viewBox="0 0 70 30"' in drawing(image)
    assert image.placeholder in drawing(image)


@pytest.mark.django_db
def test_a_picture_that_can_be_seen_through_hangs_before_a_pattern(cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner, width=70, height=30, is_transparent=True)
    assert 'viewBox="0 0 70 30"' in drawing(image)
    assert "<pattern" in drawing(image)
    assert image.placeholder not in drawing(image)


def test_both_greys_of_the_pattern_stand_back_from_white_and_from_black(settings: Any) -> None:
    """By three to one, as for anything that must be told apart (WCAG 1.4.11)."""
    for grey in (picture._GROUND, picture._SQUARE):
        red, green, blue = (((int(grey[n : n + 2], 16) / 255 + 0.055) / 1.055) ** 2.4 for n in (1, 3, 5))
        light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        assert 1.05 / (light + 0.05) > 3
        assert (light + 0.05) / 0.05 > 3
    sheet = Path(settings.BASE_DIR, "static/css/tokens.css").read_text()
    assert f"--check-1: {picture._GROUND};" in sheet
    assert f"--check-2: {picture._SQUARE};" in sheet


@pytest.mark.django_db
@pytest.mark.parametrize(("size", "strip"), [((2, 16_000), True), ((16_000, 2), True), ((100, 300), False)])
def test_only_what_would_not_be_seen_is_a_strip(cast: Any, make_image: Any, size: tuple[int, int], strip: bool) -> None:
    assert picture.is_strip(make_image(cast.owner, width=size[0], height=size[1])) is strip


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (3.21, "3.2 s"), (47.6, "48 s"), (125, "2 min 5 s"), (59.7, "1 min 0 s")]
)
def test_seconds_are_readable(value: float | None, text: str) -> None:
    assert picture.seconds(value) == text


ACCENT = "e\u0301"


@pytest.mark.parametrize(
    "text",
    ["", "a fox", "a" * 20, "a" * 21, "a" * 19 + ACCENT, "a" * 20 + ACCENT, ACCENT * 30, "\u0436" * 20, "\u0436" * 21,
     "q\u0323" * 20, "q\u0323" * 21, "a" * 30 + "\u0436", "\u0301" * 40, "x" * 20 + "\u0301", "<b>" * 9],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_text_is_cut_as_django_cuts_it(text: str, language: str) -> None:
    with override(language):
        for length in (1, 2, 19, 20, 21, 100):
            assert picture.cut(text, length) == truncatechars(text, length)
