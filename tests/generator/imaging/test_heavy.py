"""Which pictures the worker decodes itself, and that the others come out the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from generator.imaging.thumbnails import ImagingError, render, rethumb
from tests.generator.imaging.conftest import StandIn
from tests.generator.imaging.drawing import QUARTERS, corners, drawn, encoded, opened

Thumb = Callable[[int], Path]
MAX_PIXELS = 20_000_000
PASSES = {"progressive": True}


def reason(act: Callable[[], object]) -> str:
    try:
        act()
    except ImagingError as error:
        return error.reason
    return ""


@pytest.fixture
def is_apart(original: Path, thumb: Thumb, stand_in: StandIn) -> Callable[[bytes], bool]:
    """Whether a picture is given to the decode child."""

    def ask(data: bytes) -> bool:
        original.write_bytes(data)
        stand_in("json.dump({'refused': 'apart'}, sys.stdout)")
        return reason(lambda: render(original, thumb, MAX_PIXELS)) == "apart"

    return ask


@pytest.mark.parametrize(
    ("size", "mode", "format_", "options"),
    [
        ((1024, 1024), "RGBA", "PNG", {}),
        ((2048, 2048), "CMYK", "JPEG", {}),
        ((2048, 2048), "RGB", "JPEG", PASSES),
        ((1344, 3168), "RGB", "PNG", {}),
        ((3168, 1344), "RGB", "JPEG", {}),
        ((8192, 16), "RGB", "PNG", {}),
    ],
)
def test_pictures_of_the_apis_own_sizes_are_decoded_here(
    is_apart: Callable[[bytes], bool], size: tuple[int, int], mode: str, format_: str, options: dict[str, Any]
) -> None:
    assert not is_apart(encoded(Image.new(mode, size), format_, **options))


@pytest.mark.parametrize(
    ("size", "mode", "format_", "options"),
    [
        ((5472, 3648), "L", "PNG", {}),
        ((2048, 2048), "RGBA", "PNG", {}),
        ((3648, 5472), "RGB", "JPEG", {}),
        ((1280, 5000), "RGB", "JPEG", {}),
        ((2500, 2500), "RGB", "JPEG", PASSES),
        ((2048, 2048), "CMYK", "JPEG", PASSES),
        ((8200, 16), "RGB", "PNG", {}),
        ((64, 48), "RGB", "WEBP", {}),
        ((64, 48), "RGB", "AVIF", {}),
    ],
)
def test_larger_pictures_and_wilder_formats_are_decoded_apart(
    is_apart: Callable[[bytes], bool], size: tuple[int, int], mode: str, format_: str, options: dict[str, Any]
) -> None:
    assert is_apart(encoded(Image.new(mode, size), format_, **options))


@pytest.mark.parametrize(("format_", "options"), [("PNG", {"compress_level": 1}), ("JPEG", {}), ("JPEG", PASSES)])
def test_a_large_picture_is_taken_and_shown_like_any_other(
    original: Path, thumb: Thumb, format_: str, options: dict[str, Any]
) -> None:
    original.write_bytes(encoded(drawn(5472, 3648), format_, **options))
    picture = render(original, thumb, MAX_PIXELS)
    assert (picture.format, picture.width, picture.height) == (format_, 5472, 3648)
    assert [opened(thumb(width)).size for width in (320, 1280)] == [(320, 213), (1280, 853)]
    assert corners(opened(thumb(1280))) == QUARTERS
    thumb(320).unlink()
    rethumb(original, {320: thumb(320)})
    assert corners(opened(thumb(320))) == QUARTERS


def test_half_of_a_large_picture_is_taken_for_what_it_is(original: Path, thumb: Thumb) -> None:
    data = encoded(drawn(5472, 3648), compress_level=1)
    original.write_bytes(data[: len(data) // 2])
    picture = render(original, thumb, MAX_PIXELS)
    assert (picture.width, picture.height, picture.damaged) == (5472, 3648, True)
    assert corners(opened(thumb(320)))[:2] == QUARTERS[:2]
