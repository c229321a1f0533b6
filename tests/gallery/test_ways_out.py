"""Addresses that a request names lead only to ourselves; and the way staff needs most is shown everywhere."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gallery.models import Invitation, Joining, User
from generator.models import Provider
from tests.conftest import markup

ELSEWHERE = [
    "https://example.com/", "//example.com/", "///example.com", "/\\example.com", "\\\\example.com",
    "http:example.com", "javascript:alert(1)", "https://testserver@example.com/", "https://testserver.example.com/",
    "http://localhost:9/",
]  # fmt: skip


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_leads_nowhere_else(client: Client, cast: Any, target: str) -> None:
    answer = client.post("/accounts/login/", {"login": "max", "password": "correct-horse", "next": target})
    assert answer["Location"] == "/"
    assert client.get("/accounts/login/", {"next": target})["Location"] == "/"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_out_leads_nowhere_else(cast: Any, target: str) -> None:
    assert signed_in(cast.member).post("/accounts/logout/", {"next": target})["Location"] == "/accounts/login/"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_joining_leads_nowhere_else(client: Client, cast: Any, target: str) -> None:
    Joining.objects.create(pk=1, rule=Joining.Rule.INVITATION)
    soon = timezone.now() + timedelta(days=1)
    invitation = Invitation.objects.create(created_by=cast.admin, expires_at=soon)
    new = {"username": "eve", "password1": "battery-staple-9", "password2": "battery-staple-9", "next": target}
    assert client.post(f"/join/{invitation.token}/", new)["Location"] == "/"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_saying_the_password_again_leads_nowhere_else(cast: Any, target: str) -> None:
    answer = signed_in(cast.member).post("/accounts/reauthenticate/", {"password": "correct-horse", "next": target})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/")
    assert "example.com" not in answer["Location"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_the_admins_entrance_leads_nowhere_else(cast: Any, target: str) -> None:
    assert signed_in(cast.admin).get("/admin/login/", {"next": target})["Location"] == "/admin/"


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize("act", ["cancel", "dismiss", "retry"])
def test_doing_something_about_a_call_leads_nowhere_else(
    cast: Any, make_generation: Any, act: str, target: str
) -> None:
    call = make_generation(cast.owner).calls.get()
    answer = signed_in(cast.owner).post(f"/calls/{call.pk}/{act}/", {"next": target})
    assert answer["Location"].startswith(f"/generations/{call.generation_id}/#")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_news_for_a_page_of_another_site_lead_nowhere_else(cast: Any, make_generation: Any, target: str) -> None:
    call = make_generation(cast.owner).calls.get()
    headers = {"HX-Request": "true", "HX-Current-URL": target}
    page = signed_in(cast.owner).get("/live/", {"seen": f"{call.pk.hex}:000000"}, headers=headers).content.decode()
    assert 'name="next"' in page
    assert re.findall(r'name="next" value="([^"]*)"', page) == [""] * page.count('name="next"')


@pytest.mark.parametrize("role", ["moderator", "admin", "member"])
@pytest.mark.parametrize(
    "page", ["/", "/mine/", "/create/", "/trash/", "/accounts/password/change/", "/nowhere/", "/admin/"]
)
def test_staff_sees_on_every_page_that_the_key_was_refused_and_where_to_resume(
    cast: Any, settings: Any, role: str, page: str
) -> None:
    is_staff = role != "member"
    Provider.objects.current().refuse_key(settings.ONLYSQ_API_KEY)
    content = markup(signed_in(getattr(cast, role)).get(page, follow=True))
    resume = re.search(r'refused the key\..*?href="(/admin/generator/provider/)"', content)
    if page == "/admin/" and not is_staff:
        return
    assert "refused the key" in content
    assert bool(resume) is is_staff
    if resume:
        assert "Resume sending" in signed_in(getattr(cast, role)).get(resume[1], follow=True).content.decode()
