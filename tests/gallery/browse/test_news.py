"""What a page of pictures asks now and then: how many have come since."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery.browse import news
from gallery.search import index
from gallery.search.overtime import OvertimeError
from generator.models import Image
from tests.conftest import Cast, markup

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


def test_it_says_how_many_stand_in_front_of_the_newest_one_that_was_there(
    cast: Cast, member: Client, make_image: Make
) -> None:
    first = make_image(cast.owner)
    assert f'data-news="/news/?&amp;after={first.pk}"' in markup(member.get("/"))
    assert member.get("/news/", {"after": str(first.pk)}).status_code == 204
    make_image(cast.owner)
    assert ">1 new<" in markup(member.get("/news/", {"after": str(first.pk)}))
    make_image(cast.member, visibility="private")
    answer = markup(member.get("/news/", {"after": str(first.pk)}))
    assert ">2 new<" in answer
    assert 'href="/"' in answer


def test_it_counts_in_the_listing_that_one_looks_at(cast: Cast, member: Client, make_image: Make) -> None:
    first = make_image(cast.member, prompt="A fox")
    for person, prompt in ((cast.member, "Two foxes"), (cast.member, "A harbour"), (cast.owner, "A fox in fog")):
        make_image(person, prompt=prompt)
    index.add_older(10)
    after = {"after": str(first.pk)}
    assert ">2 new<" in markup(member.get("/news/", after | {"in": "mine"}))
    answer = markup(member.get("/news/", after | {"in": "mine", "q": "fox"}))
    assert ">1 new<" in answer
    assert 'href="/mine/?q=fox"' in answer
    assert 'data-news="/news/?in=mine&amp;q=harbour&amp;after=' in markup(member.get("/mine/", {"q": "harbour"}))


def test_there_is_nothing_to_say_elsewhere(cast: Cast, member: Client, make_image: Make) -> None:
    images = sorted((make_image(cast.owner) for _ in range(2)), key=lambda image: image.pk)
    after = {"after": str(images[0].pk)}
    assert member.get("/news/").status_code == 204
    assert member.get("/news/", {"after": "x"}).status_code == 204
    assert member.get("/news/", after | {"order": "oldest"}).status_code == 204
    assert "data-news" not in markup(member.get("/", {"order": "oldest"}))
    assert "data-news" not in markup(member.get("/", {"before": str(images[1].pk)}))


def test_very_many_are_not_counted(
    cast: Cast, member: Client, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "MOST", 2)
    images = sorted((make_image(cast.owner) for _ in range(4)), key=lambda image: image.pk)
    assert ">More than 2 new<" in markup(member.get("/news/", {"after": str(images[0].pk)}))


def test_a_search_that_takes_too_long_finds_nothing_new(
    cast: Cast, member: Client, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def never() -> Any:
        raise OvertimeError
        yield

    first = make_image(cast.owner, prompt="A fox")
    make_image(cast.owner, prompt="A fox")
    index.add_older(10)
    monkeypatch.setattr(news, "limited", never)
    assert member.get("/news/", {"after": str(first.pk), "q": "fox"}).status_code == 204


def test_more_pictures_need_no_more_queries(cast: Cast, member: Client, make_image: Make) -> None:
    first = make_image(cast.owner)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            member.get("/news/", {"after": str(first.pk)})
        return len(captured)

    queries()
    few = queries()
    for _ in range(5):
        make_image(cast.owner)
    assert queries() == few


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_counted_that_somebody_may_not_see(cast: Cast, client: Client, make_image: Make, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(15):
        image = make_image(chance.choice([cast.owner, cast.member]))
        image.visibility = chance.choice(["private", "link", "shared", "public"])
        image.trashed_at = timezone.now() if chance.random() < 0.2 else None
        image.hidden_at = timezone.now() if chance.random() < 0.2 else None
        image.save()
    after = Image.objects.order_by("pk").values_list("pk", flat=True)[3]
    for person in (cast.owner, cast.member, cast.stranger, cast.moderator):
        client.force_login(person)
        seen = Image.objects.visible_to(person).filter(pk__gt=after).count()
        answer = client.get("/news/", {"after": str(after)})
        assert (f">{seen} new<" in markup(answer)) if seen else answer.status_code == 204
