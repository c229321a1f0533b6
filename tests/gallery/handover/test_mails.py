"""Whoever is asked hears of it by mail, where there is mail; the mail names nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery.models import Handover, Mail, User
from tests.conftest import Cast
from tests.gallery.mail.conftest import server  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def leave(owner: Client, cast: Cast, make_image: Any) -> None:
    make_image(cast.owner)
    form = {"pictures": "hand over", "heir": str(cast.member.pk), "password": "correct-horse"}
    assert owner.post("/account/leave/", form)["Location"] == "/account/left/"
    assert Handover.objects.get().fallback == "delete", "what leaving without an offer does"


@pytest.mark.usefixtures("server")
def test_the_mail_leads_to_the_question(owner: Client, cast: Cast, make_image: Any, settings: Any) -> None:
    settings.BASE_URL = "https://pictures.example.org"
    User.objects.filter(pk=cast.member.pk).update(email="max@example.org", language="en")
    leave(owner, cast, make_image)
    mail = Mail.objects.get()
    assert (mail.kind, mail.to) == ("handover_asked", "max@example.org")
    content = mail.content or {}
    assert "Will you take over pictures?" in content["subject"]
    assert "https://pictures.example.org/notices/" in content["body"].splitlines()
    assert "olga" not in f"{content}"


@pytest.mark.usefixtures("server")
def test_whoever_has_no_address_finds_the_notice_alone(owner: Client, cast: Cast, make_image: Any) -> None:
    leave(owner, cast, make_image)
    assert not Mail.objects.exists()


def test_without_a_mail_server_nothing_is_written(owner: Client, cast: Cast, make_image: Any) -> None:
    User.objects.filter(pk=cast.member.pk).update(email="max@example.org")
    leave(owner, cast, make_image)
    assert not Mail.objects.exists()
