"""Both databases find what a plain look at the words finds, whatever is asked."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser

from gallery.models import User
from gallery.search import following, index
from gallery.search.matching import matching
from gallery.search.query import Match, Phrase, Question, parse
from gallery.search.words import exact_words, stems
from generator.models import Image
from generator.models.generation import Visibility

PROMPTS = [
    "A red fox in a snowy forest, cinematic light",
    "Foxes, red and white, running over snow",
    "Red the fox is; a forest without light",
    "Рыжая лиса и ёлка в снегу",
    "Лисы под ёлками",
    "東京の夜、ネオンの街",
    "京都の朝",
    "สวัสดีครับ",
    "Sci-fi city, 1.5 moons, don't look back",
    "A sci fi novel's cover; 15 moons",
    "❤️ on a café wall, naïve style",
    "foxglove and forget-me-not",
    "'; DROP TABLE gallery_document; --",
    'NEAR(red, fox) AND "stems" : OR * ^ {x} !y & z | (w)',
    "red " * 200 + "end",
]
PIECES = [
    "red", "fox", "foxes", "forest", "лиса", "ёлка", "елки", "東京", "京", "夜", "สวัสดี", "sci-fi", "sci", "1.5",
    "15", "don't", "cafe", "❤️", "moon", "table", "stems", "near", "no-such-word", "light", "snow", "cover", "end",
    "'", "(", ":*", "&", "!",
]  # fmt: skip


@pytest.fixture
def gallery(make_image: Callable[..., Image], cast: object) -> User:
    owner: User = cast.owner  # type: ignore[attr-defined]
    for prompt in PROMPTS:
        make_image(owner, prompt=prompt)
    assert index.add_older(1000) >= len(PROMPTS)
    return owner


def found(user: User, question: Question | str) -> list[str]:
    asked = parse(question) if isinstance(question, str) else question
    return [image.generation.prompt for image in matching(Image.objects.visible_to(user), asked)]


def holds(phrase: Phrase, prompt: str) -> bool:
    words = stems(prompt) if phrase.match == Match.STEMS else exact_words(prompt)
    *whole, last = phrase.words
    for start in range(len(words) - len(whole)):
        end = words[start + len(whole)]
        fits = end.startswith(last) if phrase.match == Match.PREFIX else end == last
        if fits and words[start : start + len(whole)] == whole:
            return True
    return False


def expected(question: Question) -> list[str]:
    """By looking at every prompt; the newest first."""

    def fits(prompt: str) -> bool:
        for clause in question.clauses:
            options = [one for one in clause.options if isinstance(one, Phrase)]
            if options and any(holds(one, prompt) for one in options) == clause.negated:
                return False
        return True

    return [prompt for prompt in reversed(PROMPTS) if fits(prompt)]


def random_question(dice: random.Random) -> str:
    def term() -> str:
        words = " ".join(dice.choices(PIECES, k=dice.choice((1, 1, 1, 2, 3))))
        shape = dice.choice(("{}", "{}", "-{}", '"{}"', '-"{}"', "{}*", "{} OR fox"))
        if dice.random() < 0.2:
            words = words[: dice.randint(1, len(words))]
        return shape.format(words)

    return " ".join(term() for _ in range(dice.choice((1, 1, 2, 3))))


@pytest.mark.django_db
def test_a_thousand_questions_find_what_a_look_at_every_prompt_finds(gallery: User) -> None:
    dice = random.Random(20261128)
    asked = 0
    for _number in range(1000):
        question = parse(random_question(dice))
        assert found(gallery, question) == expected(question), question
        asked += bool(question)
    assert asked > 900


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "prompts"),
    [
        ("fox", [13, 2, 1, 0]),
        ('"fox"', [13, 2, 0]),
        ("red fox -light", [13, 1]),
        ('"red fox"', [13, 0]),
        ("лисами", [4, 3]),
        ("елка", [4, 3]),
        ("京", [6, 5]),
        ("東京", [5]),
        ("forg*", [11]),
        ("sci-fi", [9, 8]),
        ("1.5", [8]),
        ("dont", [8]),
        ("CAFÉ", [10]),
        ("❤", [10]),
        ("novel OR foxglove", [11, 9]),
    ],
)
def test_what_people_type_finds_what_they_mean(gallery: User, question: str, prompts: list[int]) -> None:
    assert found(gallery, question) == [PROMPTS[number] for number in prompts]


@pytest.mark.django_db
def test_what_is_found_is_what_one_may_see(gallery: User) -> None:
    Image.objects.filter(generation__prompt=PROMPTS[0]).update(visibility=Visibility.PRIVATE)
    stranger: User = AnonymousUser()  # type: ignore[assignment]
    assert PROMPTS[0] in found(gallery, "fox")
    assert found(stranger, "fox") == []


@pytest.mark.django_db
def test_a_picture_that_is_gone_is_found_no_more(gallery: User) -> None:
    Image.objects.filter(generation__prompt=PROMPTS[0]).delete()
    assert PROMPTS[0] not in found(gallery, "fox")
    assert following.are_sound()
