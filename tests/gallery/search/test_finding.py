"""A listing with a question holds those of its pictures that fit, in their order, and nothing that one may not see."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery.browse import listing
from gallery.browse.listing import Listing
from gallery.browse.orders import NEWEST, OLDEST
from gallery.browse.wanted import EXPLORE, MINE, TRASH
from gallery.models import Comment, Rating
from gallery.paging import Cursor
from gallery.search import finding, following, index
from generator.models import Call, Image
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
WORDS = ["a red fox", "a blue fox", "a red house", "東京の夜", "рыжая лиса"]
SIZES = [(64, 48), (48, 64), (64, 64), (160, 90)]
COLOURS = ["teal navy", "red", None, "navy white red"]
FIRST_DAY = datetime(2026, 3, 30, 12, tzinfo=UTC)


@pytest.fixture
def scene(cast: Cast, make_image: Make) -> list[Image]:
    """Of each visibility some by two people, among them hidden, removed and thrown away ones, on many days."""
    made = []
    dice = random.Random(7)
    for number, (owner, visibility) in enumerate(product((cast.owner, cast.member), Image.Visibility.values * 3)):
        width, height = SIZES[number % len(SIZES)]
        image = make_image(
            owner, width, height, visibility=visibility, prompt=WORDS[number % len(WORDS)],
            model=("flux", "dream-xl", "dream-2")[number % 3], colours=COLOURS[number // 3 % len(COLOURS)],
            hidden_at=timezone.now() if number % 7 == 3 else None,
            trashed_at=timezone.now() if number % 9 == 5 else None,
        )  # fmt: skip
        made.append(_moved(image, FIRST_DAY + timedelta(days=number)))
    index.add_older(100)
    for image in made:
        if dice.random() < 0.5:
            Rating.objects.create(image=image, user=cast.stranger, stars=dice.randint(1, 5))
        if dice.random() < 0.4:
            state = dice.choice(Comment.State.values)
            Comment.objects.create(
                image=image, user=cast.stranger, text="Such a lovely fox", token=uuid4(), state=state
            )
        if dice.random() < 0.3:
            Call.objects.create(generation=image.generation, user=image.user, number=2, state=Call.State.FAILED)
    return made


def _moved(image: Image, moment: datetime) -> Image:
    """The same picture, received at this moment; before there are words of it."""
    before, tail = image.pk, image.pk.int & (1 << 80) - 1
    pk = UUID(int=int(moment.timestamp() * 1000) << 80 | tail)
    Image.objects.filter(pk=before).update(id=pk)
    return Image.objects.select_related("generation", "user").get(pk=pk)


def _stars(image: Image) -> float:
    given = [rating.stars for rating in Rating.objects.filter(image=image)]
    return sum(given) / len(given) if given else 0


def _day(image: Image) -> str:
    return datetime.fromtimestamp((image.pk.int >> 80) / 1000, UTC).date().isoformat()


def _has_failed(image: Image, user: Any) -> bool:
    failed = image.generation.calls.filter(state=Call.State.FAILED).exists()
    return failed and (user.is_staff or image.user_id == user.pk)


def _is_discussed(image: Image, user: Any) -> bool:
    return Comment.objects.shown_to(user).filter(image=image).exists()


# What is typed, and whether it holds for a picture, by a plain look.
MEMBERS: dict[str, Callable[[Image, Any], bool]] = {
    "rated:3": lambda image, user: _stars(image) >= 3,
    "rated:4": lambda image, user: _stars(image) >= 4,
    "-rated:3": lambda image, user: _stars(image) < 3,
    "rated:5 OR rated:2": lambda image, user: _stars(image) >= 2,
    "has:stars": lambda image, user: _stars(image) > 0,
    "-has:stars": lambda image, user: not _stars(image),
    "has:comment": _is_discussed,
    "failed:yes": _has_failed,
    "failed:no": lambda image, user: not _has_failed(image, user),
    "in:comments lovely": _is_discussed,
    "in:comments lovely dog": lambda image, user: False,
}
FACTS: dict[str, Callable[[Image, Any], bool]] = {
    "": lambda image, user: True,
    "by:olga": lambda image, user: image.user.username == "olga",
    "by:OLGA": lambda image, user: image.user.username == "olga",
    "by:nobody": lambda image, user: False,
    "by:olga OR by:max": lambda image, user: True,
    "model:flux": lambda image, user: image.generation.model == "flux",
    "-model:flux": lambda image, user: image.generation.model != "flux",
    "shape:wide": lambda image, user: image.width > image.height,
    "shape:tall": lambda image, user: image.width < image.height,
    "shape:square": lambda image, user: image.width == image.height,
    "shape:16:9": lambda image, user: image.width == 160,
    "colour:teal": lambda image, user: "teal" in (image.colours or ""),
    "colour:red colour:navy": lambda image, user: image.colours == "navy white red",
    "colour:teal OR color:white": lambda image, user: image.colours in ("teal navy", "navy white red"),
    "-colour:red": lambda image, user: "red" not in (image.colours or ""),
    "seen:private": lambda image, user: image.visibility == "private",
    "seen:link OR seen:public": lambda image, user: image.visibility in ("link", "public"),
    "-seen:shared": lambda image, user: image.visibility != "shared",
    "before:2026-04": lambda image, user: _day(image) < "2026-04-01",
    "after:2026-04": lambda image, user: _day(image) > "2026-04-30",
    "on:2026-04": lambda image, user: _day(image).startswith("2026-04"),
    "after:2026-04-03 before:2026-04-10": lambda image, user: "2026-04-03" < _day(image) < "2026-04-10",
    "after:9999": lambda image, user: False,
    "before:0001": lambda image, user: False,
    "size:>0.004mp": lambda image, user: image.width * image.height >= 4000,
    "size:<0.004mp": lambda image, user: image.width * image.height <= 4000,
    "fox": lambda image, user: "fox" in image.generation.prompt,
    "red -fox": lambda image, user: image.generation.prompt == "a red house",
    "京": lambda image, user: "京" in image.generation.prompt,
}
ALONE = [*MEMBERS, *FACTS]
TOGETHER = [
    "fox by:olga", "fox shape:wide seen:shared", "red model:flux after:2026-04-02", "лиса by:max", "fox colour:red",
    "colour:teal by:olga seen:shared", "by:olga seen:private", "-fox shape:tall", "fox by:olga OR by:max",
    "seen:link by:max on:2026",
]  # fmt: skip


def fits(question: str, image: Image, user: Any) -> bool:
    """By all of its facts, each for itself."""
    if question in MEMBERS:
        is_said = "lovely" in question  # of prompts, if the comments are none of one's business
        return MEMBERS[question](image, user) if user.is_authenticated else not is_said
    if question in FACTS:
        return FACTS[question](image, user)
    return _all_of(question, image, user)


def _all_of(question: str, image: Image, user: Any) -> bool:
    plain = {
        "лиса": lambda: "лиса" in image.generation.prompt,
        "colour:red": lambda: "red" in (image.colours or ""),
        "red": lambda: "red" in image.generation.prompt,
        "-fox": lambda: "fox" not in image.generation.prompt,
        "by:max": lambda: image.user.username == "max",
        "seen:shared": lambda: image.visibility == "shared",
        "seen:link": lambda: image.visibility == "link",
        "after:2026-04-02": lambda: _day(image) > "2026-04-02",
        "on:2026": lambda: True,
    }
    terms = question.replace("by:olga OR by:max", "on:2026").split()
    return all(plain[term]() if term in plain else FACTS[term](image, user) for term in terms)


def everybody(cast: Cast) -> list[Any]:
    return [*vars(cast).values(), AnonymousUser()]


def in_scope(scope: str, user: Any) -> set[UUID]:
    """What `visible_to` says about each picture by itself."""
    if scope == TRASH:
        return {image.pk for image in Image.objects.trashed_for(user)}
    seen = Image.objects.visible_to(user)
    if scope == MINE and user.is_authenticated:
        seen = seen.filter(user=user)
    return set((seen.filter(user__username="olga") if scope == "u/olga" else seen).values_list("pk", flat=True))


@pytest.mark.parametrize("scope", [EXPLORE, MINE, "u/olga", TRASH])
def test_a_filter_leaves_out_and_never_lets_in(cast: Cast, scene: list[Image], scope: str) -> None:
    compared = 0
    for user in everybody(cast):
        allowed = in_scope(scope, user)
        for question in (*ALONE, *TOGETHER):
            wanted = [image.pk for image in reversed(scene) if image.pk in allowed and fits(question, image, user)]
            here = Listing(scope, q=question)
            assert [picture.pk for picture in here.page(user).rows] == wanted, (user, question)
            there = Listing(scope, q=question, order=OLDEST)
            assert [picture.pk for picture in there.page(user).rows] == wanted[::-1], (user, question)
            assert here.count(user, 100) == len(wanted), (user, question)
            assert here.count(user, 1) == min(2, len(wanted)), (user, question)
            compared += len(wanted)
    assert compared > 30


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
@pytest.mark.parametrize("question", ["", "fox", "shape:wide", "fox -shape:tall"])
def test_pages_with_a_question_join_without_gap_or_overlap(
    cast: Cast, scene: list[Image], question: str, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [picture.pk for picture in Listing(q=question, order=order).page(cast.owner).rows]
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    found: list[UUID] = []
    here: Listing | None = Listing(q=question, order=order)
    while here:
        page = here.page(cast.owner)
        found += [picture.pk for picture in page.rows]
        here = Listing(q=question, order=order, before=page.older) if page.older else None
    assert found == whole
    assert len(found) > 3


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
@pytest.mark.parametrize("question", ["fox", "model:flux", "fox -shape:tall", "rated:2"])
def test_neighbours_and_places_are_those_of_the_listing(
    cast: Cast, scene: list[Image], question: str, order: str
) -> None:
    here = Listing(q=question, order=order)
    rows = [None, *(picture.pk for picture in here.page(cast.owner).rows), None]
    assert len(rows) > 4
    for place in range(1, len(rows) - 1):
        image = Image.objects.get(pk=rows[place])
        beside = here.neighbours(cast.owner, image)
        around = [found and found.pk for found in (beside.previous, beside.next)]
        assert around == [rows[place - 1], rows[place + 1]]
        assert here.position(cast.owner, image, 100) == place
        assert here.position(cast.owner, image, 1) == min(place, 2)


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
def test_a_page_goes_on_behind_a_picture_that_is_gone(cast: Cast, scene: list[Image], order: str) -> None:
    here = Listing(q="fox", order=order)
    rows = [picture.pk for picture in here.page(cast.owner).rows]
    Comment.objects.all().delete()
    Rating.objects.all().delete()
    Image.objects.filter(pk=rows[2]).delete()
    following = Listing(q="fox", order=order, before=Cursor(rows[2])).page(cast.owner).rows
    assert [picture.pk for picture in following] == rows[3:]


def test_words_that_are_rare_are_found_beyond_the_nearest_documents(
    cast: Cast, scene: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [picture.pk for picture in Listing(q="fox").page(cast.owner).rows]
    monkeypatch.setattr(finding, "WINDOW", 1)
    for order, wanted in ((NEWEST, rows), (OLDEST, rows[::-1])):
        assert [picture.pk for picture in Listing(q="fox", order=order).page(cast.owner).rows] == wanted


def test_more_pictures_cost_no_more_queries(cast: Cast, scene: list[Image], make_image: Make) -> None:
    here = Listing(q="fox by:olga OR by:max model:flux -shape:tall")
    here.page(cast.owner)
    with counted() as few:
        here.page(cast.owner)
    for _ in range(5):
        make_image(cast.owner, prompt="a red fox")
    index.add_older(100)
    with counted() as many:
        here.page(cast.owner)
    assert len(many) == len(few) <= 4


def test_somebody_is_found_by_what_they_are_called(cast: Cast, scene: list[Image]) -> None:
    cast.owner.first_name, cast.owner.last_name = "Olga", "Onwards"
    cast.owner.save()
    for name in ("olga", '"Olga Onwards"', "OLGA", "me"):
        assert {picture.username for picture in Listing(q=f"by:{name}").page(cast.owner).rows} == {"olga"}
    cast.owner.left_at = timezone.now()
    cast.owner.save()
    assert not Listing(q="by:olga").page(cast.member).rows


def test_a_picture_that_is_looked_at_is_found_by_its_colours(cast: Cast, scene: list[Image]) -> None:
    bare = list(Image.objects.visible_to(cast.owner).filter(colours=None))
    assert bare
    for image in bare:
        image.colours = "lime"
    Image.objects.all().describe(bare, "colours")
    assert {picture.pk for picture in Listing(q="colour:lime").page(cast.owner).rows} == {image.pk for image in bare}
    assert following.are_sound()


def test_a_picture_is_found_by_the_beginning_of_its_id(cast: Cast, scene: list[Image]) -> None:
    whole = str(scene[0].pk)
    for said in (whole, whole.replace("-", "")[:9], whole.upper()):
        assert [picture.pk for picture in Listing(q=f"id:{said}").page(cast.owner).rows] == [scene[0].pk]


@pytest.mark.parametrize("secret", ["rated:1", "has:comment", "in:comments", "failed:no", "has:stars"])
def test_visitors_cannot_ask_for_what_is_for_members(cast: Cast, scene: list[Image], secret: str) -> None:
    plain = Listing("u/olga").page(AnonymousUser())
    assert Listing("u/olga", q=secret).page(AnonymousUser()) == plain
    assert len(plain.rows) > 1


def test_a_picture_that_was_handed_over_is_found_by_its_new_owner(cast: Cast, scene: list[Image]) -> None:
    whole = list(Image.objects.filter(user=cast.owner).select_related("generation"))
    Image.objects.filter(user=cast.owner).update(user=cast.stranger)
    asked = Listing(q="fox by:sam")
    assert not asked.page(cast.stranger).rows  # what the index says of them is out of date, and only hides them
    assert not Listing(q="fox by:olga").page(cast.stranger).rows
    for image in whole:
        image.user = cast.stranger
    index.renew(whole)
    assert asked.page(cast.stranger).rows
    assert following.are_sound()


@pytest.mark.parametrize("question", ["shape:11:10", "shape:10:11", "shape:1:1", "shape:4:3", "shape:9:10"])
def test_a_shape_that_is_nearly_another_one_is_found_as_both(cast: Cast, make_image: Make, question: str) -> None:
    across, down = map(int, question.removeprefix("shape:").split(":"))
    sides = [(across * 20, down * 20), (across * 206, down * 200), (across * 200, down * 205), (300, 100), (100, 300)]
    for width, height in sides:
        Image.objects.filter(pk=make_image(cast.owner).pk).update(width=width, height=height)
    index.add_older(100)
    assert [picture.width for picture in Listing(q=question, order=OLDEST).page(cast.owner).rows] == [
        width for width, _ in sides[:3]
    ]
