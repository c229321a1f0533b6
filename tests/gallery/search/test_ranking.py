"""Orders by stars, comments, downloads and words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from gallery.browse import listing
from gallery.browse.listing import Listing
from gallery.browse.orders import DISCUSSED, DOWNLOADED, NUMBERS, RANDOM, RATED, RELEVANT
from gallery.models import Comment, Rating
from gallery.search import index, ranking
from generator.models import Image
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
ORDERS = (*NUMBERS, RELEVANT)


@pytest.fixture
def walls(cast: Cast, make_image: Make) -> list[Image]:
    """The first is private; of the last nothing is known."""
    prompts = ["fox", "A fox and a fox in snow", "Snow, and long after all the snow a fox", "A fox in snow", "An owl"]
    made = [make_image(cast.owner, prompt=prompt, visibility="public") for prompt in prompts]
    Image.objects.filter(pk=made[0].pk).update(visibility="private")
    index.add_older(10)
    for image, stars, comments, downloads in zip(made, (5, 2, 4, 4), (4, 1, 3, 2), (9, 3, 3, 1), strict=False):
        Rating.objects.create(image=image, user=cast.stranger, stars=stars)
        for number in range(comments):
            Comment.objects.create(image=image, user=cast.stranger, text=f"{number}", token=uuid4())
        Image.objects.filter(pk=image.pk).update(downloads=downloads)
    Comment.objects.create(image=made[1], user=cast.stranger, text="-", token=uuid4(), state=Comment.State.TRASHED)
    return made


WANTED = {RATED: [3, 2, 1], DISCUSSED: [2, 3, 1], DOWNLOADED: [2, 1, 3], RELEVANT: [1, 3, 2]}


@pytest.mark.parametrize("order", ORDERS)
def test_the_best_comes_first_and_nothing_that_one_may_not_see(cast: Cast, walls: list[Image], order: str) -> None:
    here = Listing(q="fox", order=order)
    wanted = [walls[number].pk for number in WANTED[order]]
    assert [picture.pk for picture in here.page(cast.member).rows] == wanted
    assert here.count(cast.member, 100) == 3
    assert walls[0].pk in [picture.pk for picture in here.page(cast.owner).rows]
    assert here.count(cast.owner, 100) == 4


@pytest.mark.parametrize("order", NUMBERS)
def test_it_needs_no_question(cast: Cast, walls: list[Image], order: str) -> None:
    wanted = [walls[number].pk for number in WANTED[order]]
    for here in (Listing(order=order), Listing("u/olga", order=order), Listing(q="shape:wide", order=order)):
        assert [picture.pk for picture in here.page(cast.member).rows] == wanted
    assert not Listing("mine", order=order).page(cast.member).rows


@pytest.mark.parametrize("order", ORDERS)
def test_pages_join_and_neighbours_are_those_beside(
    cast: Cast, walls: list[Image], order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    found, here = [], Listing(q="fox", order=order)
    while here:
        page = here.page(cast.owner)
        found += [picture.pk for picture in page.rows]
        here = Listing(q="fox", order=order, before=page.older) if page.older else None
    assert len(found) == len(set(found)) == 4
    there = Listing(q="fox", order=order)
    beside = there.neighbours(cast.owner, Image.objects.get(pk=found[1]))
    assert [beside.previous.pk, beside.next.pk] == [found[0], found[2]]
    assert there.position(cast.owner, Image.objects.get(pk=found[2]), 100) == 3
    alone = there.neighbours(cast.owner, walls[4])
    assert (alone.previous, alone.next) == (None, None)


@pytest.mark.parametrize("order", ORDERS)
def test_visitors_learn_nothing_by_it(cast: Cast, walls: list[Image], order: str) -> None:
    plain = Listing("u/olga").page(AnonymousUser())
    assert Listing("u/olga", order=order).page(AnonymousUser()) == plain
    assert Listing("u/olga", order=order).count(AnonymousUser(), 100) == 4


def test_pages_offer_the_orders_that_make_sense(client: Client, cast: Cast, walls: list[Image]) -> None:
    assert "Best rated" not in client.get("/u/olga/").content.decode()
    client.force_login(cast.member)
    assert "Best match" not in client.get("/").content.decode()
    assert "Best match" in client.get("/", {"q": "fox"}).content.decode()
    assert "3 pictures" in client.get("/", {"order": "rated"}).content.decode()
    Rating.objects.all().delete()
    nothing = client.get("/", {"order": "rated"}).content.decode()
    assert "Nothing found" in nothing
    assert "Nothing on the walls" not in nothing
    assert '<option value="rated" selected>' in nothing


CUT = [(RATED, "Best rated"), (RELEVANT, "Best match"), (RANDOM, "Random")]


@pytest.mark.parametrize(("order", "name"), CUT)
def test_a_page_says_that_not_all_that_was_found_is_in_order(
    client: Client, cast: Cast, walls: list[Image], monkeypatch: Any, order: str, name: str
) -> None:
    client.force_login(cast.member)
    asked = {"q": "fox", "order": order, "seed": "1"}
    said = f"{name} among the newest 2 pictures found. Older ones are left out."
    assert said not in client.get("/", asked).content.decode()
    monkeypatch.setattr(ranking, "MOST", 2)
    assert said in client.get("/", asked).content.decode()
    assert "among the newest" not in client.get("/", asked | {"order": "oldest"}).content.decode()
