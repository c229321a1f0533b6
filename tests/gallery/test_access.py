"""The doors: who comes in, and what the others meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery import access
from gallery.models import Comment, Notice
from generator.models import Image
from tests.conftest import Cast

DOORS = {"members": access.members_only, "staff": access.staff_only, "admins": access.admins_only}


def outcome(view: Callable[..., Any], user: Any, method: str = "GET", **more: Any) -> Any:
    """200, the status of what is raised, or where it leads."""
    request = RequestFactory().generic(method, "/here/?a=1")
    request.user, request.session = user, SessionStore()
    try:
        answer = view(request, **more)
    except Http404:
        return 404
    except PermissionDenied:
        return 403
    return answer.get("Location", answer.status_code)


def inside(_request: Any, *_row: Any) -> HttpResponse:
    return HttpResponse("inside")


@pytest.mark.parametrize(
    ("door", "met"), [("members", [200, 200, 200]), ("staff", [404, 200, 200]), ("admins", [404, 403, 200])]
)
def test_a_secret_is_a_404_and_what_is_none_a_403(cast: Cast, door: str, met: list[int]) -> None:
    view = DOORS[door](inside)
    assert [outcome(view, person) for person in (cast.member, cast.moderator, cast.admin)] == met


@pytest.mark.parametrize("door", DOORS)
def test_visitors_sign_in_and_come_back_to_a_page(db: None, door: str) -> None:
    view = DOORS[door].posted_from("people")(inside)
    for method in ("GET", "HEAD"):
        assert outcome(view, AnonymousUser(), method) == "/accounts/login/?next=/here/%3Fa%3D1"
    for method in ("POST", "PUT"):
        assert outcome(view, AnonymousUser(), method) == "/accounts/login/?next=/people/"
    assert outcome(DOORS[door](inside), AnonymousUser(), "POST") == "/accounts/login/?next=/"


@pytest.fixture
def image(cast: Cast, make_image: Callable[..., Image]) -> Image:
    return make_image(cast.owner)


@pytest.mark.parametrize(
    ("door", "visibility", "met"),
    [
        (access.with_visible_image, "private", [404, 200, 404]), (access.with_visible_image, "shared", [200, 200, 200]),
        (access.with_discussed_image, "private", [404, 200, 404]), (access.with_discussed_image, "public", [200] * 3),
        (access.with_editable_image, "private", [404, 200, 404]),
        (access.with_editable_image, "shared", [403, 200, 403]),
        (access.with_moderated_image, "private", [404, 404, 404]),
        (access.with_moderated_image, "shared", [404, 404, 200]),
        (access.with_restorable_image, "public", [404, 404, 404]),
        (access.with_withheld_image, "public", [404, 404, 404]),
    ],
)  # fmt: skip
def test_a_picture_that_one_sees_and_may_not_change_is_a_403(
    cast: Cast, image: Image, door: Any, visibility: str, met: list[int]
) -> None:
    Image.objects.update(visibility=visibility)
    view = door(inside)
    assert [outcome(view, person, pk=image.pk) for person in (cast.member, cast.owner, cast.moderator)] == met
    assert outcome(view, cast.admin, pk=uuid4()) == 404


@pytest.mark.parametrize(
    "door", [access.with_discussed_image, access.with_editable_image, access.with_restorable_image]
)
def test_only_looking_at_a_public_picture_needs_no_account(image: Image, door: Any) -> None:
    Image.objects.update(visibility="public")
    login = f"/accounts/login/?next=/images/{image.pk}/"
    assert outcome(access.with_visible_image(inside), AnonymousUser(), "POST", pk=image.pk) == 200
    with CaptureQueriesContext(connection) as queries:
        assert outcome(door(inside), AnonymousUser(), "POST", pk=image.pk) == login
    assert not queries.captured_queries, "whether there is one is not even asked"


def test_a_comment_is_its_writers_and_staffs(cast: Cast, image: Image) -> None:
    comment = Comment.objects.create(image=image, user=cast.member, text="Hello", token="t")
    view = access.with_editable_comment(inside)
    people = (cast.member, cast.moderator, cast.owner)
    assert [outcome(view, person, pk=comment.pk) for person in people] == [200, 200, 403]
    Comment.objects.update(state="hidden")
    assert [outcome(view, person, pk=comment.pk) for person in people] == [200, 404, 404]
    Image.objects.update(visibility="private")
    assert [outcome(view, person, pk=comment.pk) for person in people] == [404, 404, 404]


def test_notices_are_nobody_elses(cast: Cast) -> None:
    notice = Notice.objects.create(user=cast.member, text="Hello")
    view = access.with_own_notice(inside)
    assert [outcome(view, person, pk=notice.pk) for person in (cast.member, cast.admin)] == [200, 404]
    assert outcome(view, AnonymousUser(), "POST", pk=notice.pk) == "/accounts/login/?next=/notices/"


def test_a_link_asks_nobody_to_sign_in(cast: Cast, image: Image) -> None:
    Image.objects.update(visibility="link")
    view = access.with_linked_image(inside)
    for person in (AnonymousUser(), cast.member):
        assert outcome(view, person, link=image.link) == 200
        assert outcome(view, person, link="A" * 43) == 404


def _every_state(make_image: Callable[..., Image], owner: Any) -> list[Image]:
    """A picture of each choice of viewers, as it was made and as staff and its owner may have left it since."""
    now = timezone.now()
    found = []
    for visibility in Image.Visibility.values:
        for left in ({}, {"hidden_at": now}, {"trashed_at": now}, {"trashed_at": now, "removed_at": now}):
            image = make_image(owner)
            Image.objects.filter(pk=image.pk).update(visibility=visibility, **left)
            found.append(image)
    return found


@pytest.mark.parametrize("person", ["owner", "member", "moderator", "visitor"])
@pytest.mark.parametrize(
    ("door", "rows"),
    [
        (access.with_visible_image, access._open), (access.with_visible_file, access._open),
        (access.with_shown_image, access._shown),
    ],
)  # fmt: skip
def test_the_quick_doors_let_in_whom_their_rows_let_in(
    cast: Cast, make_image: Callable[..., Image], door: Any, rows: Any, person: str
) -> None:
    user = getattr(cast, person, AnonymousUser())
    met = []
    for image in [*_every_state(make_image, cast.owner), *_every_state(make_image, cast.stranger)]:
        met.append(outcome(door(inside), user, pk=image.pk) == 200)
        assert met[-1] == rows(user).filter(pk=image.pk).exists()
    assert len({*met}) == 2, "there are some of either kind"


def test_a_quick_door_follows_who_somebody_is_by_now(cast: Cast, image: Image) -> None:
    Image.objects.update(hidden_at=timezone.now())
    view = access.with_visible_image(inside)
    assert outcome(view, cast.member, pk=image.pk) == 404
    cast.member.is_staff = True
    assert outcome(view, cast.member, pk=image.pk) == 200
    Image.objects.update(visibility="private")
    assert outcome(view, cast.member, pk=image.pk) == 404


def test_a_quick_door_hands_over_the_whole_row(cast: Cast, image: Image) -> None:
    given: list[Image] = []

    def keep(_request: Any, row: Image) -> HttpResponse:
        given.append(row)
        return HttpResponse()

    outcome(access.with_visible_image(keep), cast.owner, pk=image.pk)
    whole = Image.objects.select_related("user", "generation", "call").get()
    for name in (None, "user", "generation", "call"):
        found, expected = ((getattr(row, name) if name else row) for row in (given[0], whole))
        assert type(found) is type(expected)
        for field in found._meta.concrete_fields:
            assert getattr(found, field.attname) == getattr(expected, field.attname)
