"""Whole addresses begin with the one that people type, by whichever name somebody came in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone

from gallery.middleware.addresses import absolute
from gallery.models import Invitation
from generator.models import Image
from tests.conftest import Cast

BASE = "https://pictures.example.org"


@pytest.fixture
def _typed(settings: Any) -> None:
    settings.BASE_URL = BASE


@pytest.mark.usefixtures("_typed")
@pytest.mark.parametrize("location", ["/u/ä b/", "/u/%C3%A4%20b/", "u/ä b/"])
def test_a_path_is_put_behind_it(location: str) -> None:
    assert absolute(RequestFactory().get("/here/"), location) == f"{BASE}/u/%C3%A4%20b/"


def test_without_one_it_is_the_name_by_which_somebody_came(rf: RequestFactory) -> None:
    assert absolute(rf.get("/here/"), "/u/max/") == "http://testserver/u/max/"
    assert absolute(rf.get("/here/?a=1")) == "http://testserver/here/?a=1"


@pytest.mark.usefixtures("_typed")
def test_a_share_an_invitation_and_the_ledger_lead_there(
    cast: Cast, client: Client, make_image: Callable[..., Image]
) -> None:
    image = make_image(cast.admin, visibility="link")
    soon = timezone.now() + timedelta(days=1)
    Invitation.objects.create(created_by=cast.admin, expires_at=soon)
    client.force_login(cast.admin)
    assert f"{BASE}/share/{image.link}/" in client.get(f"/images/{image.pk}/").content.decode()
    page = client.get("/people/").content.decode()
    assert re.search(rf'value="{BASE}/join/[\w:-]+/"', page)
    ledger = b"".join(client.get("/usage/ledger.csv").streaming_content).decode()
    assert f"{BASE}/generations/" in ledger


@pytest.mark.usefixtures("_typed")
def test_mails_lead_there(cast: Cast, client: Client) -> None:
    EmailAddress.objects.create(user=cast.member, email="max@example.org", verified=True, primary=True)
    client.post("/accounts/password/reset/", {"email": "max@example.org"})
    assert f"{BASE}/accounts/password/reset/key/" in str(mail.outbox[0].body)


def test_a_page_that_sends_no_referrer_holds_no_form(
    cast: Cast, client: Client, make_image: Callable[..., Image]
) -> None:
    """Browsers send no origin from it either, and the form would be refused: nobody could sign out there."""
    image = make_image(cast.owner, visibility="link")
    client.force_login(cast.owner)
    client.post(f"/images/{image.pk}/throw-away/")
    client.post(f"/images/{image.pk}/restore/")
    answer = client.get(f"/share/{image.link}/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "<form" not in answer.content.decode()
    assert 'href="/"' in answer.content.decode()
