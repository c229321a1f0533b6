"""What is nearest to a place is what `visible_to` says, whoever asks and whatever became of the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery.browse.listing import Listing
from gallery.browse.tiles import Picture
from gallery.browse.wanted import ALL, EXPLORE, MINE, TRASH
from gallery.paging import Cursor
from generator.models import Image
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
NUMBER = 12
NAMES = ("owner", "member", "stranger", "moderator")
row = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(Image.Visibility.values), st.booleans(), st.booleans(), st.booleans()
)
viewer = st.sampled_from([*NAMES, "visitor"])
SCOPES = [EXPLORE, MINE, TRASH, ALL, "u/olga", "u/max", "u/nobody"]


@pytest.fixture
def images(cast: Cast, make_image: Callable[..., Image]) -> list[Image]:
    return [make_image(cast.owner) for _ in range(NUMBER)]


def become(images: list[Image], rows: list[Any], cast: Cast) -> None:
    for image, (name, visibility, is_hidden, is_removed, is_trashed) in zip(images, rows, strict=True):
        image.user, image.visibility = getattr(cast, name), visibility
        image.hidden_at = timezone.now() if is_hidden else None
        image.removed_at = timezone.now() if is_removed else None
        image.trashed_at = timezone.now() if is_removed or is_trashed else None
        image.save()


def person(name: str, cast: Cast) -> Any:
    return AnonymousUser() if name == "visitor" else getattr(cast, name)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(
    rows=st.lists(row, min_size=NUMBER, max_size=NUMBER),
    name=viewer,
    size=st.integers(1, NUMBER + 1),
    place=st.integers(0, NUMBER - 1),
    scope=st.sampled_from(SCOPES),
)
def test_each_way_by_itself_leads_to_what_all_together_say(
    cast: Cast, images: list[Image], rows: list[Any], name: str, size: int, place: int, scope: str
) -> None:
    become(images, rows, cast)
    user, listing, key = person(name, cast), Listing(scope), images[place].pk
    for order, beyond in (("-pk", Q(pk__lt=key)), ("pk", Q(pk__gt=key))):
        for looking in (False, True):
            asked = Image.objects.order_by(order)
            wanted = list(asked.visible_to(user, looking=looking))
            assert list(asked.first_visible_to(user, size, looking=looking)) == wanted[:size]
        seen = listing.images(user)
        for at, rest in ((key, seen.filter(beyond)), (None, seen)):
            shown = [
                Picture._make(found).pk
                for found in listing.read_by(user).rows(size, at and Cursor(at), backwards=order == "pk")
            ]
            assert shown == list(rest.order_by(order).values_list("pk", flat=True)[:size])


def test_what_is_somebodys_own_is_not_looked_for_among_others(cast: Cast, make_image: Callable[..., Image]) -> None:
    make_image(cast.owner, visibility="private")
    shared = make_image(cast.member, visibility="shared")
    found = Image.objects.order_by("-pk").first_visible_to(cast.owner, 5, is_others=True)
    assert list(found) == [shared]
