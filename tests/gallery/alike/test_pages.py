"""The pages of what looks nearly the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.alike import views
from generator.models import Image
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


def order(content: str, images: list[Image]) -> list[int]:
    """Places in `images` of those that stand on the page, as they stand."""
    found = [(content.find(f'href="/images/{image.pk}/'), place) for place, image in enumerate(images)]
    return [place for at, place in sorted(found) if at >= 0]


def test_the_picture_stands_before_those_that_look_like_it(client: Client, cast: Cast, make_image: Make) -> None:
    images = [make_image(cast.owner, fingerprint=looks) for looks in (1, 3, 1, ~1)]
    client.force_login(cast.member)
    answer = client.get(f"/images/{images[0].pk}/alike/")
    content = answer.content.decode()
    assert order(content.partition("image-grid")[2], images) == [0, 2, 1]
    assert "2 pictures look nearly the same" in content


def test_a_page_says_that_there_are_none_or_that_nobody_has_looked(
    client: Client, cast: Cast, make_image: Make
) -> None:
    looked_at, new = (make_image(cast.owner, fingerprint=looks) for looks in (1, None))
    client.force_login(cast.owner)
    assert "No other picture that you may see" in client.get(f"/images/{looked_at.pk}/alike/").content.decode()
    assert "Nobody has looked at this picture yet" in client.get(f"/images/{new.pk}/alike/").content.decode()


def test_a_visitor_finds_public_pictures_alone(client: Client, cast: Cast, make_image: Make) -> None:
    images = [make_image(cast.owner, fingerprint=1, visibility=seen) for seen in ("public", "shared", "public")]
    content = client.get(f"/images/{images[0].pk}/alike/").content.decode()
    assert order(content.partition("image-grid")[2], images) == [0, 2]


def test_duplicates_are_ones_own_in_groups(client: Client, cast: Cast, make_image: Make) -> None:
    images = [make_image(cast.owner, fingerprint=looks) for looks in (1, 0xFFFF, 1, 0xFFFF, ~5)]
    other = make_image(cast.member, fingerprint=1)
    client.force_login(cast.owner)
    content = client.get("/mine/duplicates/").content.decode()
    assert order(content, [*images, other]) == [3, 1, 2, 0]
    assert content.count("2 pictures") == 2
    assert f'href="/images/{images[0].pk}/?in=mine"' in content


def test_they_go_on_with_further_groups_and_say_what_is_left_out(
    client: Client, cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "GROUPS", 1)
    monkeypatch.setattr(views, "MOST_OF_GROUP", 2)
    images = [make_image(cast.owner, fingerprint=looks) for looks in (~1, ~1, 7, 7, 7)]
    client.force_login(cast.owner)
    first = client.get("/mine/duplicates/").content.decode()
    assert order(first, images) == [4, 3]
    assert "1 older one is not shown" in first
    second = client.get("/mine/duplicates/", {"before": images[4].pk}).content.decode()
    assert order(second, images) == [1, 0]
    assert order(client.get("/mine/duplicates/", {"before": "nonsense"}).content.decode(), images) == [4, 3]


def test_without_any_it_says_so(client: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, fingerprint=1)
    client.force_login(cast.owner)
    assert "No duplicates" in client.get("/mine/duplicates/").content.decode()


def test_however_many_groups_the_number_of_queries_is_the_same(
    client: Client, cast: Cast, make_image: Make, django_assert_num_queries: Any
) -> None:
    client.force_login(cast.owner)
    client.get("/mine/duplicates/")
    counts = []
    for _ in range(2):
        for looks in (3, 777, ~3):
            make_image(cast.owner, fingerprint=looks)
            make_image(cast.owner, fingerprint=looks)
        with django_assert_num_queries(5) as found:
            client.get("/mine/duplicates/")
        counts.append(len(found))
    assert counts[0] == counts[1]
