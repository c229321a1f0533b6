"""What a browser keeps of somebody ends when they sign out in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client

from tests.conftest import Cast

ACCOUNT = re.compile(r'data-account="(\w*)"')


def account_on(client: Client, page: str = "/") -> str:
    """As which account the page's scripts take it."""
    [found] = ACCOUNT.findall(client.get(page).content.decode())
    return str(found)


@pytest.fixture
def olga(cast: Cast, client: Client) -> Client:
    client.force_login(cast.owner)
    return client


def test_a_page_and_a_cookie_say_for_which_account_it_is_made(cast: Cast, olga: Client) -> None:
    own = account_on(olga)
    cookie = olga.cookies[settings.ACCOUNT_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (own, "", "Lax")
    assert settings.ACCOUNT_COOKIE_NAME not in olga.get("/").cookies, "said once"
    other = Client()
    other.force_login(cast.member)
    assert account_on(other) not in ("", own)
    assert account_on(Client(), "/accounts/login/") == ""


def test_whoever_is_not_signed_in_gets_no_such_cookie(client: Client, db: None) -> None:
    client.get("/accounts/login/")
    assert settings.ACCOUNT_COOKIE_NAME not in client.cookies


def leave_browser(client: Client) -> Any:
    return client.post(f"/sessions/{UserSession.objects.get().pk}/end/")


WAYS_OUT = {
    "the menu": lambda client: client.post("/accounts/logout/"),
    "the administration": lambda client: client.post("/admin/logout/"),
    "the list of sessions": leave_browser,
    "leaving": lambda client: client.post("/account/leave/", {"pictures": "delete", "password": "correct-horse"}),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_signing_out_by_any_door_clears_what_the_browser_keeps(cast: Cast, way: str) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "mo", "password": "correct-horse"})
    client.get("/")
    answer = WAYS_OUT[way](client)
    assert answer["Clear-Site-Data"] == '"cache", "storage"', "other sites of this host keep their cookies"
    assert answer.cookies[settings.ACCOUNT_COOKIE_NAME].value == ""


def test_nothing_else_clears_anything(olga: Client) -> None:
    for answer in (olga.get("/"), olga.get("/accounts/logout/"), olga.post("/account/preferences/", {})):
        assert "Clear-Site-Data" not in answer


def test_a_session_that_was_ended_elsewhere_keeps_the_account(cast: Cast, olga: Client) -> None:
    """So the draft is there for them when they are in again, and for nobody else."""
    own = account_on(olga)
    olga.session.flush()
    answer = olga.get("/", follow=True)
    assert "Clear-Site-Data" not in answer
    assert olga.cookies[settings.ACCOUNT_COOKIE_NAME].value == own


def test_messages_too_have_a_cookie_of_our_own_name(olga: Client) -> None:
    answer = olga.post("/account/preferences/", {"theme": ""})
    assert settings.MESSAGES_COOKIE_NAME in answer.cookies
    assert "messages" not in answer.cookies
    assert "Saved." in olga.get("/account/").content.decode()
