"""Favourites: made by one tap, one's own alone, and never a way to see more than one may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.browse import listing
from gallery.browse.listing import Listing
from gallery.browse.orders import ADDED, DISCUSSED, NEWEST, OLDEST, RANDOM, RATED, RELEVANT
from gallery.browse.wanted import EXPLORE, FAVOURITES, MINE, TRASH
from gallery.collections.controls import controls, favourites_among
from gallery.models import Favourite, Rating, User
from gallery.search import index
from generator import brakes
from generator.models import Image
from tests.conftest import Cast, markup

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
Make = Callable[..., Image]


def tap(client: Client, image: Image, wanted: str = "yes", **more: Any) -> Any:
    return client.post(f"/images/{image.pk}/favourite/", {"favourite": wanted} | more)


def keep(user: User, *images: Image) -> None:
    for image in images:
        Favourite.objects.all().keep(image, user)


@pytest.fixture
def image(cast: Cast, make_image: Make) -> Image:
    return make_image(cast.owner)


@pytest.fixture
def four(cast: Cast, make_image: Make) -> list[Image]:
    """Added in this order, which is not that of their keys; the last of them was added last."""
    made = sorted((make_image(cast.owner, prompt=f"A fox, number {number}") for number in range(4)), key=_key)
    index.add_older()
    added = [made[number] for number in (2, 0, 3, 1)]
    keep(cast.member, *added)
    return added


def _key(image: Image) -> Any:
    return image.pk


# One tap


def test_a_picture_becomes_a_favourite_and_stays_one_however_often_that_is_sent(
    member: Client, cast: Cast, image: Image
) -> None:
    for _ in range(2):
        assert tap(member, image)["Location"] == f"/images/{image.pk}/#favourite-{image.pk}"
        assert [*Favourite.objects.values_list("image", "user")] == [(image.pk, cast.member.pk)]
    for _ in range(2):
        assert tap(member, image, "no").status_code == 302
        assert not Favourite.objects.exists()


def test_what_is_sent_again_does_not_move_it_to_the_front(cast: Cast, four: list[Image]) -> None:
    before = [*Favourite.objects.order_by("pk").values_list("image", flat=True)]
    keep(cast.member, four[0])
    assert [*Favourite.objects.order_by("pk").values_list("image", flat=True)] == before


def test_without_a_script_one_is_back_at_the_place_in_the_listing(member: Client, image: Image) -> None:
    here = "/?order=oldest&before=0198"
    assert tap(member, image, next=here)["Location"] == f"{here}#favourite-{image.pk}"
    elsewhere = tap(member, image, next="https://example.org/")
    assert elsewhere["Location"] == f"/images/{image.pk}/#favourite-{image.pk}"


def test_a_script_is_answered_with_the_button_alone(member: Client, image: Image) -> None:
    address = f"/images/{image.pk}/favourite/"
    answer = markup(member.post(address, {"favourite": "yes", "look": "tile"}, headers=HTMX))
    assert answer.startswith(f'<button class="favourite" id="favourite-{image.pk}"')
    assert 'value="no" aria-pressed="true"' in answer
    assert "It is among your favourites." in answer
    assert "favourite-count" not in answer
    answer = markup(member.post(address, {"favourite": "no", "look": "page"}, headers=HTMX))
    assert 'value="yes" aria-pressed="false"' in answer
    assert '<p class="favourite-count" id="favourite-count" hx-swap-oob="true"></p>' in answer


@pytest.mark.parametrize("sent", ["", "4", "\0"])
def test_what_makes_no_sense_changes_nothing_and_is_said(member: Client, image: Image, sent: str) -> None:
    assert tap(member, image, sent).status_code == 302
    assert "Say whether the picture is to be a favourite." in markup(member.get("/"))
    assert member.post(f"/images/{image.pk}/favourite/", {"favourite": sent}, headers=HTMX).status_code == 422
    assert not Favourite.objects.exists()


def test_many_in_a_row_are_braked(member: Client, image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brakes, "RATES", dict.fromkeys(brakes.RATES, "2/d"))
    assert [tap(member, image, wanted).status_code for wanted in ("yes", "no", "yes")] == [302, 302, 429]
    answer = tap(member, image)
    assert int(answer["Retry-After"]) > 0
    assert "That was a lot in a short time." in markup(answer)
    assert member.post(f"/images/{image.pk}/favourite/", {"favourite": "yes"}, headers=HTMX).status_code == 429
    assert not Favourite.objects.exists()


# On pages


def button(image: Image, *, is_added: bool) -> str:
    wanted, pressed = ("no", "true") if is_added else ("yes", "false")
    return (
        f'<button class="favourite" id="favourite-{image.pk}" form="favourites" '
        f'formaction="/images/{image.pk}/favourite/" name="favourite" value="{wanted}" aria-pressed="{pressed}"'
    )


@pytest.mark.parametrize("layout", ["rows", "squares", "list"])
def test_each_sees_their_own_hearts_whoever_looked_first(cast: Cast, four: list[Image], layout: str) -> None:
    """Cards are remembered for everybody: hearts stand beside them."""
    browsers = {name: Client() for name in ("member", "owner")}
    for name, browser in browsers.items():
        browser.force_login(getattr(cast, name))
    for _ in range(2):
        pages = {name: markup(browser.get(f"/?layout={layout}")) for name, browser in browsers.items()}
        for image in four:
            assert button(image, is_added=True) in pages["member"]
            assert button(image, is_added=False) in pages["owner"]


def test_what_scrolls_in_has_hearts_that_belong_to_the_one_form(member: Client, four: list[Image]) -> None:
    page, rows = markup(member.get("/")), markup(member.get("/", headers=HTMX))
    assert page.count('<form id="favourites"') == 1
    assert '<form id="favourites"' not in rows
    assert rows.count('form="favourites"') == 4


def test_who_is_not_signed_in_sees_none(cast: Cast, client: Client, make_image: Make) -> None:
    shown = make_image(cast.owner, visibility="public")
    for address in ("/u/olga/", f"/images/{shown.pk}/"):
        assert 'class="favourite' not in markup(client.get(address))
    assert controls(AnonymousUser(), [shown.pk]) is None
    assert client.get("/favourites/")["Location"] == "/accounts/login/?next=/favourites/"


def test_more_pictures_than_one_question_holds_are_asked_in_turn(cast: Cast, image: Image) -> None:
    keep(cast.member, image)
    others = [Image.id_for(image.call, number) for number in range(1, 150)]
    assert favourites_among(cast.member, [*others, image.pk]) == {image.pk}
    assert favourites_among(cast.owner, [*others, image.pk]) == set()


def test_the_page_of_a_picture_says_of_how_many_it_is_and_not_of_whom(cast: Cast, member: Client, image: Image) -> None:
    def page() -> str:
        return markup(member.get(image.get_absolute_url()))

    assert '<p class="favourite-count" id="favourite-count"></p>' in page()
    assert 'aria-pressed="false" aria-label="Keep this picture among your favourites"' in page()
    keep(cast.member, image)
    assert 'title="Favourite of 1 person"' in page()
    assert 'aria-pressed="true" aria-label="Keep this picture among your favourites"' in page()
    keep(cast.stranger, image)
    keep(cast.owner, image)
    assert "Favourite of 3 people" in page()
    assert not any(f"/u/{person.username}/" in page() for person in (cast.stranger, cast.moderator))
    cast.stranger.delete()
    assert "Favourite of 2 people" in page()


# The list of them


def read(here: Listing, user: Any, *, upwards: bool = False) -> list[Any]:
    """The keys of page after page from the head on or, back from the last, up to it."""
    page = here.page(user)
    found = [picture.pk for picture in page.rows]
    while page.older:
        page = replace(here, before=page.older).page(user)
        found += [picture.pk for picture in page.rows]
    if not upwards:
        return found
    back: list[Any] = [picture.pk for picture in page.rows]
    while page.newer:
        page = replace(here, after=page.newer).page(user)
        back = [picture.pk for picture in page.rows] + back
    return back


def kept(q: str = "", order: str = ADDED, **more: Any) -> Listing:
    return Listing(FAVOURITES, q=q, order=order, **more)


@pytest.mark.parametrize("q", ["", "is:favourite", "fox", "by:olga"])
def test_what_was_added_last_comes_first_on_pages_that_join(
    cast: Cast, four: list[Image], q: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    added = [image.pk for image in reversed(four)]
    assert read(kept(q), cast.member) == read(kept(q), cast.member, upwards=True) == added
    assert kept(q).count(cast.member, 10) == 4
    assert [kept(q).position(cast.member, image, 10) for image in four] == [4, 3, 2, 1]
    beside = kept(q).neighbours(cast.member, four[1])
    assert (beside.previous.pk, beside.next.pk) == (four[2].pk, four[0].pk)  # type: ignore[union-attr]


def test_what_is_removed_meanwhile_moves_nothing_else(
    cast: Cast, four: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    there = kept().page(cast.member).older
    Favourite.objects.filter(image=four[2]).delete()
    keep(cast.member, four[2])
    assert [picture.pk for picture in kept(before=there).page(cast.member).rows] == [four[1].pk, four[0].pk]
    assert kept().page(cast.member).rows[0].pk == four[2].pk


def test_it_has_the_orders_of_every_listing(cast: Cast, four: list[Image]) -> None:
    by_time = sorted((image.pk for image in four), reverse=True)
    assert read(kept(order=NEWEST), cast.member) == by_time
    assert read(kept(order=OLDEST), cast.member) == by_time[::-1]
    assert {*read(kept(order=RANDOM, seed=7), cast.member)} == {*by_time}
    assert read(kept(order=RATED), cast.member) == []
    Rating.objects.create(image=four[0], user=cast.owner, stars=5)
    assert read(kept(order=RATED), cast.member) == [four[0].pk]


def test_its_usual_order_goes_without_saying_and_is_no_order_elsewhere() -> None:
    assert Listing.from_address({}, FAVOURITES).order == ADDED
    assert Listing.from_address({"order": "newest"}, FAVOURITES).order == NEWEST
    assert Listing.from_address({"order": "nonsense"}, FAVOURITES).order == ADDED
    for scope in (EXPLORE, MINE, "u/olga", TRASH):
        for word in ("added", "newest"):
            assert Listing.from_address({"order": word}, scope).order == NEWEST
    assert kept().address() == "/favourites/"
    assert kept(order=NEWEST).address() == "/favourites/?order=newest"
    assert kept(order=OLDEST).within == "?in=favourites&order=oldest"
    assert Listing.around({"in": "favourites", "order": "newest"}) == kept(order=NEWEST)
    assert Listing(q="fox", order=ADDED).address() == "/?q=fox"


def test_its_page_shows_them_and_leads_on(member: Client, cast: Cast, four: list[Image]) -> None:
    page = markup(member.get("/favourites/"))
    at = [page.index(f'href="/images/{image.pk}/?in=favourites"') for image in reversed(four)]
    assert at == sorted(at)
    assert '<option value="" selected>Last added</option>' in page
    assert '<option value="newest">Newest first</option>' in page
    assert 'aria-current="page">' in page.partition("/favourites/")[2][:40]
    asked = markup(member.get("/favourites/?q=fox&order=oldest"))
    assert "4 pictures" in asked
    assert 'href="/?q=fox&amp;order=oldest"' in asked
    inside = markup(member.get(f"/images/{four[1].pk}/?in=favourites"))
    assert f'rel="prev" href="/images/{four[2].pk}/?in=favourites"' in inside


def test_by_time_it_has_days_and_a_timeline_that_counts_nothing_it_does_not_know(
    member: Client, cast: Cast, make_image: Make
) -> None:
    old = Image.objects.filter(pk=make_image(cast.owner).pk)
    old.update(id=UUID("01900000-0000-7000-8000-000000000000"))  # of summer 2024
    keep(cast.member, *Image.objects.all(), make_image(cast.owner))
    page = markup(member.get("/favourites/?order=newest"))
    assert page.count('class="grid-day"') == 2
    assert "?order=newest&amp;at=" in page
    assert 'class="grid-day"' not in markup(member.get("/favourites/"))


def test_without_any_it_says_how_to_have_some(member: Client) -> None:
    page = markup(member.get("/favourites/"))
    assert "What you like best, at hand" in page
    assert "the key F" in page


def test_whose_favourites_they_are_is_asked_of_oneself_alone(cast: Cast, four: list[Image], image: Image) -> None:
    mine = Listing(q="is:favourite")
    assert mine.count(cast.member, 10) == 4
    assert mine.count(cast.owner, 10) == 0
    assert Listing(q="is:favorite fox", order=RELEVANT).count(cast.member, 10) == 4
    assert [row.pk for row in Listing(q="-is:favourite").page(cast.member).rows] == [image.pk]
    assert Listing("u/olga", q="is:favourite").count(AnonymousUser(), 10) == 0


# Never a way to see more


@pytest.fixture
def states(cast: Cast, make_image: Make) -> list[Image]:
    """A picture of the owner in each state, and one of the member's own."""
    made = [make_image(cast.owner, prompt="A fox", visibility=name) for name in ("private", "link", "shared", "public")]
    for act in (Image.trash, lambda one: one.withhold("hidden_at"), lambda one: one.withhold("removed_at")):
        made.append(make_image(cast.owner, prompt="A fox", visibility="public"))
        act(made[-1])
    index.add_older()
    return [*made, make_image(cast.member, prompt="A hen", visibility="private")]


