"""Numbers of pictures as markup."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

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


@pytest.mark.django_db
def test_placeholder_of_the_stage_has_the_exact_proportions(cast: Any, make_image: Any) -> None:
    address = picture.shaped_placeholder(make_image(cast.owner, width=70, height=30))
    head, _, body = address.partition(",")
    assert head == "data:image/svg+xml;base64"
    assert 'viewBox="0 0 70 30"' in b64decode(body).decode()


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (3.21, "3.2 s"), (47.6, "48 s"), (125, "2 min 5 s"), (59.7, "1 min 0 s")]
)
def test_seconds_are_readable(value: float | None, text: str) -> None:
    assert picture.seconds(value) == text
