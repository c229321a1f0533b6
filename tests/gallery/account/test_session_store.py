"""Sessions and members are read by SQL that is made once; what becomes of them counts with the next request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from gallery.models import User
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def max_(client: Client, cast: Cast) -> Client:
    client.force_login(cast.member)
    assert client.get("/").status_code == 200
    return client


def test_a_session_that_has_expired_is_none(max_: Client) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert max_.get("/").status_code == 302


def test_a_session_that_was_deleted_is_none(max_: Client) -> None:
    Session.objects.all().delete()
    assert max_.get("/").status_code == 302


def test_whoever_is_no_longer_active_is_out_at_once(max_: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.member.pk).update(is_active=False)
    assert max_.get("/").status_code == 302


def test_two_people_are_never_taken_for_each_other(max_: Client, cast: Cast) -> None:
    other = Client()
    other.force_login(cast.admin)
    for _ in range(2):
        assert max_.get("/").context["user"] == cast.member
        assert other.get("/").context["user"] == cast.admin


def test_the_member_is_read_with_all_that_is_known_of_them(max_: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.member.pk).update(theme="dark", left_at=None, language="en-us")
    found = User.objects.get(pk=cast.member.pk)
    asked = max_.get("/").context["user"]
    for field in User._meta.concrete_fields:
        assert getattr(asked, field.attname) == getattr(found, field.attname)