@pytest.mark.parametrize("role", ["owner", "member", "stranger", "moderator", "admin"])
def test_whatever_is_kept_nobody_sees_more_than_they_may(cast: Cast, states: list[Image], role: str) -> None:
    user = getattr(cast, role)
    for person in (cast.owner, cast.member, cast.stranger, cast.moderator, cast.admin):
        keep(person, *states)
    visible = set(Image.objects.visible_to(user).values_list("pk", flat=True))
    assert visible < {image.pk for image in states}
    foxes = visible - {states[-1].pk}
    for order, q in product(
        (ADDED, NEWEST, OLDEST, RANDOM), ("", "fox", "is:favourite", "seen:public OR seen:private")
    ):
        found = kept(q, order, seed=3 if order == RANDOM else None)
        expected = foxes if q == "fox" else visible - {states[1].pk, states[2].pk} if "seen" in q else visible
        assert {*read(found, user)} == expected, (order, q)
        assert found.count(user, 20) == len(expected)
    for order in (RATED, DISCUSSED):
        assert {*read(kept(order=order), user)} <= visible
    assert {*read(Listing(q="is:favourite"), user)} == visible


def test_what_is_not_seen_any_more_is_not_shown_and_comes_back(cast: Cast, member: Client, image: Image) -> None:
    tap(member, image)
    image.show_to(Image.Visibility.PRIVATE)
    assert str(image.pk) not in markup(member.get("/favourites/"))
    assert kept().count(cast.member, 10) == 0
    assert tap(member, image, "no").status_code == 404
    image.show_to(Image.Visibility.SHARED)
    assert str(image.pk) in markup(member.get("/favourites/"))


