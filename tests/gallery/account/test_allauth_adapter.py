"""Signing in and out, changing the password, and what is closed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client
from django.urls import get_resolver

from gallery.models import User
from tests.conftest import Cast, markup


def sign_in(client: Client, name: str, password: str = "correct-horse", **more: str) -> Any:
    return client.post("/accounts/login/", {"login": name, "password": password} | more)


def test_a_member_signs_in_and_goes_on_where_they_wanted_to(client: Client, cast: Cast) -> None:
    answer = sign_in(client, "olga", next="/mine/")
    assert answer["Location"] == "/mine/"
    assert client.session["_auth_user_id"] == str(cast.owner.pk)


def test_nobody_is_sent_to_another_site(client: Client, cast: Cast) -> None:
    assert sign_in(client, "olga", next="https://example.com/")["Location"] == "/"


@pytest.mark.parametrize("typed", ["Hans.Meier", "hans.meier", "HANS.MEIER", " Hans.Meier "])
def test_capitals_in_a_username_do_not_matter(client: Client, db: None, typed: str) -> None:
    User.objects.create_superuser("Hans.Meier", password="correct-horse")
    assert sign_in(client, typed).status_code == 302


def test_a_wrong_password_is_said_beside_what_was_typed(client: Client, cast: Cast) -> None:
    page = sign_in(client, "olga", "wrong").content.decode()
    assert 'role="alert"' in page
    assert 'value="olga"' in page
    assert "_auth_user_id" not in client.session


def test_guessing_is_slowed_down(client: Client, cast: Cast) -> None:
    for _ in range(12):
        answer = sign_in(client, "olga", "guess")
    assert "Too many failed login attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    sign_in(client, "olga")
    assert "_auth_user_id" not in client.session


def test_signing_out_ends_at_the_entrance(client: Client, cast: Cast) -> None:
    client.force_login(cast.owner)
    assert "Sign out" in client.get("/accounts/logout/").content.decode()
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in client.session


def test_the_password_is_changed(client: Client, cast: Cast) -> None:
    client.force_login(cast.owner)
    new = {"oldpassword": "correct-horse", "password1": "battery-staple-9", "password2": "battery-staple-9"}
    assert client.post("/accounts/password/change/", new).status_code == 302
    cast.owner.refresh_from_db()
    assert cast.owner.check_password("battery-staple-9")


def test_a_weak_password_is_refused_with_a_reason(client: Client, cast: Cast) -> None:
    client.force_login(cast.owner)
    new = {"oldpassword": "correct-horse", "password1": "12345", "password2": "12345"}
    assert "too short" in client.post("/accounts/password/change/", new).content.decode()


def test_a_forgotten_password_is_replaced_by_mail(client: Client, cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.member, email="max@example.org", primary=True, verified=True)
    client.post("/accounts/password/reset/", {"email": "max@example.org"})
    (link,) = re.findall(r"http://testserver(\S+/key/\S+)", str(mail.outbox[0].body))
    form = client.get(link, follow=True).redirect_chain[-1][0]
    done = client.post(form, {"password1": "eleven-lamps-glow", "password2": "eleven-lamps-glow"}, follow=True)
    assert 'href="/accounts/login/"' in done.content.decode()
    sign_in(client, "max", "eleven-lamps-glow")
    assert client.get("/mine/").status_code == 200


def test_joining_is_closed_politely(client: Client, db: None) -> None:
    assert "Ask one of its administrators" in client.get("/accounts/signup/").content.decode()
    new = {"username": "eve", "password1": "battery-staple-9", "password2": "battery-staple-9"}
    client.post("/accounts/signup/", new)
    assert not User.objects.filter(username="eve").exists()
    assert "/accounts/signup/" not in client.get("/accounts/login/").content.decode()


def test_who_stopped_being_active_cannot_sign_in(client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    sign_in(client, "olga")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("sandbox", [True, False])
def test_the_first_start_is_explained_until_somebody_has_signed_in(
    client: Client, cast: Cast, settings: Any, sandbox: bool
) -> None:
    settings.SANDBOX = sandbox
    assert "First start?" in client.get("/accounts/login/").content.decode()
    sign_in(client, "olga")
    assert "First start?" not in Client().get("/accounts/login/").content.decode()


def addresses() -> list[str]:
    """Every address below /accounts/ that needs no key of its own."""
    found = [
        "/accounts/" + str(pattern.pattern)
        for part in get_resolver().url_patterns
        if str(part.pattern) == "accounts/"
        for pattern in _leaves(part)
    ]
    assert len(found) > 20
    return sorted(address for address in found if "(" not in address and "^" not in address)


def _leaves(part: Any, prefix: str = "") -> list[Any]:
    leaves = []
    for pattern in part.url_patterns:
        if hasattr(pattern, "url_patterns"):
            leaves += _leaves(pattern, prefix + str(pattern.pattern))
        else:
            leaves.append(_Leaf(prefix + str(pattern.pattern)))
    return leaves


class _Leaf:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern


@pytest.mark.parametrize("who", ["visitor", "member"])
def test_every_account_page_wears_our_design_and_links_only_to_what_is_there(
    client: Client, cast: Cast, who: str
) -> None:
    seen = 0
    for address in addresses():
        client.logout()
        if who == "member":
            client.force_login(cast.member)
        answer = client.get(address)
        assert answer.status_code in (200, 301, 302, 401, 404, 405), address
        if answer.status_code != 200:
            continue
        page = answer.content.decode()
        seen += 1
        assert "css/tokens.css" in page, address
        assert "/accounts/email/" not in page.replace(f'action="{address}"', ""), address
        for link in set(re.findall(r'href="(/[^"#?]*)', page)):
            if not link.startswith("/static/"):
                assert client.get(link).status_code in (200, 302), (address, link)
    assert seen >= 4


def test_a_second_factor_can_be_set_up(client: Client, cast: Cast) -> None:
    sign_in(client, "max")
    address = "/accounts/2fa/totp/activate/"
    confirm = client.get(address)["Location"]
    assert confirm.startswith("/accounts/reauthenticate/")
    assert client.post(confirm, {"password": "correct-horse"})["Location"] == address
    page = client.get(address).content.decode()
    assert 'src="data:image/svg+xml' in page
    assert "Second factor" in page


def test_with_a_second_factor_the_password_alone_opens_nothing(client: Client, cast: Cast) -> None:
    TOTP.activate(cast.member, generate_totp_secret())
    assert sign_in(client, "max")["Location"].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session
    assert "css/tokens.css" in client.get("/accounts/2fa/authenticate/").content.decode()


def test_addresses_are_kept_in_our_words(client: Client, cast: Cast, settings: Any) -> None:
    settings.MAIL = True
    client.force_login(cast.member)
    assert "You have no address here." in client.get("/accounts/email/").content.decode()
    for address, is_first in (("max@example.org", True), ("max@example.com", False)):
        EmailAddress.objects.create(user=cast.member, email=address, primary=is_first, verified=is_first)
    page = markup(client.get("/accounts/email/"))
    assert 'max@example.org<span class="tag tag-accent">Confirmed</span><span class="tag">First</span>' in page
    assert 'max@example.com<span class="tag tag-caution">Not confirmed</span>' in page
    assert "<script src" not in page.partition("<main")[2]
    client.post("/accounts/reauthenticate/", {"password": "correct-horse"})
    client.post("/accounts/email/", {"email": "max@example.com", "action_remove": ""})
    assert not EmailAddress.objects.filter(email="max@example.com").exists()
    assert "This link does not work" in client.get("/accounts/confirm-email/nonsense/").content.decode()
