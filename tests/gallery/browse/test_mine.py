"""The page of one's own pictures."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def test_shows_ones_own_of_every_visibility_and_nobody_elses(owner: Client, cast: Any, make_image: Any) -> None:
    own = [make_image(cast.owner, visibility=name) for name in ("private", "link", "shared", "public")]
    other = make_image(cast.member)
    content = owner.get("/mine/").content.decode()
    assert all(f"/images/{image.pk}/?in=mine" in content for image in own)
    assert str(other.pk) not in content


def test_thrown_away_pictures_are_gone_from_it(owner: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner)
    image.trash()
    assert str(image.pk) not in owner.get("/mine/").content.decode()


def test_leads_to_the_trash_whether_empty_or_not(owner: Client, cast: Any, make_image: Any) -> None:
    empty = owner.get("/mine/").content.decode()
    assert "Your first picture" in empty
    assert empty.count('href="/trash/"') == 2
    make_image(cast.owner)
    assert owner.get("/mine/").content.decode().count('href="/trash/"') == 2


def test_beyond_the_oldest_there_is_a_way_back(owner: Client) -> None:
    content = owner.get("/mine/", {"before": "00000000-0000-7000-8000-000000000000"}).content.decode()
    assert "That was the oldest one" in content


def test_whoever_is_not_signed_in_is_asked_to(client: Client) -> None:
    assert client.get("/mine/")["Location"] == "/accounts/login/?next=/mine/"


def test_ten_more_pictures_cost_no_more_queries(owner: Client, cast: Any, make_image: Any) -> None:
    make_image(cast.owner)
    owner.get("/mine/")
    with CaptureQueriesContext(connection) as few:
        owner.get("/mine/")
    for _ in range(10):
        make_image(cast.owner)
    with CaptureQueriesContext(connection) as many:
        owner.get("/mine/")
    assert len(many) == len(few) > 0
