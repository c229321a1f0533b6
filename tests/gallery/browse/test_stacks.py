"""Pictures of one wish that are one tile: what is folded, what is counted, and that paging knows nothing of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import groupby

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery.browse import listing
from gallery.models import User
from generator.models import Image
from tests.conftest import Cast, markup

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
COUNT = re.compile(r'data-stack="([0-9a-f-]{36})" title="(\d+) pictures"')
UNDER = re.compile(r'data-under="([0-9a-f-]{36})"( hidden)?')
TILE = re.compile(r'data-image="([0-9a-f-]{36})"')


@pytest.fixture
def wish(cast: Cast, make_image: Make) -> Callable[[int], list[Image]]:
    """So many pictures of one wish, the newest first."""

    def make(size: int) -> list[Image]:
        made = [make_image(cast.owner) for _ in range(size)]
        Image.objects.filter(pk__in=[image.pk for image in made]).update(generation=made[0].generation)
        return sorted(made, key=lambda image: image.pk, reverse=True)

    return make


def tops(page: str) -> dict[str, int]:
    return {top: int(size) for top, size in COUNT.findall(page)}


def test_what_stands_side_by_side_is_one_tile_with_a_count(member: Client, wish: Callable[[int], list[Image]]) -> None:
    alone, three = wish(1), wish(3)
    page = markup(member.get("/"))
    assert tops(page) == {str(three[0].pk): 3}
    assert UNDER.findall(page) == [(str(three[0].pk), " hidden")] * 2
    assert f'id="stack-{alone[0].pk}"' not in page
    assert "by olga, 3 pictures" in page


def test_an_address_opens_a_stack_and_keeps_all_else_that_it_says(
    member: Client, wish: Callable[[int], list[Image]]
) -> None:
    top = wish(2)[0].pk
    folded = markup(member.get("/", {"density": "small"}))
    address = f"/?density=small&amp;open={top}#stack-{top}"
    assert f'href="{address}"' in folded
    opened = markup(member.get("/", {"density": "small", "open": str(top)}))
    assert UNDER.findall(opened) == [(str(top), "")]
    assert 'aria-current="true"' in opened
    assert f'href="/?density=small#stack-{top}"' in opened


def test_explore_is_stacked_and_others_are_when_one_wants_it(
    cast: Cast, member: Client, wish: Callable[[int], list[Image]]
) -> None:
    wish(2)
    theirs = f"/u/{cast.owner}/"
    assert [len(tops(markup(member.get(path)))) for path in ("/", theirs)] == [1, 0]
    member.post("/appearance/", {"stacks": "on"})
    assert [len(tops(markup(member.get(path)))) for path in ("/", theirs)] == [1, 1]
    member.post("/appearance/", {"stacks": "off"})
    assert [len(tops(markup(member.get(path)))) for path in ("/", theirs)] == [0, 0]
    assert len(tops(markup(member.get("/", {"stacks": "on"})))) == 1
    assert User.objects.get(pk=cast.member.pk).grid_layout == ""


def test_a_list_has_stacks_too(member: Client, wish: Callable[[int], list[Image]]) -> None:
    top = wish(2)[0].pk
    page = markup(member.get("/", {"layout": "list"}))
    assert tops(page) == {str(top): 2}
    assert UNDER.findall(page) == [(str(top), " hidden")]


def test_what_is_asked_of_the_database_is_the_same(member: Client, wish: Callable[[int], list[Image]]) -> None:
    wish(3)

    def queries(stacks: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            member.get("/", {"stacks": stacks})
        return len(captured)

    queries("on")
    assert queries("on") == queries("off")


def _scatter(cast: Cast, wish: Callable[[int], list[Image]], chance: random.Random) -> None:
    """Wishes of every size, of whose pictures some are hidden, thrown away or their owner's alone."""
    for _ in range(12):
        for image in wish(chance.randint(1, 4)):
            image.visibility = chance.choice(["private", "link", "shared", "shared", "public"])
            image.trashed_at = timezone.now() if chance.random() < 0.15 else None
            image.hidden_at = timezone.now() if chance.random() < 0.15 else None
            image.user = chance.choice([cast.owner, cast.owner, cast.member])
            image.save()


def _pages(client: Client) -> list[str]:
    pages, address = [], "/?stacks=on"
    while address:
        pages.append(client.get(address).content.decode())
        found = re.search(r'rel="next" href="(\?[^"]+)"', pages[-1])
        address = "/" + found[1].replace("&amp;", "&") if found else ""
    return pages


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_shown_or_counted_what_they_may_not_see_and_nothing_is_doubled_or_lost(
    cast: Cast, client: Client, wish: Callable[[int], list[Image]], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 5)
    _scatter(cast, wish, random.Random(seed))
    for person in (cast.owner, cast.member, cast.stranger, cast.moderator):
        client.force_login(person)
        seen = list(Image.objects.visible_to(person).newest().values_list("pk", "generation"))
        pages = _pages(client)
        assert [pk for page in pages for pk in TILE.findall(page)] == [str(pk) for pk, _ in seen]
        for number, page in enumerate(pages):
            here = seen[number * 5 : number * 5 + 5]
            runs = [[str(pk) for pk, _ in run] for _, run in groupby(here, lambda row: row[1])]
            assert tops(page) == {run[0]: len(run) for run in runs if len(run) > 1}
            assert len(UNDER.findall(page)) == sum(len(run) - 1 for run in runs)
