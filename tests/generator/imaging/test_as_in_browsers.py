"""Copies show what a browser shows of the original: the same colours, the same way up, the same frame.

The numbers are those that Chromium 156 draws on a white page with an sRGB screen, taken from screenshots of the
originals at the middle of a card's four quarters and on its grey disc.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from generator.imaging.thumbnails import render
from tests.generator.hostile.files import chunk
from tests.generator.imaging.drawing import DATA, MAX_PIXELS, encoded, opened

Thumb = Callable[[int], Path]
Colours = list[tuple[int, int, int]]
PLACES = [(50, 30), (350, 30), (50, 170), (350, 170), (200, 100)]
WHITE = (255, 255, 255)
CARD: Colours = [(220, 30, 40), (40, 180, 70), (30, 60, 200), (240, 220, 60), (128, 128, 128)]
P3: Colours = [(240, 0, 22), (0, 183, 49), (17, 61, 208), (244, 219, 0), (128, 128, 128)]
PQ: Colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 174, 0), (132, 132, 132)]
LINEAR: Colours = [(220, 28, 38), (38, 180, 69), (28, 59, 200), (240, 220, 59), (128, 128, 128)]
LIGHTER: Colours = [(239, 96, 110), (110, 219, 143), (96, 133, 229), (248, 239, 133), (188, 188, 188)]
GREYS: Colours = [(value,) * 3 for value in (159, 187, 140, 233, 188)]

FILES: dict[str, Colours] = {
    "base.png": CARD,
    "base.jpg": CARD,
    "still.gif": CARD,
    "still.jp2": CARD,  # which Chromium does not show: as the PNG that it was made of
    "anim_default.png": CARD,
    "avif_cicp_p3.avif": P3,
    "avif_cicp_pq.avif": PQ,
    "png_cicp_p3.png": P3,
    "png_gama1.png": LINEAR,
    "icc_linear_srgb_named.png": LINEAR,
    "icc_gray_linear.png": GREYS,
    "jpg_xmp6.jpg": CARD,
    "png_xmp6.png": CARD,
    "png_exif6_after_idat.png": CARD,
    "trns_gray4.png": [WHITE] * 4 + [(34, 34, 34)],
    "trns_rgb16_odd.png": [WHITE] * 4 + [(200, 30, 40)],
}


@pytest.fixture
def shown(original: Path, thumb: Thumb) -> Callable[[bytes], Colours]:
    """The colours of the largest copy on a white page, which must be as large as the card."""

    def look(data: bytes) -> Colours:
        original.write_bytes(data)
        render(original, thumb, MAX_PIXELS)
        copy = opened(thumb(640)).convert("RGBA")
        sheet = Image.new("RGBA", (400, 200), "white")
        sheet.alpha_composite(copy)
        assert copy.size == sheet.size
        return [sheet.getpixel(place)[:3] for place in PLACES]  # type: ignore[index,misc]

    return look


def error(ours: Colours, theirs: Colours) -> float:
    """The mean difference of a channel, of 255."""
    pairs = [pair for one, other in zip(ours, theirs, strict=True) for pair in zip(one, other, strict=True)]
    return sum(abs(a - b) for a, b in pairs) / len(pairs)


@pytest.mark.parametrize("name", FILES)
def test_a_copy_looks_like_the_original_in_a_browser(shown: Callable[[bytes], Colours], name: str) -> None:
    assert error(shown((DATA / name).read_bytes()), FILES[name]) <= 3


def gama(value: int) -> bytes:
    return chunk(b"gAMA", value.to_bytes(4, "big"))


def chrm(*values: int) -> bytes:
    return chunk(b"cHRM", b"".join(value.to_bytes(4, "big") for value in values))


def cicp(*values: int) -> bytes:
    return chunk(b"cICP", bytes(values))


CHRM_P3 = chrm(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
CHRM_SRGB = chrm(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
SAID: dict[str, tuple[bytes, Colours]] = {
    "primaries without a gamma": (CHRM_P3, CARD),
    "primaries that are none": (gama(45455) + chrm(*[0] * 8), CARD),
    "the usual gamma": (gama(45455), CARD),
    "the gamma of old": (gama(55555), [(227, 40, 53), (53, 193, 88), (40, 77, 210), (243, 227, 77), (146, 146, 146)]),
    "no gamma": (gama(0), CARD),
    "linear": (gama(100_000) + CHRM_SRGB, LIGHTER),
    "sRGB whatever the gamma": (gama(100_000) + chunk(b"sRGB", b"\0"), CARD),
    "gamma and primaries": (
        gama(45455) + CHRM_P3, [(241, 0, 12), (0, 185, 46), (6, 58, 209), (245, 220, 0), (129, 129, 129)],
    ),
    "cICP: P3": (cicp(12, 13, 0, 1), P3),
    "cICP before gAMA": (gama(100_000) + cicp(12, 13, 0, 1), P3),
    "cICP: linear": (cicp(1, 8, 0, 1), LIGHTER),
    "cICP: BT.709": (
        cicp(1, 1, 0, 1), [(218, 18, 28), (28, 176, 60), (18, 49, 197), (239, 218, 49), (121, 121, 121)],
    ),
    "cICP: BT.2020": (cicp(9, 1, 0, 1), [(255, 0, 0), (0, 186, 19), (0, 48, 207), (255, 216, 0), (121, 121, 121)]),
    "cICP: 2.2": (cicp(1, 4, 0, 1), [(221, 24, 35), (35, 181, 68), (24, 57, 201), (240, 221, 57), (129, 129, 129)]),
    "cICP: 240M": (cicp(7, 7, 0, 1), [(218, 58, 57), (73, 186, 86), (55, 82, 207), (240, 223, 75), (141, 141, 141)]),
    "cICP: DCI": (cicp(11, 17, 0, 1), [(239, 0, 0), (0, 181, 19), (0, 43, 208), (251, 223, 0), (118, 118, 118)]),
    "cICP: HLG": (cicp(9, 18, 0, 1), [(255, 0, 0), (0, 170, 27), (0, 41, 176), (255, 194, 0), (99, 99, 99)]),
    "cICP: PQ": (cicp(9, 16, 0, 1), PQ),
    "cICP of a narrow range": (cicp(12, 13, 0, 0), CARD),
    "cICP that says nothing": (cicp(2, 2, 0, 1), CARD),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_what_a_png_says_of_its_colours_is_believed_as_browsers_do(
    shown: Callable[[bytes], Colours], name: str
) -> None:
    said, wanted = SAID[name]
    bare = (DATA / "base.png").read_bytes()
    assert error(shown(bare[:33] + said + bare[33:]), wanted) <= 3


def test_what_a_png_says_of_its_colours_holds_for_grey_too(shown: Callable[[bytes], Colours]) -> None:
    bare = encoded(opened(DATA / "base.png").convert("L"))
    assert error(shown(bare[:33] + cicp(9, 8, 0, 1) + bare[33:]), GREYS) <= 3


def test_hidden_meaning_behind_the_pixels_is_passed_over(shown: Callable[[bytes], Colours]) -> None:
    bare = (DATA / "base.png").read_bytes()
    assert error(shown(bare[:-12] + cicp(9, 16, 0, 1) + bare[-12:]), CARD) <= 3


def test_a_webp_is_not_turned_by_its_exif(shown: Callable[[bytes], Colours]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert error(shown(encoded(opened(DATA / "base.png"), "WEBP", exif=exif)), CARD) <= 3


def test_grey_with_a_transparent_part_keeps_its_profile(shown: Callable[[bytes], Colours]) -> None:
    grey = opened(DATA / "icc_gray_linear.png")
    clear = Image.new("L", grey.size, 255)
    clear.paste(0, (0, 0, 200, 100))
    profile = grey.info["icc_profile"]
    grey.putalpha(clear)
    assert error(shown(encoded(grey, icc_profile=profile)), [WHITE, *GREYS[1:]]) <= 3


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "AVIF", "TIFF"])
def test_what_browsers_turn_is_turned(original: Path, thumb: Thumb, format_: str) -> None:
    """By the EXIF of a JPEG, or of a PNG before its pixels, and by `irot` of an AVIF, which Pillow writes for it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    original.write_bytes(encoded(opened(DATA / "base.png"), format_, exif=exif))
    picture = render(original, thumb, MAX_PIXELS)
    assert (picture.width, picture.height) == (200, 400)
    above = [opened(thumb(320)).getpixel(place) for place in ((30, 50), (170, 50))]
    assert error(above, [CARD[2], CARD[0]]) <= 4  # type: ignore[arg-type]


def test_a_first_frame_that_is_smaller_than_the_canvas_hangs_where_it_belongs(original: Path, thumb: Thumb) -> None:
    small = encoded(Image.new("RGB", (32, 24), "red"))
    pixels = small[small.index(b"IDAT") + 4 : -16]
    shape = b"".join(value.to_bytes(4, "big") for value in (0, 32, 24, 32, 0))
    frame = chunk(b"fcTL", shape + bytes(6)) + chunk(b"fdAT", b"\0\0\0\1" + pixels)
    whole = encoded(Image.new("RGB", (64, 48), "blue"))
    start = chunk(b"acTL", b"\0\0\0\1\0\0\0\0")
    original.write_bytes(whole[:33] + start + whole[33:-12] + frame + whole[-12:])
    assert render(original, thumb, MAX_PIXELS).transparent
    copy = opened(thumb(320))
    assert copy.size == (64, 48)
    assert [copy.getpixel(place)[3] for place in ((10, 10), (50, 10), (50, 40))] == [0, 255, 0]  # type: ignore[index]
