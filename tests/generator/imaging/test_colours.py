"""Whatever mode, profile or transparency a picture has: its thumbnails look like it."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from generator.imaging.thumbnails import render
from tests.generator.hostile import files
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
def test_transparent_parts_stay_so(original: Path, thumb: Callable[[int], Path], clear: Any) -> None:
    if clear == "RGBA":
        data = encoded(Image.new("RGBA", (400, 300), (0, 0, 0, 0)))
    elif clear in ("LA", "PA"):
        data = encoded(Image.new("LA", (400, 300), (0, 0)))
    else:
        data = encoded(Image.new("P", (400, 300), 0), transparency=clear)
    original.write_bytes(data)
    assert render(original, thumb, MAX_PIXELS).transparent
    assert opened(thumb(320)).getpixel((50, 50))[3] == 0  # type: ignore[index]


def test_a_picture_nothing_can_be_seen_through_has_no_transparent_copy(
    original: Path, thumb: Callable[[int], Path]
) -> None:
    original.write_bytes(encoded(drawn(mode="RGBA")))
    assert not render(original, thumb, MAX_PIXELS).transparent
    assert opened(thumb(320)).mode == "RGB"


@pytest.mark.parametrize(("depth", "grey"), [(2, 2), (4, 9), (16, 0x8001)])
def test_a_transparent_grey_is_that_one_and_no_other(
    original: Path, thumb: Callable[[int], Path], depth: int, grey: int
) -> None:
    """Of sixteen bits also none that is as bright to the eye."""
    side = 16
    values = [grey if x < side // 2 else grey + 1 for x in range(side)]
    bits = "".join(f"{value:0{depth}b}" for value in values)
    row = b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    original.write_bytes(
        files.png(
            files.chunk(b"tRNS", grey.to_bytes(2, "big")),
            pixels=row * side,
            width=side,
            height=side,
            depth=depth,
            kind=0,
        )
    )
    assert render(original, thumb, MAX_PIXELS).transparent
    copy = opened(thumb(320))
    assert [copy.getpixel((x, 8))[3] for x in (2, 13)] == [0, 255]  # type: ignore[index]


def test_colour_key_transparency_stays_so(original: Path, thumb: Callable[[int], Path]) -> None:
    original.write_bytes(encoded(Image.new("RGB", (400, 300), (1, 2, 3)), transparency=(1, 2, 3)))
    assert render(original, thumb, MAX_PIXELS).transparent
    assert opened(thumb(320)).getpixel((50, 50))[3] == 0  # type: ignore[index]


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
