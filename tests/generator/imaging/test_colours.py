"""Whatever mode, profile or transparency a picture has: its thumbnails look like it."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from generator.imaging.thumbnails import render
from tests.generator.imaging.drawing import MAX_PIXELS, QUARTERS, corners, drawn, encoded, opened, png


@pytest.mark.parametrize(("mode", "format_"), [("P", "PNG"), ("RGBA", "PNG"), ("CMYK", "JPEG"), ("RGBA", "WEBP")])
def test_other_modes_keep_their_colours(original: Path, thumb: Callable[[int], Path], mode: str, format_: str) -> None:
    original.write_bytes(encoded(drawn(mode=mode), format_))
    render(original, thumb, MAX_PIXELS)
    assert corners(opened(thumb(320))) == QUARTERS


@pytest.mark.parametrize(("mode", "grey"), [("L", 128), ("1", 255), ("LA", 128), ("I;16", 128 * 257)])
def test_grey_stays_the_same_grey(original: Path, thumb: Callable[[int], Path], mode: str, grey: int) -> None:
    colour = (grey, 255) if mode == "LA" else grey
    original.write_bytes(encoded(Image.new(mode, (400, 300), colour)))
    render(original, thumb, MAX_PIXELS)
    shown = opened(thumb(320)).getpixel((50, 50))
    assert shown == ((255, 255, 255) if mode == "1" else (128, 128, 128))


def test_16_bit_colour_is_developed(original: Path, thumb: Callable[[int], Path]) -> None:
    row = b"\0" + struct.pack(">3H", 65535, 0, 32896) * 4
    original.write_bytes(png(4, 4, row * 4, depth=16))
    render(original, thumb, MAX_PIXELS)
    red, green, blue = opened(thumb(320)).getpixel((1, 1))  # type: ignore[misc]
    assert red > 245
    assert green < 10
    assert abs(blue - 128) < 10


@pytest.mark.parametrize("clear", [b"\x00\xff", 0, "RGBA", "LA", "PA"])
def test_transparent_parts_are_white(original: Path, thumb: Callable[[int], Path], clear: Any) -> None:
    if clear == "RGBA":
        data = encoded(Image.new("RGBA", (400, 300), (0, 0, 0, 0)))
    elif clear in ("LA", "PA"):
        data = encoded(Image.new("LA", (400, 300), (0, 0)))
    else:
        data = encoded(Image.new("P", (400, 300), 0), transparency=clear)
    original.write_bytes(data)
    render(original, thumb, MAX_PIXELS)
    assert opened(thumb(320)).getpixel((50, 50)) == (255, 255, 255)


def test_colour_key_transparency_is_white(original: Path, thumb: Callable[[int], Path]) -> None:
    original.write_bytes(encoded(Image.new("RGB", (400, 300), (1, 2, 3)), transparency=(1, 2, 3)))
    render(original, thumb, MAX_PIXELS)
    assert opened(thumb(320)).getpixel((50, 50)) == (255, 255, 255)


def profile(name: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def swapped_profile() -> bytes:
    """sRGB with the red and green primaries exchanged: what it calls red is green."""
    data = bytearray(profile("sRGB"))
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data).replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be")).replace(b"sRGB b", b"test b")


def test_colour_profile_is_applied(original: Path, thumb: Callable[[int], Path]) -> None:
    original.write_bytes(encoded(Image.new("RGB", (400, 300), "red"), icc_profile=swapped_profile()))
    render(original, thumb, MAX_PIXELS)
    red, green, _ = opened(thumb(320)).getpixel((50, 50))  # type: ignore[misc]
    assert green > 200
    assert red < 60
    assert "icc_profile" not in opened(thumb(320)).info


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
@pytest.mark.parametrize("icc", [b"garbage", profile("LAB"), profile("sRGB")])
def test_profile_of_no_use_is_passed_over(original: Path, thumb: Callable[[int], Path], icc: bytes, mode: str) -> None:
    original.write_bytes(encoded(drawn(mode=mode), "JPEG", icc_profile=icc))
    render(original, thumb, MAX_PIXELS)
    assert corners(opened(thumb(320))) == QUARTERS
