"""Signing in through a real OpenID Connect provider, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from gallery.models import Joining, User
from gallery.people import oidc
from tests.conftest import Cast
from tests.gallery.people.conftest import Invite, set_rule
from tests.oidc_provider import introduce, running_provider

LOGIN = "/accounts/oidc/oidc/login/"
EVE = {"email": "eve@example.org", "email_verified": True, "preferred_username": "eve", "name": "Eve Example"}


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    with running_provider() as found:
        yield found


@pytest.fixture
def provider(issuer: str, settings: Any) -> str:
    settings.SOCIALACCOUNT_PROVIDERS = oidc.providers(issuer, "vitrine", "secret", "the school")
    return issuer


def go(client: Client, sub: str = "eve-1", **form: str) -> Any:
    """From the button to the provider and back, as a browser does it."""
    there = client.post(LOGIN)["Location"]
    asked = parse_qs(urlsplit(there).query)
    assert (asked["code_challenge_method"], asked["response_type"]) == (["S256"], ["code"])
    answer = requests.post(there, data=form or {"sub": sub}, timeout=10, allow_redirects=False)
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/accounts/oidc/oidc/login/callback/"
    return client.get(f"{back.path}?{back.query}")


def test_the_button_is_there_only_when_it_is_configured(client: Client, db: None, request: Any) -> None:
    assert "Continue with" not in client.get("/accounts/login/").content.decode()
    assert client.post(LOGIN).status_code == 404
    request.getfixturevalue("provider")
    assert "Continue with the school" in client.get("/accounts/login/").content.decode()


def test_strangers_are_refused_while_joining_is_closed(client: Client, db: None, provider: str) -> None:
    introduce(provider, "eve-1", **EVE)
    assert "does not take new members" in go(client).content.decode()
    assert not User.objects.exists()


def test_without_an_invitation_they_are_refused_too(client: Client, invite: Invite, provider: str) -> None:
    go(client)
    assert not SocialAccount.objects.exists()


def test_an_invitation_survives_the_way_there_and_back(client: Client, invite: Invite, provider: str) -> None:
    introduce(provider, "eve-1", **EVE)
    invitation = invite(role="moderator")
    assert "Continue with the school" in client.get(f"/join/{invitation.token}/").content.decode()
    assert go(client)["Location"] == "/"
    eve = User.objects.get(username="eve")
    assert (eve.role, eve.invitation, str(eve), eve.email) == ("moderator", invitation, "Eve Example", "")
    assert not eve.has_usable_password()
    invitation.refresh_from_db()
    assert invitation.uses == 1
    client.post("/accounts/logout/")
    assert go(client)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(eve.pk)
    invitation.refresh_from_db()
    assert invitation.uses == 1


def test_who_asks_waits_for_approval(client: Client, db: None, provider: str) -> None:
    set_rule(Joining.Rule.APPROVAL)
    introduce(provider, "eve-1", **EVE)
    for _ in range(2):
        assert "waits for approval" in client.get(go(client)["Location"]).content.decode()
    assert "_auth_user_id" not in client.session
    assert User.objects.get().awaits_approval


def test_a_name_that_is_taken_is_not_taken_over(client: Client, cast: Cast, provider: str) -> None:
    set_rule(Joining.Rule.APPROVAL)
    introduce(provider, "not-olga", **EVE | {"preferred_username": "olga"})
    go(client, "not-olga")
    assert not SocialAccount.objects.filter(user=cast.owner).exists()
    assert SocialAccount.objects.get().user.username != "olga"


@pytest.mark.parametrize("mail", [True, False])
def test_nor_is_an_address(client: Client, cast: Cast, provider: str, settings: Any, mail: bool) -> None:
    settings.MAIL = mail
    settings.ACCOUNT_SIGNUP_FIELDS = ["username*", *(["email"] if mail else []), "password1*", "password2*"]
    set_rule(Joining.Rule.APPROVAL)
    User.objects.filter(pk=cast.owner.pk).update(email="eve@example.org")
    introduce(provider, "eve-1", **EVE)
    answer = go(client)
    if mail:
        assert answer["Location"] == "/accounts/3rdparty/signup/"
        form = {"username": "eve", "email": "eve@example.org"}
        assert "already exists" in client.post(answer["Location"], form).content.decode()
        assert client.post(answer["Location"], form | {"email": ""}).status_code == 302
    assert not SocialAccount.objects.filter(user=cast.owner).exists()
    assert User.objects.filter(username="eve", awaits_approval=True).exists()


def test_saying_no_there_signs_nobody_in_and_is_said(client: Client, db: None, provider: str) -> None:
    assert "That did not work" in go(client, action="deny").content.decode()
    assert "Cancelled" in client.get("/accounts/3rdparty/login/cancelled/").content.decode()
    assert "_auth_user_id" not in client.session


def test_an_answer_that_nobody_asked_for_opens_nothing(client: Client, db: None, provider: str) -> None:
    answer = client.get("/accounts/oidc/oidc/login/callback/", {"code": "stolen", "state": "guessed"})
    assert answer.status_code == 401
    assert "_auth_user_id" not in client.session


def test_a_provider_that_is_away_is_said_in_words(client: Client, db: None, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = oidc.providers("http://127.0.0.1:9", "vitrine", "", "the school")
    answer = client.post(LOGIN)
    assert answer.status_code == 503
    assert "does not answer at the moment" in answer.content.decode()


def test_a_member_connects_an_account_and_signs_in_with_it(client: Client, cast: Cast, provider: str) -> None:
    client.post("/accounts/login/", {"login": "max", "password": "correct-horse"})
    there = client.post(f"{LOGIN}?process=connect")["Location"]
    answer = requests.post(there, data={"sub": "max-1"}, timeout=10, allow_redirects=False)
    back = urlsplit(answer.headers["Location"])
    assert client.get(f"{back.path}?{back.query}")["Location"] == "/accounts/reauthenticate/"
    assert not SocialAccount.objects.exists(), "whoever has only the browser links nothing"
    client.post("/accounts/reauthenticate/", {"password": "correct-horse"})
    assert SocialAccount.objects.get().user == cast.member
    client.post("/accounts/logout/")
    assert go(client, "max-1")["Location"] == "/"
    assert client.session["_auth_user_id"] == str(cast.member.pk)


@pytest.mark.parametrize(
    "url", ["accounts.example.org", "ftp://example.org", "https://", "https://a b/", "https://a;b/"]
)
def test_an_issuer_that_cannot_be_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="VITRINE_OIDC_URL"):
        oidc.providers(url, "vitrine", "secret", "x")


def test_a_client_must_be_named() -> None:
    with pytest.raises(ImproperlyConfigured, match="VITRINE_OIDC_CLIENT_ID"):
        oidc.providers("https://accounts.example.org", "", "", "x")
    assert oidc.providers("", "", "", "x") == {}


def test_the_sign_in_form_may_lead_to_the_provider_and_nowhere_else() -> None:
    assert oidc.origin("https://accounts.example.org:8443/realms/one") == ["https://accounts.example.org:8443"]
    assert oidc.origin("") == []
