"""Every order is whole: pages join in both directions, neighbours and places agree, and a writer disturbs nobody."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.test import Client
from django.utils import timezone

from gallery.browse import listing
from gallery.browse.listing import Listing
from gallery.browse.orders import DISCUSSED, DOWNLOADED, NEWEST, NUMBERS, OLDEST, RANDOM, RATED, new_seed, seed_of
from gallery.browse.wanted import ALL, EXPLORE, MINE, TRASH
from gallery.models import Comment, Rating
from gallery.paging import Cursor
from gallery.search import index
from generator.models import Image
from generator.models.ranks import tail
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
ORDERS = [NEWEST, OLDEST, RATED, DISCUSSED, DOWNLOADED, RANDOM]
SEED = 1 << 31


def say(image: Image, user: Any, number: int) -> None:
    """So many comments, stars of as many, and downloads."""
    Comment.objects.bulk_create(Comment(image=image, user=user, text="a", token=uuid4().hex) for _ in range(number % 4))
    if number % 6:
        Rating.objects.all().rate(image, user, number % 6)
    Image.objects.filter(pk=image.pk).update(downloads=number % 3)


@pytest.fixture
def walls(cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch) -> list[Image]:
    """Of three people, one in four of which others do not see; with many equal numbers."""
    monkeypatch.setattr(listing, "PAGE_SIZE", 4)
    owners, shown = (cast.owner, cast.member, cast.stranger), ("shared", "public", "shared", "private")
    made = [make_image(owners[number % 3], visibility=shown[number % 4]) for number in range(24)]
    for number, image in enumerate(made):
        say(image, cast.moderator, number)
    make_image(cast.owner, hidden_at=timezone.now())
    make_image(cast.owner, trashed_at=timezone.now())
    return made


def ordered(images: Any, order: str, seed: int = SEED) -> list[UUID]:
    """As an order says, by Python."""
    rows = list(images.values_list("pk", *NUMBERS.values()))
    if order in NUMBERS:
        at = [*NUMBERS].index(order) + 1
        return [row[0] for row in sorted(rows, key=lambda row: (row[at] or 0, row[0]), reverse=True) if row[at]]
    keys = sorted((row[0] for row in rows), reverse=order != OLDEST)
    if order != RANDOM:
        return keys
    return sorted(keys, key=lambda key: ((seed - tail(key)) % (1 << 32), -key.int))


def pages(here: Listing, user: Any) -> Iterator[Any]:
    page = here.page(user)
    yield page
    while page.older:
        page = replace(here, before=page.older).page(user)
        yield page


def keys(rows: Any) -> list[UUID]:
    return [picture.pk for picture in rows]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("scope", [EXPLORE, MINE, "u/olga", TRASH, ALL])
def test_pages_hold_what_one_may_see_in_order_and_back_again(
    cast: Cast, walls: list[Image], order: str, scope: str
) -> None:
    here = Listing(scope, order=order, seed=SEED)
    for user in (cast.owner, cast.member, cast.admin):
        wanted = ordered(here.images(user), order)
        down = list(pages(here, user))
        assert [key for page in down for key in keys(page.rows)] == wanted
        assert here.count(user, 100) == len(wanted)
        assert here.count(user, 1) == min(2, len(wanted))
        up, page = [], down[-1]
        while page.newer:
            page = replace(here, after=page.newer).page(user)
            up = [*keys(page.rows), *up]
        assert up == wanted[: len(up)]
        assert len(up) + len(down[-1].rows) == len(wanted)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("question", ["", "by:olga OR by:max", "shape:wide", "teal"])
def test_neighbours_and_places_are_those_of_the_order(
    cast: Cast, walls: list[Image], order: str, question: str
) -> None:
    index.add_older(100)
    here = Listing(q=question, order=order, seed=SEED)
    shown = [None, *(key for page in pages(here, cast.owner) for key in keys(page.rows)), None]
    assert len(shown) > 6
    for place in (1, 2, 5, len(shown) - 2):
        image = Image.objects.get(pk=shown[place])
        beside = here.neighbours(cast.owner, image)
        assert [one and one.pk for one in (beside.previous, beside.next)] == [shown[place - 1], shown[place + 1]]
        assert here.position(cast.owner, image, 100) == place
        assert min(here.position(cast.owner, image, 1), 2) == min(place, 2)
        back = here.address(before=beside.place) if beside.place else here.address()
        assert back.startswith("/")
        assert keys(replace(here, before=beside.place).page(cast.owner).rows)[0] == image.pk


@pytest.mark.parametrize("order", NUMBERS)
def test_a_picture_of_which_there_is_nothing_to_compare_stands_nowhere(
    cast: Cast, make_image: Make, walls: list[Image], order: str
) -> None:
    here, plain = Listing(order=order), make_image(cast.owner)
    assert here.neighbours(cast.owner, plain) == listing.Neighbours(None, None)
    assert here.position(cast.owner, plain, 100) == 101
    assert Listing(order=order, before=Cursor(plain.pk)).page(cast.owner).rows == here.page(cast.owner).rows


class Writer:
    """Rates, comments, downloads, adds, hides and deletes between two pages; of some pictures it leaves its hands."""

    def __init__(self, cast: Cast, make_image: Make, moving: list[Image]) -> None:
        self.cast, self.make_image, self.moving, self.dice = cast, make_image, moving, random.Random(5)

    def act(self) -> None:
        new = self.make_image(self.cast.owner)
        self.moving.append(new)
        for image in self.dice.sample(self.moving, 4):
            Rating.objects.all().rate(image, self.cast.admin, self.dice.randint(0, 5))
            Comment.objects.create(image=image, user=self.cast.admin, text="a", token=uuid4().hex)
            Image.objects.filter(pk=image.pk).update(downloads=F("downloads") + 1)
        Comment.objects.filter(image=self.dice.choice(self.moving)).update(state="hidden")
        self.moving.remove(gone := self.dice.choice(self.moving))
        gone.trash()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("upwards", [False, True])
def test_nothing_is_doubled_or_left_out_while_others_change(
    cast: Cast, make_image: Make, walls: list[Image], order: str, upwards: bool
) -> None:
    writer = Writer(cast, make_image, walls[::2])
    steady = {image.pk for image in walls[1::2]}
    here = Listing(order=order, seed=SEED)
    wanted = [key for key in ordered(here.images(cast.member), order) if key in steady]
    *_, page = pages(here, cast.member) if upwards else [here.page(cast.member)]
    found, turns = keys(page.rows), 0
    while cursor := page.newer if upwards else page.older:
        writer.act()
        there = replace(here, after=cursor) if upwards else replace(here, before=cursor)
        page = there.page(cast.member)
        found = [*keys(page.rows), *found] if upwards else [*found, *keys(page.rows)]
        turns += 1
    assert [key for key in found if key in steady] == wanted
    assert turns > 2
    assert len(wanted) > 5


@pytest.mark.parametrize("seed", [0, (1 << 32) - 1, None, -1])
def test_at_random_everything_comes_once_wherever_it_begins(cast: Cast, walls: list[Image], seed: int | None) -> None:
    """Also just where a picture stands, and with a picture of the same bytes and digits beside it."""
    first = Image.objects.exclude(pk__in=[image.pk for image in walls]).first()
    assert first
    Image.objects.filter(pk=walls[0].pk).update(sha256=walls[4].sha256)
    here = Listing(MINE, order=RANDOM, seed=tail(walls[0].pk) if seed == -1 else seed)
    shown = [key for page in pages(here, cast.owner) for key in keys(page.rows)]
    assert shown == ordered(here.images(cast.owner), RANDOM, here.seed or 0)
    assert seed != -1 or shown[0] == walls[0].pk


def test_two_pictures_may_have_the_same_digits(cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    twins = [UUID(int=number << 80 | 0x7 << 76 | 2 << 62 | 9) for number in (1, 2, 3)]
    for twin in twins:
        Image.objects.filter(pk=make_image(cast.owner).pk).update(id=twin)
    for seed in (0, 9, 10):
        here = Listing(order=RANDOM, seed=seed)
        assert [key for page in pages(here, cast.owner) for key in keys(page.rows)] == twins[::-1]


@pytest.mark.parametrize("order", NUMBERS)
def test_visitors_learn_nothing_of_numbers(walls: list[Image], order: str) -> None:
    here = Listing("u/olga", order=order)
    nobody = AnonymousUser()
    assert [keys(page.rows) for page in pages(here, nobody)] == [
        keys(page.rows) for page in pages(Listing("u/olga"), nobody)
    ]
    image = Image.objects.visible_to(nobody).filter(user__username="olga").earliest("pk")
    assert here.position(nobody, image, 100) == here.count(nobody, 100)


def test_visitors_may_shuffle(client: Client, walls: list[Image]) -> None:
    shown = client.get("/u/olga/", {"order": "random"}, follow=True)
    assert shown.redirect_chain[0][0].startswith("/u/olga/?order=random&seed=")
    assert 'value="random" selected' in shown.content.decode()


def test_without_a_seed_one_is_drawn_and_one_can_shuffle_again(client: Client, cast: Cast, walls: list[Image]) -> None:
    client.force_login(cast.member)
    drawn = {client.get("/", {"order": "random", "q": "shape:wide"})["Location"] for _ in range(3)}
    assert len(drawn) == 3
    assert client.get("/trash/", {"order": "random"})["Location"].startswith("/trash/?order=random&seed=")
    page = client.get(drawn.pop()).content.decode()
    assert 'href="/?q=shape%3Awide&amp;order=random" rel="nofollow"' in page
    assert "Shuffle again" in page
    assert "Shuffle again" not in client.get("/").content.decode()


def test_a_seed_is_told_to_pictures_and_pages(cast: Cast, walls: list[Image]) -> None:
    here = Listing.from_address({"order": "random", "seed": "0"}, MINE)
    assert here == Listing(MINE, order=RANDOM, seed=0)
    assert here.address() == "/mine/?order=random&seed=0"
    assert here.within == "?in=mine&order=random&seed=0"
    assert Listing.around(here.fields) == here
    assert here.shuffled(None).address() == "/mine/?order=random"
    assert Listing.from_address({"order": "oldest", "seed": "4"}) == Listing(order=OLDEST)


@pytest.mark.parametrize("text", ["", "-1", "x", "1.5", "²", str(1 << 32), "9" * 30])
def test_a_mangled_seed_is_none(text: str) -> None:
    assert seed_of(text) is None


def test_a_seed_is_read_as_it_is_written() -> None:
    for seed in (0, (1 << 32) - 1, new_seed()):
        assert seed_of(str(seed)) == seed


@pytest.mark.parametrize("order", ORDERS)
def test_back_from_a_picture_leads_to_the_page_that_begins_with_it(
    client: Client, cast: Cast, walls: list[Image], order: str
) -> None:
    client.force_login(cast.owner)
    here = Listing(order=order, seed=SEED if order == RANDOM else None)
    shown = [key for page in pages(here, cast.owner) for key in keys(page.rows)]
    for place in (0, 5):
        picture = client.get(f"/images/{shown[place]}/{here.within}").content.decode()
        back = picture.partition('stage-back" href="')[2].partition('"')[0].replace("&amp;", "&")
        rows = client.get(back).content.decode()
        assert [f'data-image="{key}"' in rows for key in shown[place : place + 5]] == [True] * 4 + [False]
        assert f'data-image="{shown[place - 1]}"' not in rows


def test_an_order_that_fills_pages_is_named_and_not_counted(client: Client, cast: Cast, walls: list[Image]) -> None:
    client.force_login(cast.member)
    assert '<h1 class="asked-count">Most discussed</h1>' in client.get("/", {"order": "discussed"}).content.decode()
    asked = client.get("/", {"order": "discussed", "q": "by:olga"}).content.decode()
    assert re.search(r'<h1 class="asked-count">\d+ pictures</h1>', asked)


def test_a_page_of_any_order_costs_as_many_queries(
    cast: Cast, walls: list[Image], django_assert_num_queries: Any
) -> None:
    for order in (NEWEST, OLDEST, *NUMBERS):
        place = Listing(order=order).page(cast.member).older
        for here in (Listing(order=order), Listing(order=order, before=place), Listing(order=order, after=place)):
            with django_assert_num_queries(1):
                here.page(cast.member)
    with django_assert_num_queries(2):
        Listing(order=RANDOM, seed=0).page(cast.member)
