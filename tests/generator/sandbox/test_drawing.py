from __future__ import annotations

import io

import pytest
from PIL import Image

from generator.sandbox.drawing import COMMENT, draw, paint
from generator.sandbox.drawing.palette import named_colours
from generator.sandbox.drawing.subjects import STYLES, style_for
from generator.sandbox.drawing.words import words_of

# One word for each picture that can be drawn.
SUBJECTS = [
    *("cat", "bird", "fish", "flowers", "leaves", "lake", "sea", "forest", "desert", "mountains", "aurora", "city"),
    *("village", "planet", "bauhaus", "paper", "terrazzo", "retro", "abstract", "matisse"),
]


def _style(prompt: str) -> str | None:
    style = style_for(words_of(prompt))
    return style.__name__ if style else None


def _mean(picture: Image.Image) -> tuple[int, int, int]:
    red, green, blue = picture.resize((1, 1), Image.Resampling.BOX).tobytes()
    return red, green, blue


def test_there_is_a_word_for_every_picture() -> None:
    assert len({_style(word) for word in SUBJECTS}) == len(STYLES) == len(SUBJECTS)


@pytest.mark.parametrize("size", [(1, 1), (16, 600), (600, 16), (97, 63)])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_picture_fits_every_size(subject: str, size: tuple[int, int]) -> None:
    assert paint(subject, "flux", 1, size).size == size


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_file_is_of_the_asked_kind_and_says_what_it_is(kind: str) -> None:
    with Image.open(io.BytesIO(draw("Cat", "flux", 0, (80, 60), kind))) as picture:
        comment = picture.info["Comment" if kind == "PNG" else "comment"]
        assert (picture.format, picture.size) == (kind, (80, 60))
    assert comment in (COMMENT, COMMENT.encode())


def test_a_picture_depends_on_prompt_model_and_number_and_on_nothing_else() -> None:
    def bytes_of(prompt: str = "hello", model: str = "flux", number: int = 0) -> bytes:
        return draw(prompt, model, number, (64, 64), "PNG")

    assert bytes_of() == bytes_of()
    assert len({bytes_of(), bytes_of(prompt="hallo"), bytes_of(model="kandinsky"), bytes_of(number=1)}) == 4


def test_the_corner_is_marked() -> None:
    marked = paint("terrazzo", "flux", 0, (400, 400)).crop((320, 370, 400, 400))
    whites = sum(1 for value in marked.convert("L").tobytes() if value > 200)
    assert whites > 40


def test_a_large_picture_has_the_asked_size() -> None:
    assert paint("sea", "flux", 0, (2048, 1024)).size == (2048, 1024)


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("A cat", "cat"),
        ("two CATS on a mountain", "cat"),
        ("Кошки и птицы", "cat"),
        ("рыжий кот", "cat"),
        ("a mountain behind a cat", "mountains"),
        ("горный пейзаж", "mountains"),
        ("ночной город", "city"),
        ("winter night", "mountains"),
        ("sunset over the sea", "sea"),
        ("в городе", "city"),
        ("Синее море", "sea"),
        ("concatenation", None),
        ("", None),
    ],
)
def test_the_first_subject_in_the_prompt_decides(prompt: str, style: str | None) -> None:
    assert _style(prompt) == style


@pytest.mark.parametrize(
    ("prompt", "count"),
    [("a red and a golden cat", 2), ("red RED Reds", 1), ("синяя белка", 1), ("белая и чёрного", 2), ("predator", 0)],
)
def test_colours_are_found_in_two_languages(prompt: str, count: int) -> None:
    assert len(named_colours(words_of(prompt))) == count


@pytest.mark.parametrize(
    ("prompt", "strongest"),
    [("red mountains", 0), ("green forest", 1), ("blue sea", 2), ("красные горы", 0), ("синее море", 2)],
)
def test_a_named_colour_sets_the_tone(prompt: str, strongest: int) -> None:
    mean = _mean(paint(prompt, "flux", 0, (120, 120)))
    assert mean.index(max(mean)) == strongest


def test_black_and_white_stay_without_colour() -> None:
    red, _, blue = _mean(paint("black and white city", "flux", 0, (120, 120)))
    assert abs(red - blue) < 20


def test_an_animal_wears_the_colour_that_is_named() -> None:
    def reds(prompt: str) -> int:
        colours = paint(prompt, "flux", 0, (200, 200)).getcolors(40_000) or []
        return sum(count for count, pixel in colours if isinstance(pixel, tuple) and pixel[0] > 170 > 90 > pixel[2])

    assert reds("red cat") > 3 * reds("blue cat")


def test_two_named_colours_are_both_used() -> None:
    picture = paint("a red cat and a green wall", "flux", 0, (120, 120))
    assert picture.tobytes() != paint("a red cat and a blue wall", "flux", 0, (120, 120)).tobytes()
