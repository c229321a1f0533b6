"""Pages of what somebody looked for: what was asked, how much was found, and the ways on."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.browse import listing, summary
from gallery.search import index, overtime
from generator.models import Image
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


@pytest.fixture
def walls(cast: Cast, make_image: Make) -> list[Image]:
    """Three foxes, of which one is wide, and a harbour."""
    prompts = ["A red fox", "Two foxes", "A fox in fog", "A quiet harbour"]
    made = [make_image(cast.owner, 48, 64, prompt=prompt, visibility="public") for prompt in prompts]
    Image.objects.filter(pk=made[0].pk).update(width=90)
    index.add_older(10)
    return made


def markup(page: Any) -> str:
    """Without the breaks of its source."""
    return re.sub(r"\s+", " ", page.content.decode())


def found(page: Any) -> list[str]:
    return [row.picture.prompt for row in page.context["page"].rows]


def test_what_was_asked_stands_in_the_box_and_as_parts_that_can_be_taken_off(
    member: Client, walls: list[Image]
) -> None:
    page = member.get("/", {"q": "fox shape:wide", "order": "oldest"})
    text = markup(page)
    assert found(page) == ["A red fox"]
    assert 'type="search" name="q" id="search-words" value="fox shape:wide"' in text
    assert '<h1 class="asked-count">1 picture</h1>' in text
    assert 'href="/?q=fox&amp;order=oldest"' in text
    assert 'href="/?q=shape%3Awide&amp;order=oldest"' in text
    assert "<title>" in text


def test_a_hit_is_marked_and_nothing_of_a_prompt_is_markup(member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, prompt="<b>Foxes</b> & owls")
    index.add_older(10)
    text = markup(member.get("/", {"q": "fox OR b"}))
    assert "&lt;<mark>b</mark>&gt;<mark>Foxes</mark>&lt;/<mark>b</mark>&gt; &amp; owls" in text


def test_of_a_long_prompt_the_place_of_the_hit_is_shown(member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, prompt="Snow and ice, " * 40 + "a fox at last")
    index.add_older(10)
    assert "a <mark>fox</mark> at last" in markup(member.get("/", {"q": "fox"}))


@pytest.mark.parametrize("evil", ['"><script>alert(1)</script>', "by:<img>", 'rated:"<b>"', "&amp;", "{{ 7*7 }}"])
def test_what_is_typed_is_never_markup(member: Client, walls: list[Image], evil: str) -> None:
    for path in ("/", "/search/"):
        text = member.get(path, {"q": evil}).content.decode()
        assert not any(part in text for part in ("<script>alert", "<img>", "<b>", ">49<"))


def test_what_makes_no_sense_is_said_and_the_rest_looked_for(member: Client, walls: list[Image]) -> None:
    page = member.get("/", {"q": "rated:9 harbour on:2026-13"})
    assert found(page) == ["A quiet harbour"]
    assert 'This could not be understood and was left out: <q dir="auto">rated:9 · on:2026-13</q>' in markup(page)


def test_nothing_found_leads_on(member: Client, walls: list[Image]) -> None:
    text = markup(member.get("/", {"q": "harbour shape:wide"}))
    assert "Nothing found" in text
    assert 'href="/?q=harbour"> <span> Without <q dir="auto">shape:wide</q> </span>' in text
    assert 'href="/?q=shape%3Awide"' in text
    assert 'href="/">Show all pictures</a>' in text


def test_a_word_that_nobody_wrote_leads_to_the_nearest_that_somebody_did(member: Client, walls: list[Image]) -> None:
    assert 'Did you mean <a href="/?q=harbour">harbour</a>?' in markup(member.get("/", {"q": "harbuor"}))


def test_no_word_is_offered_that_stands_only_in_what_one_may_not_see(
    member: Client, cast: Cast, walls: list[Image]
) -> None:
    Image.objects.filter(pk=walls[3].pk).update(visibility="private")
    assert "harbour<" not in markup(member.get("/", {"q": "harbuor"}))
    member.force_login(cast.owner)
    assert "harbour<" in markup(member.get("/", {"q": "harbuor"}))


def test_more_is_counted_than_a_page_holds_and_a_lot_is_not(
    member: Client, walls: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    page = member.get("/", {"q": "fox"})
    assert page.context["summary"].heading == "3 pictures"
    assert f"?q=fox&amp;before={walls[1].pk}" in page.content.decode()
    monkeypatch.setattr(summary, "MOST_COUNTED", 2)
    assert member.get("/", {"q": "fox"}).context["summary"].heading == "More than 2 pictures"


def test_a_script_that_scrolls_on_gets_marked_rows_and_nothing_else(member: Client, walls: list[Image]) -> None:
    text = member.get("/", {"q": "fox"}, headers={"HX-Request": "true"}).content.decode()
    assert text.count("<mark>") == 3
    assert "<h1" not in text


def test_a_page_far_behind_leads_back_to_the_first_of_the_same(member: Client, walls: list[Image]) -> None:
    page = member.get("/", {"q": "fox", "order": "oldest", "before": str(walls[0].pk)})
    assert found(page) == ["Two foxes", "A fox in fog"]
    assert 'href="?q=fox&amp;order=oldest"' in page.content.decode()
    beyond = member.get("/", {"q": "fox", "before": str(walls[0].pk)})
    assert "That was the oldest one" in beyond.content.decode()


def test_an_order_needs_no_question(member: Client, walls: list[Image]) -> None:
    page = member.get("/", {"order": "oldest"})
    assert found(page) == [image.generation.prompt for image in walls]
    assert '<option value="oldest" selected>' in page.content.decode()
    assert f"/images/{walls[0].pk}/?order=oldest" in page.content.decode()


@pytest.mark.parametrize(
    ("path", "action"),
    [("/", "/"), ("/mine/", "/mine/"), ("/u/olga/", "/u/olga/"), ("/trash/", "/trash/"), ("/create/", "/")],
)
def test_the_box_of_each_page_asks_the_listing_that_one_is_on(member: Client, path: str, action: str) -> None:
    text = markup(member.get(path))
    assert f'role="search" method="get" action="{action}"' in text
    assert text.count('role="search"') == 1


def test_a_picture_keeps_the_question_it_was_found_by(member: Client, walls: list[Image]) -> None:
    page = member.get(f"/images/{walls[1].pk}/?in=u/olga&q=fox&order=oldest")
    text = markup(page)
    stage = page.context["page"]["stage"]
    assert str(walls[0].pk) in stage.before.address
    assert str(walls[2].pk) in stage.after.address
    assert f'href="/images/{walls[2].pk}/?in=u/olga&amp;q=fox&amp;order=oldest"' in text
    assert 'data-back="/u/olga/?q=fox&amp;order=oldest"' in text
    assert 'action="/u/olga/"' in text
    assert '<p class="stage-place">2 of 3</p>' in text


def test_of_very_many_the_place_is_told_as_far_as_it_is_counted(
    member: Client, walls: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary, "MOST_COUNTED", 2)
    assert "2 of more than 2" in markup(member.get(f"/images/{walls[1].pk}/?q=fox"))
    assert "stage-place" not in markup(member.get(f"/images/{walls[0].pk}/?q=fox"))
    assert "stage-place" not in markup(member.get(f"/images/{walls[1].pk}/"))


def test_its_owner_throws_it_away_and_goes_on_among_what_was_found(
    client: Client, cast: Cast, walls: list[Image]
) -> None:
    client.force_login(cast.owner)
    answer = client.post(f"/images/{walls[2].pk}/throw-away/", {"q": "fox shape:tall", "in": "mine"})
    assert answer["Location"] == f"/images/{walls[1].pk}/?in=mine&q=fox%20shape%3Atall"


def test_what_was_thrown_away_is_found_in_the_trash(client: Client, cast: Cast, walls: list[Image]) -> None:
    client.force_login(cast.owner)
    Image.objects.filter(pk__in=[image.pk for image in walls]).throw_away()
    page = client.get("/trash/", {"q": "harbour"})
    assert [row.picture.prompt for row in page.context["page"].rows] == ["A quiet harbour"]
    assert "Nothing found" in client.get("/trash/", {"q": "zebra"}).content.decode()
    assert "Nothing found" in client.get("/", {"q": "harbour"}).content.decode()


def test_visitors_look_among_what_a_member_shows(client: Client, walls: list[Image]) -> None:
    page = client.get("/u/olga/", {"q": "harbour"})
    assert found(page) == ["A quiet harbour"]
    assert 'action="/u/olga/"' in page.content.decode()
    nothing = client.get("/u/olga/", {"q": "zebra"})
    assert nothing.status_code == 200
    assert "4 pictures" in markup(nothing)
    left_out = client.get("/u/olga/", {"q": "fox has:comment"})
    assert len(found(left_out)) == 3
    assert "has:comment</q>" in markup(left_out)
    assert client.get("/", {"q": "harbour"}).status_code == 302
    assert 'role="search"' not in client.get("/accounts/login/").content.decode()


def test_the_page_of_the_box_asks_where_one_came_from(member: Client, walls: list[Image]) -> None:
    text = markup(member.get("/search/?in=u/olga&q=fox"))
    assert 'action="/u/olga/"> <input class="input" type="search" name="q" value="fox"' in text
    assert "How to search" in text


def test_visitors_read_how_to_search_and_have_a_box_only_for_a_member(client: Client) -> None:
    assert 'role="search"' not in client.get("/search/").content.decode()
    assert 'action="/u/olga/"' in client.get("/search/?in=u/olga").content.decode()


def test_the_box_costs_no_query(member: Client, walls: list[Image]) -> None:
    member.get("/")
    with CaptureQueriesContext(connection) as queries:
        member.get("/")
    assert not [query for query in queries if "document" in query["sql"]]


def test_whatever_is_typed_is_answered_by_a_page(member: Client, walls: list[Image]) -> None:
    dice = random.Random(11)
    pieces = [
        "fox", '"', "-", "*", "OR", ":", "by:", "on:0000", "on:9999-12-31", "before:9999", "after:0001",
        "size:>9999mp", "shape:99:1", "id:ffff", "id:0000", "in:comments", "failed:yes", "\ud800", "\u202e", "%", "_",
        "'", ";--", "🦊", "京", "NEAR(", "AND", "(", ")", "^", "+", "seen:link", "rated:5+", "model:%", "by:me",
    ]  # fmt: skip
    for number in range(150):
        typed = "".join(dice.choice(pieces) + dice.choice(("", " ", " ")) for _ in range(dice.randint(1, 9)))
        asked = quote(typed, errors="surrogatepass")
        path = ("/", "/mine/", "/u/olga/", "/trash/", f"/images/{walls[0].pk}/", "/search/")[number % 6]
        order, before = dice.choice(("", "oldest", "x")), dice.choice(("", str(walls[1].pk), "zzz"))
        answer = member.get(f"{path}?q={asked}&order={order}&before={before}")
        assert answer.status_code == 200, typed


@pytest.mark.parametrize("path", ["/", "/mine/", "/trash/", "/u/olga/"])
def test_a_search_that_would_take_too_long_is_given_up_and_says_so(
    member: Client, walls: list[Image], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def too_long() -> Iterator[None]:
        raise overtime.OvertimeError
        yield

    monkeypatch.setattr(summary, "limited", too_long)
    page = member.get(path, {"q": "fox -red"})
    assert page.status_code == 503
    assert "This takes too long" in markup(page)
    assert "Search without fox" in markup(page)
    assert member.get(f"/images/{walls[0].pk}/?q=fox").status_code == 200


def test_for_visitors_it_is_not_counted_as_far(client: Client, walls: list[Image], monkeypatch: Any) -> None:
    monkeypatch.setattr(summary, "MOST_COUNTED_OUTSIDE", 2)
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    assert "More than 2 pictures" in markup(client.get("/u/olga/", {"q": "fox"}))
    assert "4 pictures" in markup(client.get("/u/olga/", {"q": "size:<9mp"}))
