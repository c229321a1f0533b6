"""Every address of a picture, asked for by everybody: one answer to "may this person see this picture?"."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.test import Client

from generator.models import Image

pytestmark = pytest.mark.django_db

SEEN = ["", "original/", "download/", "thumbs/320/"]
CHANGED = ["visibility/", "throw-away/"]
ROLES = ["visitor", "owner", "member", "moderator", "admin"]
MAY_SEE = {
    "private": {"owner"},
    "link": {"owner"},
    "shared": {"owner", "member", "moderator", "admin"},
    "public": set(ROLES),
}
MAY_CHANGE = {"owner"}


def as_role(role: str, cast: Any) -> Client:
    client = Client()
    if role != "visitor":
        client.force_login(getattr(cast, role))
    return client


def closed(role: str) -> int:
    """How the door stays shut: a visitor is sent to sign in, a member learns nothing."""
    return 302 if role == "visitor" else 404


def forbidden(role: str) -> int:
    """The same where a member sees the picture anyway."""
    return 302 if role == "visitor" else 403


def status(response: Any) -> int:
    if response.streaming:
        b"".join(response.streaming_content)
    return int(response.status_code)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("visibility", MAY_SEE)
def test_page_and_bytes_give_the_same_answer(cast: Any, make_image: Any, role: str, visibility: str) -> None:
    image = make_image(cast.owner, visibility=visibility, thumbs=True)
    client = as_role(role, cast)
    expected = 200 if role in MAY_SEE[visibility] else closed(role)
    answers = {place: status(client.get(f"/images/{image.pk}/{place}")) for place in SEEN}
    assert answers == dict.fromkeys(SEEN, expected)


@pytest.mark.parametrize("role", ROLES)
def test_the_trash_hides_it_from_every_page(cast: Any, make_image: Any, role: str) -> None:
    image = make_image(cast.owner, visibility="public", thumbs=True)
    image.trash()
    assert status(as_role(role, cast).get(f"/images/{image.pk}/")) == closed(role)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("place", CHANGED)
def test_only_its_owner_changes_it(cast: Any, make_image: Any, role: str, place: str) -> None:
    image = make_image(cast.owner)
    response = as_role(role, cast).post(f"/images/{image.pk}/{place}", {"visibility": "public"})
    image = Image.objects.get(pk=image.pk)
    assert (image.visibility == "public" or image.trashed_at is not None) == (role in MAY_CHANGE)
    assert response.status_code == (302 if role in MAY_CHANGE else forbidden(role))


@pytest.mark.parametrize("place", CHANGED)
def test_who_may_not_see_it_is_told_nothing_by_changing_it(cast: Any, make_image: Any, place: str) -> None:
    image = make_image(cast.owner, visibility="private")
    answers = [as_role("member", cast).post(f"/images/{pk}/{place}") for pk in (image.pk, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize("place", SEEN)
def test_a_visitor_cannot_tell_whether_a_picture_exists(cast: Any, make_image: Any, place: str) -> None:
    hidden = Client().get(f"/images/{make_image(cast.owner).pk}/{place}")
    absent = Client().get(f"/images/{uuid4()}/{place}")
    assert hidden.status_code == absent.status_code == 302
    assert hidden["Location"].startswith("/accounts/login/?next=/images/")


def test_a_visitors_change_leads_back_to_the_page_after_signing_in(cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner)
    response = Client().post(f"/images/{image.pk}/throw-away/")
    assert response["Location"] == f"/accounts/login/?next=/images/{image.pk}/"


@pytest.mark.parametrize("place", [*CHANGED, "restore/"])
def test_looking_changes_nothing(cast: Any, make_image: Any, place: str) -> None:
    image = make_image(cast.owner)
    assert as_role("owner", cast).get(f"/images/{image.pk}/{place}").status_code == 405


def test_pages_that_fail_are_still_pages(cast: Any, client: Client) -> None:
    assert "An empty frame" in client.get("/nowhere/").content.decode()
    client.force_login(cast.member)
    page = client.get("/nowhere/").content.decode()
    assert "An empty frame" in page
    assert 'href="/mine/"' in page


def test_a_form_from_a_page_that_is_too_old_is_explained(cast: Any, make_image: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    response = client.post(f"/images/{make_image(cast.owner).pk}/throw-away/")
    assert response.status_code == 403
    assert "That page was too old" in response.content.decode()


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "500.html"])
def test_a_failure_page_needs_nothing_but_its_template(name: str) -> None:
    assert '<div class="empty">' in render_to_string(name)
