"""The pixels decide: what is wrong beside them costs no picture, and what is missing of them is said."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from generator.imaging.avif import lengthened
from generator.imaging.thumbnails import ImagingError, Picture, render, rethumb
from tests.generator.hostile.files import chunk
from tests.generator.imaging.drawing import DATA, MAX_PIXELS, QUARTERS, corners, drawn, encoded, opened

Thumb = Callable[[int], Path]
Rendered = Callable[[bytes], Picture]
NOISE = Image.merge("RGB", [Image.effect_noise((320, 240), 40)] * 3)
WHOLE = ["crc_phys.png", "png_chrm_short.png", "png_gama_short.png", "png_iccp_method.png", "webp_riffsize.webp"]
CARD = [(1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1)]


@pytest.fixture
def rendered(original: Path, thumb: Thumb) -> Rendered:
    def act(data: bytes) -> Picture:
        original.write_bytes(data)
        return render(original, thumb, MAX_PIXELS)

    return act


def shown(thumb: Thumb) -> list[tuple[int, ...]]:
    return corners(opened(thumb(320)))


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_wrong_beside_the_pixels_costs_no_picture(rendered: Rendered, thumb: Thumb, name: str) -> None:
    picture = rendered((DATA / name).read_bytes())
    assert (picture.width, picture.height, picture.damaged) == (400, 200, False)
    assert shown(thumb) == [CARD[0], CARD[1], CARD[2], CARD[3]]


def between(said: bytes) -> bytes:
    data = encoded(drawn())
    return data[:33] + said + data[33:]


@pytest.mark.parametrize(
    "said",
    [
        chunk(b"zTXt", b"workflow\0\0" + zlib.compress(bytes(2_500_000))),
        chunk(b"tIME", b"\1")[:-4] + b"1234",
        chunk(b"loOt", b"unknown")[:-4] + b"1234",
        chunk(b"pHYs", b"\1\2"),
        chunk(b"iCCP", b"no end of the name"),
        chunk(b"sRGB", b""),
        chunk(b"tRNS", b""),
        b"".join(chunk(b"zTXt", b"k%d\0\0" % n + zlib.compress(bytes(2**20 - 9))) for n in range(9)),
    ],
)
def test_a_png_is_taken_whatever_stands_between_its_chunks_of_pixels(
    rendered: Rendered, thumb: Thumb, said: bytes
) -> None:
    assert not rendered(between(said)).damaged
    assert shown(thumb) == QUARTERS


@pytest.mark.parametrize("missing", [1, 4, 12])
def test_a_png_may_lack_its_end(rendered: Rendered, thumb: Thumb, missing: int) -> None:
    assert not rendered(encoded(drawn())[:-missing]).damaged
    assert shown(thumb) == QUARTERS


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 95, "subsampling": 0}])
def test_a_jpeg_may_lack_its_end(rendered: Rendered, thumb: Thumb, options: dict[str, Any]) -> None:
    assert not rendered(encoded(drawn(), "JPEG", **options)[:-2]).damaged
    assert shown(thumb) == QUARTERS


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "AVIF", "BMP", "TIFF"])
@pytest.mark.parametrize("cut", [60, 0.4])
def test_what_there_is_of_a_picture_is_kept_and_marked(
    rendered: Rendered, thumb: Thumb, original: Path, format_: str, cut: float
) -> None:
    data = encoded(NOISE, format_)
    picture = rendered(data[: -(cut if isinstance(cut, int) else int(len(data) * cut))])
    assert (picture.width, picture.height) == (320, 240)
    assert picture.damaged
    rows = opened(thumb(320)).convert("L").resize((1, 24), Image.Resampling.BOX)
    first = 22 if format_ == "BMP" else 1  # which begins at the bottom
    assert abs(rows.getpixel((0, first)) - 128) < 10  # type: ignore[operator]
    rethumb(original, {320: thumb(320)})


def test_a_progressive_jpeg_without_its_last_pass_is_shown_as_far_as_it_came(rendered: Rendered, thumb: Thumb) -> None:
    data = encoded(Image.blend(drawn(320, 240), NOISE, 0.2), "JPEG", progressive=True)
    assert rendered(data[: data.rindex(b"\xff\xda") + 40]).damaged
    assert shown(thumb) == QUARTERS


def test_a_short_avif_is_shown_as_far_as_it_came(rendered: Rendered, thumb: Thumb) -> None:
    assert rendered((DATA / "avif_trunc.avif").read_bytes()).damaged
    assert shown(thumb)[:2] == CARD[:2]


@pytest.mark.parametrize(
    "data",
    [
        encoded(NOISE)[:60],
        encoded(NOISE, "JPEG")[:640],
        encoded(NOISE, "WEBP")[:34],
        encoded(NOISE, "AVIF")[:300],
        encoded(NOISE, "TIFF")[:9],
        encoded(NOISE, "GIF")[:20],
        encoded(NOISE, "JPEG2000")[:90],
    ],
)
def test_a_header_alone_is_no_picture(rendered: Rendered, thumb: Thumb, data: bytes) -> None:
    with pytest.raises(ImagingError, match=r"^(damaged|format)$"):
        rendered(data)
    assert not list(thumb(320).parent.glob("*"))


def test_a_heic_says_what_it_is_where_it_cannot_be_read(rendered: Rendered) -> None:
    with pytest.raises(ImagingError, match=r"^heic$"):
        rendered((DATA / "still.heic").read_bytes())


def test_a_jpeg_xl_says_what_it_is_where_it_cannot_be_read(rendered: Rendered) -> None:
    with pytest.raises(ImagingError, match=r"^jxl$"):
        rendered(b"\xff\x0a" + bytes(99))


@pytest.mark.parametrize("change", [b"", b"iloc", b"iloc" + b"\xff" * 40, b"iloc\0\0\0\0\x44\0\xff\xff"])
def test_boxes_without_sense_are_left_as_they_are(change: bytes) -> None:
    data = (DATA / "avif_trunc.avif").read_bytes().replace(b"iloc", b"none")
    place = data.index(b"none")
    assert lengthened(data[:place] + change, 0) == data[:place] + change
    assert lengthened(data, 0) == data
