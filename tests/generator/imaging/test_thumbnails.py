"""Thumbnails and placeholders: their sizes, whole or not at all, upright."""

import base64
import itertools
import resource
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from generator.imaging.scaling import fitted, shrunk
from generator.imaging.thumbnails import WIDTHS, render, rethumb
from tests.generator.imaging.drawing import MAX_PIXELS, QUARTERS, corners, drawn, encoded, opened


def test_there_is_a_copy_of_each_width_below_the_pictures_and_one_as_wide(
    original: Path, thumb: Callable[[int], Path]
) -> None:
    original.write_bytes(encoded(drawn(500, 200)))
    render(original, thumb, MAX_PIXELS)
    assert [opened(thumb(width)).size for width in WIDTHS[:2]] == [(320, 128), (500, 200)]
    assert not thumb(1280).exists()
    rethumb(original, {1280: thumb(1280)})
    assert opened(thumb(1280)).size == (500, 200), "one that nobody needs is made for whoever asks for it"


@pytest.mark.parametrize(
    ("size", "largest"),
    [((2, 16_000), (2, 16_000)), ((16_000, 2), (16_000, 2)), ((2, 32_000), (1, 16_000)), ((5472, 3648), (2527, 1685))],
)
def test_the_largest_copy_is_as_large_as_the_picture_if_it_can_be(
    original: Path, thumb: Callable[[int], Path], size: tuple[int, int], largest: tuple[int, int]
) -> None:
    original.write_bytes(encoded(Image.new("L", size, 99), compress_level=1))
    render(original, thumb, 20_000_000)
    copies = [opened(thumb(width)) for width in WIDTHS if thumb(width).exists()]
    assert copies[-1].size == largest
    assert abs(copies[-1].convert("L").getpixel((0, 0)) - 99) < 3  # type: ignore[operator]


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (320, 5000)])
def test_odd_shapes_are_developed(original: Path, thumb: Callable[[int], Path], size: tuple[int, int]) -> None:
    original.write_bytes(encoded(drawn(*size)))
    picture = render(original, thumb, MAX_PIXELS)
    assert (picture.width, picture.height) == size
    assert opened(thumb(320)).size == (min(320, size[0]), max(1, min(size[1], round(size[1] * 320 / size[0]))))


def test_copies_made_in_strips_look_like_one_made_at_once() -> None:
    image = Image.effect_mandelbrot((1700, 1300), (-2, -1.5, 1, 1.5), 60)
    for width in WIDTHS:
        size = fitted(image.size, width)
        small = shrunk(image, width, 1)
        difference = ImageChops.difference(small, image.convert("RGB").resize(size, Image.Resampling.LANCZOS))
        assert max(ImageStat.Stat(difference).rms) < 6


def test_strips_join_without_a_seam() -> None:
    ramp = Image.linear_gradient("L").resize((700, 1900), Image.Resampling.BICUBIC)
    for mode in ("RGB", "L", "RGBA"):
        column = shrunk(ramp.convert(mode), 320, 1).convert("L").resize((1, 869), Image.Resampling.BOX).tobytes()
        steps = [abs(below - above) for above, below in itertools.pairwise(column)]
        assert max(steps) <= 2


def test_placeholder_is_a_tiny_webp_of_the_pictures_shape(original: Path, thumb: Callable[[int], Path]) -> None:
    for size, shape in (((400, 300), (16, 12)), ((1, 900), (16, 48)), ((900, 1), (16, 1))):
        original.write_bytes(encoded(drawn(*size)))
        placeholder = render(original, thumb, MAX_PIXELS).placeholder
        kind, data = placeholder.split(",")
        assert kind == "data:image/webp;base64"
        assert len(placeholder) < 400
        assert Image.open(BytesIO(base64.b64decode(data))).size == shape


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_animated_picture_shows_its_first_frame(original: Path, thumb: Callable[[int], Path], format_: str) -> None:
    later = Image.new("RGB", (400, 300), "black")
    original.write_bytes(encoded(drawn(), format_, save_all=True, append_images=[later, later]))
    assert render(original, thumb, MAX_PIXELS).format == format_
    assert corners(opened(thumb(320))) == QUARTERS


@pytest.mark.parametrize("room", [0, 100])
def test_full_disk_leaves_no_half_thumbnail(original: Path, thumb: Callable[[int], Path], room: int) -> None:
    """Of one whose first bytes still have room as little as of one that has none: files may not grow beyond that."""
    original.write_bytes(encoded(drawn()))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            render(original, thumb, MAX_PIXELS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert list(thumb(320).parent.iterdir()) == []


def test_lost_thumbnail_is_made_again(original: Path, thumb: Callable[[int], Path]) -> None:
    original.write_bytes(encoded(drawn(1500, 900)))
    render(original, thumb, MAX_PIXELS)
    before = opened(thumb(320))
    thumb(320).unlink()
    rethumb(original, {320: thumb(320)})
    after = opened(thumb(320))
    assert after.size == before.size
    assert corners(after) == QUARTERS
    assert [path.name for path in thumb(320).parent.glob("320*")] == ["320.webp"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_rotation_of_exif_is_applied(original: Path, thumb: Callable[[int], Path], orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = drawn(500, 300)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    original.write_bytes(encoded(stored, "JPEG", exif=exif))
    picture = render(original, thumb, MAX_PIXELS)
    assert (picture.width, picture.height) == (500, 300)
    assert opened(thumb(320)).size == (320, 192)
    assert corners(opened(thumb(320))) == QUARTERS


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12" * 9, b""])
@pytest.mark.filterwarnings("ignore")
def test_damaged_exif_costs_no_picture(original: Path, thumb: Callable[[int], Path], exif: bytes) -> None:
    original.write_bytes(encoded(drawn(), "JPEG", exif=exif))
    assert render(original, thumb, MAX_PIXELS).width == 400
