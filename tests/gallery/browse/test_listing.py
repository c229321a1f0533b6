"""Which pictures, in which order, from where; neighbours and siblings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery.browse import listing
from gallery.browse.listing import Listing
from gallery.browse.siblings import siblings
from gallery.browse.wanted import ALL, EXPLORE, MINE, TRASH
from gallery.paging import Cursor, Page
from generator.models import Image

pytestmark = pytest.mark.django_db
SCOPES = [EXPLORE, MINE, "u/olga", TRASH]


def read(here: Listing, user: Any, *, upwards: bool = False) -> list[list[Any]]:
    """The keys of page after page from the head on or, back from the last, up to it."""
    found = []
    page = here.page(user)
    while True:
        found.append([picture.pk for picture in page.rows])
        if not page.older:
            break
        page = replace(here, before=page.older).page(user)
    if not upwards:
        return found
    found = []
    while page.newer:
        page = replace(here, after=page.newer).page(user)
        found.append([picture.pk for picture in page.rows])
    return found


@pytest.fixture
def five(cast: Any, make_image: Any) -> list[Image]:
    """Newest first."""
    return sorted((make_image(cast.owner) for _ in range(5)), key=lambda image: image.pk, reverse=True)


@pytest.mark.parametrize("scope", SCOPES)
def test_pages_join_without_gap_or_overlap(
    cast: Any, five: list[Image], scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    if scope == TRASH:
        Image.objects.all().throw_away()
    down, up = read(Listing(scope), cast.owner), read(Listing(scope), cast.owner, upwards=True)
    assert down == [[image.pk for image in five[at : at + 2]] for at in (0, 2, 4)]
    assert up == [down[1], down[0]]


def test_on_the_way_up_there_may_be_less_than_a_page_at_the_head(
    cast: Any, five: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    page = Listing(after=Cursor(five[1].pk)).page(cast.owner)
    assert ([picture.pk for picture in page.rows], page.older, page.newer) == ([five[0].pk], Cursor(five[0].pk), None)
    assert page.is_first
    assert Listing(after=Cursor(five[0].pk)).page(cast.owner) == Page([])


def test_what_comes_meanwhile_shifts_no_page_on_the_way_up(
    cast: Any, five: list[Image], make_image: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    there = Listing(before=Cursor(five[3].pk)).page(cast.owner)
    new = make_image(cast.owner)
    Image.objects.filter(pk=five[4].pk).update(trashed_at=timezone.now())
    page = Listing(after=there.newer).page(cast.owner)
    assert [picture.pk for picture in page.rows] == [five[2].pk, five[3].pk]
    above = Listing(after=Listing(after=page.newer).page(cast.owner).newer).page(cast.owner)
    assert [picture.pk for picture in above.rows] == [new.pk]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_page_is_one_query(cast: Any, five: list[Image], scope: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        for picture in Listing(scope).page(cast.owner).rows:
            assert picture.username == "olga"
            assert picture.prompt
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("scope", "address"),
    [(EXPLORE, "/"), (MINE, "/mine/"), (TRASH, "/trash/"), ("u/\u00c4da / +1", "/u/%C3%84da%20/%20+1/")],
)
def test_it_is_read_from_the_address_that_it_writes(five: list[Image], scope: str, address: str) -> None:
    place = Cursor(five[2].pk)
    asked = Listing.from_address({"before": str(place)}, scope)
    assert asked == Listing(scope, place)
    assert asked.address() == f"{address}?before={five[2].pk}"
    assert asked.address(before=None) == asked.first.address() == address
    assert asked.address(before=five[3].pk) == f"{address}?before={five[3].pk}"
    other = Listing.from_address({"after": str(place)}, scope)
    assert other == Listing(scope, after=place)
    assert other.address() == f"{address}?after={five[2].pk}"
    assert Listing.from_address({"after": str(place), "before": str(place)}, scope) == asked


@pytest.mark.parametrize("way", ["before", "after"])
def test_a_mangled_cursor_is_the_first_page(way: str) -> None:
    for said in ("", "nonsense", "1", "01a2-"):
        assert Listing.from_address({way: said}, MINE) == Listing(MINE)


@pytest.mark.parametrize("scope", [EXPLORE, MINE, "u/olga", "u/a?b&c d"])
def test_a_picture_knows_the_listing_it_was_opened_from(client: Any, scope: str) -> None:
    request = client.get(f"/{Listing(scope).within}").wsgi_request
    assert Listing.around(request.GET) == Listing(scope)


@pytest.mark.parametrize("name", ["", TRASH, "u/", "u/\n", "u/" + "x" * 200, "v/olga", "explore"])
def test_a_name_that_no_picture_is_opened_from_counts_as_everybodys(name: str) -> None:
    assert Listing.around({"in": name}) == Listing(EXPLORE)


def test_a_name_that_nobody_can_have_has_no_listing() -> None:
    assert Listing.of_member("a\nb", {}) is None
    assert Listing.of_member("x" * 151, {}) is None
    assert Listing.of_member("a/b", {}) == Listing("u/a/b")


def test_neighbours_are_the_nearest_on_both_sides(cast: Any, five: list[Image]) -> None:
    found = Listing().neighbours(cast.member, five[2])
    assert (found.previous and found.previous.pk, found.next and found.next.pk) == (five[1].pk, five[3].pk)


def test_the_ends_have_one_neighbour(cast: Any, five: list[Image]) -> None:
    assert Listing().neighbours(cast.member, five[0]).previous is None
    assert Listing().neighbours(cast.member, five[-1]).next is None


def test_neighbours_skip_what_may_not_be_seen(cast: Any, five: list[Image]) -> None:
    Image.objects.filter(pk=five[3].pk).update(visibility="private")
    assert Listing().neighbours(cast.member, five[2]).next.pk == five[4].pk
    assert Listing().neighbours(cast.owner, five[2]).next.pk == five[3].pk


def test_neighbours_stay_within_the_listing(cast: Any, five: list[Image], make_image: Any) -> None:
    Image.objects.filter(pk=five[3].pk).update(user=cast.member)
    assert Listing("u/olga").neighbours(cast.stranger, five[2]).next.pk == five[4].pk
    assert Listing(MINE).neighbours(cast.owner, five[2]).next.pk == five[4].pk


def test_mine_lists_only_ones_own_even_for_staff(cast: Any, five: list[Image], make_image: Any) -> None:
    own = make_image(cast.admin)
    assert list(Listing(MINE).images(cast.admin)) == [own]
    assert Listing().images(cast.admin).count() == 6


def test_whatever_is_asked_for_nothing_hidden_is_in_it(cast: Any, make_image: Any) -> None:
    private, public = make_image(cast.owner, visibility="private"), make_image(cast.owner, visibility="public")
    make_image(cast.owner, visibility="public").trash()
    for scope in (EXPLORE, "u/olga"):
        assert list(Listing(scope).images(cast.member)) == [public]
        assert set(Listing(scope).images(cast.owner)) == {private, public}
        assert list(Listing(scope).images(AnonymousUser())) == [public]
    assert Listing(MINE).images(cast.member).count() == Listing(TRASH).images(cast.member).count() == 0
    assert Listing(TRASH).images(cast.moderator).count() == 0
    assert Listing(TRASH).images(cast.owner).count() == 1
    assert Listing(TRASH).images(AnonymousUser()).count() == 0


def test_siblings_are_those_of_the_generation_that_one_may_see(cast: Any, make_image: Any) -> None:
    image, other = make_image(cast.owner), make_image(cast.owner, visibility="private")
    Image.objects.filter(pk=other.pk).update(generation=image.generation)
    assert {each.pk for each in siblings(cast.owner, image)} == {image.pk, other.pk}
    assert [each.pk for each in siblings(cast.member, image)] == [image.pk]


def test_visitors_have_neighbours_that_everybody_may_see(five: list[Image]) -> None:
    Image.objects.filter(pk__in=[five[0].pk, five[4].pk]).update(visibility="public")
    found = Listing("u/olga").neighbours(AnonymousUser(), five[2])
    assert (found.previous and found.previous.pk, found.next and found.next.pk) == (five[0].pk, five[4].pk)


@pytest.mark.parametrize("scope", [*SCOPES, ALL])
def test_a_page_holds_what_the_person_may_see_and_nothing_else(
    cast: Any, make_image: Any, scope: str, django_assert_max_num_queries: Any
) -> None:
    """Its SQL is made once for everybody; `visible_to` is asked here for each of them anew."""
    for owner in (cast.owner, cast.member, cast.moderator):
        for visibility in Image.Visibility.values:
            make_image(owner, visibility=visibility)
            make_image(owner, visibility=visibility, hidden_at=timezone.now())
            make_image(owner, visibility=visibility, trashed_at=timezone.now())
    middle = Image.objects.order_by("pk")[12].pk
    for user in (*vars(cast).values(), AnonymousUser()):
        for before in (None, middle):
            here = Listing(scope, before and Cursor(before))
            seen = here.images(user).newest()
            wanted = list((seen.filter(pk__lt=before) if before else seen).values_list("pk", flat=True))
            with django_assert_max_num_queries(1):
                assert [picture.pk for picture in here.page(user).rows] == wanted
        assert Listing(scope).count(user, 100) == Listing(scope).images(user).count()
        assert Listing(scope).count(user, 1) == min(2, Listing(scope).images(user).count())