def test_who_is_not_signed_in_has_none(cast: Cast, client: Client, make_image: Make) -> None:
    shown = make_image(cast.owner, visibility="public")
    keep(cast.owner, shown)
    assert kept().page(AnonymousUser()).rows == []
    assert client.get(f"/images/{shown.pk}/?in=favourites").status_code == 200


def test_they_go_with_their_picture(cast: Cast, four: list[Image]) -> None:
    four[0].delete()
    assert Favourite.objects.count() == 3
    Image.objects.all().delete()
    assert not Favourite.objects.exists()


# What it costs


@pytest.mark.parametrize("address", ["/", "/favourites/", "/favourites/?order=rated", "/favourites/?q=teal"])
def test_more_favourites_cost_no_more_queries(member: Client, cast: Cast, make_image: Make, address: str) -> None:
    def costs() -> int:
        with CaptureQueriesContext(connection) as queries:
            member.get(address)
        return len(queries)

    keep(cast.member, make_image(cast.owner))
    Rating.objects.create(image=Image.objects.get(), user=cast.owner, stars=5)
    index.add_older()
    costs()
    few = costs()
    for number in range(10):
        image = make_image(cast.owner)
        Rating.objects.create(image=image, user=cast.owner, stars=1 + number % 5)
        keep(cast.member, image)
    index.add_older()
    assert costs() == few > 0
