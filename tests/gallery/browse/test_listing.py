"""Pages by cursor, neighbours, siblings."""

from __future__ import annotations

from typing import Any

import pytest

from gallery.browse.listing import cursor, listing, neighbours, page_of, siblings
from generator.models import Image

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(cast: Any, make_image: Any) -> list[Image]:
    """Newest first."""
    return sorted((make_image(cast.owner) for _ in range(5)), key=lambda image: image.pk, reverse=True)


def test_pages_join_without_gap_or_overlap(cast: Any, five: list[Image]) -> None:
    images = listing(cast.member)
    first = page_of(images, None, size=2)
    second = page_of(images, first.older, size=2)
    third = page_of(images, second.older, size=2)
    assert first.images + second.images + third.images == five
    assert third.older is None


def test_a_page_that_is_exactly_full_is_the_last_one(cast: Any, five: list[Image]) -> None:
    assert page_of(listing(cast.member), None, size=5).older is None


def test_a_new_picture_does_not_shift_the_pages(cast: Any, five: list[Image], make_image: Any) -> None:
    first = page_of(listing(cast.member), None, size=2)
    make_image(cast.owner)
    assert page_of(listing(cast.member), first.older, size=2).images == five[2:4]


@pytest.mark.parametrize("text", ["", "nonsense", "1", "01a2-"])
def test_a_mangled_cursor_is_none(text: str) -> None:
    assert cursor(text) is None


def test_neighbours_are_the_nearest_on_both_sides(cast: Any, five: list[Image]) -> None:
    found = neighbours(listing(cast.member), five[2])
    assert (found.previous, found.next) == (five[1], five[3])


def test_the_ends_have_one_neighbour(cast: Any, five: list[Image]) -> None:
    images = listing(cast.member)
    assert neighbours(images, five[0]).previous is None
    assert neighbours(images, five[-1]).next is None


def test_neighbours_skip_what_may_not_be_seen(cast: Any, five: list[Image]) -> None:
    Image.objects.filter(pk=five[3].pk).update(visibility="private")
    assert neighbours(listing(cast.member), five[2]).next == five[4]
    assert neighbours(listing(cast.owner), five[2]).next == five[3]


def test_mine_lists_only_ones_own_even_for_staff(cast: Any, five: list[Image], make_image: Any) -> None:
    own = make_image(cast.admin)
    assert list(listing(cast.admin, "mine")) == [own]
    assert listing(cast.admin).count() == 6


def test_siblings_are_those_of_the_generation_that_one_may_see(cast: Any, make_image: Any) -> None:
    image, other = make_image(cast.owner), make_image(cast.owner, visibility="private")
    Image.objects.filter(pk=other.pk).update(generation=image.generation)
    assert set(siblings(cast.owner, image)) == {image, other}
    assert siblings(cast.member, image) == [image]
