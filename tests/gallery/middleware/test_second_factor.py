"""Staff who must have a second factor, and everybody who wants one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from tests.conftest import Cast, markup
from tests.gallery.people.conftest import signed_in

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def required(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True


def code() -> str:
    """What an app shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(SECRET, counter)))


def test_staff_are_led_to_set_one_up_before_anything_else(required: None, cast: Cast) -> None:
    for person in (cast.moderator, cast.admin):
        browser = signed_in(person)
        for address in ("/", "/people/", "/admin/", "/accounts/password/change/"):
            assert browser.get(address)["Location"] == "/accounts/2fa/", address
        page = browser.get("/accounts/2fa/").content.decode()
        assert "Staff need a second factor here" in page
        assert browser.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
        assert browser.post("/accounts/logout/")["Location"] == "/accounts/login/"


def test_what_is_no_page_is_refused(required: None, cast: Cast) -> None:
    browser = signed_in(cast.moderator)
    assert browser.get("/live/", headers={"HX-Request": "true"}).status_code in (403, 404)
    assert browser.get("/", headers={"HX-Request": "true"}).status_code == 403
    assert browser.get("/", headers={"Accept": "application/json"}).status_code == 403
    assert browser.post("/people/joining/", {"rule": "approval"}).status_code == 403


def test_with_one_everything_is_open(required: None, cast: Cast) -> None:
    TOTP.activate(cast.moderator, SECRET)
    assert signed_in(cast.moderator).get("/people/").status_code == 200


def test_recovery_codes_alone_are_none(required: None, cast: Cast) -> None:
    RecoveryCodes.activate(cast.moderator)
    assert signed_in(cast.moderator).get("/people/")["Location"] == "/accounts/2fa/"


def test_members_and_visitors_are_left_alone(required: None, client: Client, cast: Cast) -> None:
    assert signed_in(cast.member).get("/").status_code == 200
    assert client.get("/accounts/login/").status_code == 200


def test_nobody_must_unless_it_is_required(cast: Cast) -> None:
    assert signed_in(cast.admin).get("/people/").status_code == 200


def password(client: Client) -> Any:
    return client.post("/accounts/login/", {"login": "max", "password": "correct-horse"})


def confirm(client: Client) -> None:
    """Say the password once more, as is asked before anything about second factors is changed."""
    assert client.post("/accounts/reauthenticate/", {"password": "correct-horse"}).status_code == 302


def test_an_app_is_set_up_used_and_turned_off(client: Client, cast: Cast) -> None:
    password(client)
    confirm(client)
    address = "/accounts/2fa/totp/activate/"
    client.get(address)
    session = client.session
    session["mfa.totp.secret"] = SECRET
    session.save()
    answer = client.post(address, {"code": code()})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    shown = re.findall(r"^[0-9]{8}$|(?<=>)[0-9]{8}$", client.get(answer["Location"]).content.decode(), re.MULTILINE)
    assert shown == RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    assert "codes" in client.get("/accounts/2fa/").content.decode()
    client.post("/accounts/logout/")
    assert password(client)["Location"].startswith("/accounts/2fa/authenticate/")
    refused = client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert "Incorrect code" in refused


def test_a_recovery_code_lets_one_in_once(client: Client, cast: Cast) -> None:
    TOTP.activate(cast.member, generate_totp_secret())
    [first, *_] = RecoveryCodes.activate(cast.member).get_unused_codes()
    password(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": first})["Location"] == "/"
    client.post("/accounts/logout/")
    password(client)
    assert "Incorrect code" in client.post("/accounts/2fa/authenticate/", {"code": first}).content.decode()


def test_the_pages_of_passkeys_wear_our_design(client: Client, cast: Cast) -> None:
    password(client)
    confirm(client)
    for address, words in [
        ("/accounts/2fa/", "Add a passkey"),
        ("/accounts/2fa/webauthn/", "You have no passkeys yet"),
        ("/accounts/2fa/webauthn/add/", "Sign in with it, without the password"),
    ]:
        page = client.get(address).content.decode()
        assert words in page, address
        assert "css/tokens.css" in page


def test_no_page_runs_a_script_of_its_own(client: Client, cast: Cast) -> None:
    """What stands between script tags is data; the content policy would stop anything else."""
    password(client)
    confirm(client)
    pages = [client.get(f"/accounts/2fa/{path}").content.decode() for path in ("", "webauthn/", "webauthn/add/")]
    pages.append(Client().get("/accounts/login/").content.decode())
    for page in pages:
        tags = [part.partition(">")[0] for part in page.split("<script")[1:]]
        assert all("src=" in tag or 'type="application/json"' in tag for tag in tags), tags


def test_what_guards_the_account_is_said_in_our_words(client: Client, cast: Cast) -> None:
    password(client)
    asked = client.get("/accounts/2fa/totp/activate/", follow=True).content.decode()
    assert "<h1>Is it you?</h1>" in asked
    confirm(client)
    assert "<h1>Set up an app</h1>" in client.get("/accounts/2fa/totp/activate/").content.decode()
    TOTP.activate(cast.member, generate_totp_secret())
    RecoveryCodes.activate(cast.member)
    assert "<h1>Turn off the app</h1>" in client.get("/accounts/2fa/totp/deactivate/").content.decode()
    assert "The 10 codes that you have stop working" in markup(client.get("/accounts/2fa/recovery-codes/generate/"))
    assert "<h1>Is it you?</h1>" in client.get("/accounts/2fa/reauthenticate/", follow=True).content.decode()


def test_whoever_has_no_passkey_is_not_asked_for_one(client: Client, cast: Cast) -> None:
    TOTP.activate(cast.member, generate_totp_secret())
    password(client)
    page = client.get("/accounts/2fa/authenticate/").content.decode()
    assert "Enter the code that your app shows" in page
    assert "passkey" not in page.partition("<main")[2]


def test_a_forgotten_password_is_asked_for_in_our_words(client: Client, db: None, settings: Any) -> None:
    assert "Ask an administrator" in client.get("/accounts/password/reset/").content.decode()
    settings.MAIL = True
    page = client.get("/accounts/password/reset/").content.decode()
    assert "<h1>Forgotten password</h1>" in page
    assert "Send the link" in page
    assert "Look into your mail" in client.get("/accounts/password/reset/done/").content.decode()
    assert "This link does not work" in client.get("/accounts/password/reset/key/1-nonsense/").content.decode()
