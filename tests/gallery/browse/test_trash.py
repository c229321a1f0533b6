"""Thrown away, and taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery.browse import listing
from gallery.browse.tiles import Picture
from gallery.browse.views import _left
from generator.models import Image

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_trashed(make_image: Any) -> Any:
    def make(user: Any, days: float = 0) -> Image:
        image = make_image(user)
        Image.objects.filter(pk=image.pk).update(trashed_at=timezone.now() - timedelta(days=days, minutes=1))
        image.refresh_from_db()
        return image

    return make


def test_lists_ones_own_with_the_days_they_have_left(owner: Client, cast: Any, make_trashed: Any) -> None:
    own, other = make_trashed(cast.owner, days=9), make_trashed(cast.member)
    content = owner.get("/trash/").content.decode()
    assert f"/images/{own.pk}/restore/" in content
    assert str(other.pk) not in content
    assert "20 days left" in content


@pytest.mark.parametrize(("days", "words"), [(28, "1 day left"), (29, "Last day"), (40, "Last day")])
def test_the_last_days_read_well(owner: Client, cast: Any, make_trashed: Any, days: int, words: str) -> None:
    make_trashed(cast.owner, days=days)
    assert words in owner.get("/trash/").content.decode()


def test_staff_find_nobodys_but_their_own(cast: Any, make_trashed: Any) -> None:
    make_trashed(cast.owner)
    moderator = Client()
    moderator.force_login(cast.moderator)
    assert "The trash is empty" in moderator.get("/trash/").content.decode()


def test_an_empty_trash_says_how_long_things_wait(owner: Client) -> None:
    content = owner.get("/trash/").content.decode()
    assert "The trash is empty" in content
    assert "30 days" in content


def test_restore_brings_the_picture_back(owner: Client, cast: Any, make_trashed: Any) -> None:
    image = make_trashed(cast.owner)
    response = owner.post(f"/images/{image.pk}/restore/")
    assert response["Location"] == f"/images/{image.pk}/"
    assert owner.get(response["Location"]).status_code == 200


def test_restoring_goes_back_to_where_it_was_asked_for(owner: Client, cast: Any, make_trashed: Any) -> None:
    """From the trash to the rest of the trash, by Undo to the same listing; never to another site."""
    first, second, third = (make_trashed(cast.owner) for _ in range(3))
    assert 'name="next" value="/trash/"' in owner.get("/trash/").content.decode()
    assert owner.post(f"/images/{first.pk}/restore/", {"next": "/trash/"})["Location"] == "/trash/"
    assert owner.post(f"/images/{second.pk}/restore/?in=mine")["Location"] == f"/images/{second.pk}/?in=mine"
    away = owner.post(f"/images/{third.pk}/restore/", {"next": "https://example.org/"})
    assert away["Location"] == f"/images/{third.pk}/"


def test_older_ones_are_a_page_further(owner: Client, cast: Any, make_trashed: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    last, _, first = sorted((make_trashed(cast.owner) for _ in range(3)), key=lambda image: image.pk)
    content = owner.get("/trash/", {"before": "nonsense"}).content.decode()
    assert [str(image.pk) in content for image in (last, first)] == [False, True]
    further = content.partition('rel="next" href="')[2].partition('"')[0]
    content = owner.get(f"/trash/{further}").content.decode()
    assert [str(image.pk) in content for image in (last, first)] == [True, False]
    back = content.partition('rel="prev" href="')[2].partition('"')[0]
    assert owner.get(f"/trash/{back}")["Location"] == "/trash/"


def test_nobody_else_can_restore(cast: Any, make_trashed: Any) -> None:
    image = make_trashed(cast.owner)
    stranger = Client()
    stranger.force_login(cast.stranger)
    assert stranger.post(f"/images/{image.pk}/restore/").status_code == 404
    image.refresh_from_db()
    assert image.trashed_at


def test_a_second_restore_is_a_404(owner: Client, cast: Any, make_image: Any) -> None:
    assert owner.post(f"/images/{make_image(cast.owner).pk}/restore/").status_code == 404


def test_only_what_was_thrown_away_has_days_left(cast: Any, make_image: Any) -> None:
    with pytest.raises(ValueError, match="not in the trash"):
        _left(Picture.of(make_image(cast.owner)), timezone.now())


def test_ten_more_pictures_cost_no_more_queries(owner: Client, cast: Any, make_trashed: Any) -> None:
    make_trashed(cast.owner)
    owner.get("/trash/")
    with CaptureQueriesContext(connection) as few:
        owner.get("/trash/")
    for _ in range(10):
        make_trashed(cast.owner)
    with CaptureQueriesContext(connection) as many:
        owner.get("/trash/")
    assert len(many) == len(few) > 0
