"""Nobody takes over an account in silence: not by guessing, not from an open session, and not staff."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from auditlog.models import LogEntry
from django.core import mail
from django.core.cache.backends import base, locmem
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from gallery import doctor
from gallery.account import sealing
from gallery.doctor import second_factors
from gallery.models import Mail, Notice
from tests.conftest import Cast
from tests.gallery.account.test_guessing import guess

SECRET = "JBSWY3DPEHPK3PXP"


def sign_in(client: Client, password: str = "correct-horse", **more: Any) -> Any:
    return client.post("/accounts/login/", {"login": "max", "password": password}, **more)


def test_wrong_guesses_from_elsewhere_do_not_lock_the_right_person_out(cast: Cast) -> None:
    for _ in range(7):
        guess(Client(REMOTE_ADDR="192.0.2.7"))
    assert "Too many failed" in guess(Client(REMOTE_ADDR="192.0.2.7"), password="correct-horse")
    assert sign_in(Client(REMOTE_ADDR="192.0.2.8")).status_code == 302


def test_another_way_of_writing_the_name_brings_no_further_guesses(cast: Cast) -> None:
    for name in ("max", "MAX", "\uff4dax", "m\uff41x", "ma\uff58", "\uff4d\uff41x", " max "):
        guess(Client(), name=name)
    for name in ("max", "\uff4d\uff41\uff58"):
        assert "Too many failed" in guess(Client(), name=name, password="correct-horse")


def test_a_browser_that_knows_the_person_passes_beside_the_one_who_guesses(cast: Cast) -> None:
    known = Client()
    sign_in(known)
    known.post("/accounts/logout/")
    for _ in range(7):
        guess(Client())
    assert "Too many failed" in guess(Client(), password="correct-horse")
    assert sign_in(known).status_code == 302


def test_a_known_browser_may_not_guess_for_ever_nor_as_somebody_else(cast: Cast) -> None:
    known = Client()
    sign_in(known)
    known.post("/accounts/logout/")
    for _ in range(6):
        guess(known)
    assert "Too many failed" in guess(known, password="correct-horse")
    for _ in range(6):
        guess(Client(), name="olga")
    assert "Too many failed" in guess(known, name="olga", password="correct-horse")


def test_a_cookie_that_we_did_not_sign_makes_no_browser_known(cast: Cast, settings: Any) -> None:
    for value in ("x", "max", '["max"]'):
        client = Client()
        client.cookies[settings.KNOWN_COOKIE_NAME] = value
        assert sign_in(client).status_code == 302


@pytest.mark.parametrize("drift", [-30, 0, 30])
def test_a_code_of_the_step_beside_is_taken(drift: int, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(totp.time, "time", lambda: 1_800_000_000)
    code = totp.format_hotp_value(totp.hotp_value(SECRET, (1_800_000_000 + drift) // 30))
    assert totp.validate_totp_code(SECRET, code)
    assert not totp.validate_totp_code(SECRET, totp.format_hotp_value(totp.hotp_value(SECRET, 1_800_000_000 // 30 + 2)))


@pytest.mark.parametrize("later", [1, 31, 59])
def test_a_code_lets_nobody_in_twice_however_late_it_still_fits(
    later: int, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_800_000_000
    clock = SimpleNamespace(time=lambda: now)
    for module in (totp, base, locmem):
        monkeypatch.setattr(module, "time", clock)
    Authenticator.objects.create(user=cast.member, type="totp", data={"secret": sealing.seal(SECRET)})
    code = {"code": totp.format_hotp_value(totp.hotp_value(SECRET, now // 30 + 1))}
    first, second = Client(), Client()
    for client in (first, second):
        assert sign_in(client)["Location"].startswith("/accounts/2fa/authenticate/")
    assert first.post("/accounts/2fa/authenticate/", code)["Location"] == "/"
    now += later
    assert b"Incorrect code" in second.post("/accounts/2fa/authenticate/", code).content
    first.post("/accounts/reauthenticate/", {"password": "correct-horse"})
    assert b"Incorrect code" in first.post("/accounts/2fa/reauthenticate/", code).content


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/accounts/email/", {"action_add": "", "email": "new@example.org"}),
        ("/accounts/2fa/totp/activate/", {"code": "1"}),
        ("/accounts/2fa/recovery-codes/generate/", {}),
    ],
)
def test_ways_in_are_changed_by_who_says_the_password_once_more(cast: Cast, path: str, data: dict[str, str]) -> None:
    client = Client()
    client.force_login(cast.member)
    answer = client.post(path, data)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not EmailAddress.objects.exists()


def test_the_old_address_hears_of_the_new_one(cast: Cast) -> None:
    for address, primary in (("old@example.org", True), ("new@example.org", False)):
        EmailAddress.objects.create(user=cast.member, email=address, verified=True, primary=primary)
    client = Client()
    client.force_login(cast.member)
    client.post("/accounts/reauthenticate/", {"password": "correct-horse"})
    client.post("/accounts/email/", {"action_primary": "", "email": "new@example.org"})
    assert [letter.to for letter in mail.outbox] == [["old@example.org"]]


def test_a_mail_server_that_is_away_undoes_nothing(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "gallery.mail.outbox.Outbox"
    EmailAddress.objects.create(user=cast.member, email="max@example.org", verified=True, primary=True)
    client = Client()
    sign_in(client)
    changed = {"oldpassword": "correct-horse", "password1": "seven-brushes", "password2": "seven-brushes"}
    assert client.post("/accounts/password/change/", changed).status_code == 302
    cast.member.refresh_from_db()
    assert cast.member.check_password("seven-brushes")
    assert [letter.kind for letter in Mail.objects.waiting()] == ["password_changed"]


def set_password(ada: Client, cast: Cast) -> None:
    form = {"password1": "seven-brushes", "password2": "seven-brushes", "usable_password": "true"}
    ada.post(f"/admin/gallery/user/{cast.member.pk}/password/", form)


def remove_factor(ada: Client, cast: Cast) -> None:
    factor = Authenticator.objects.create(user=cast.member, type="totp", data={"secret": sealing.seal(SECRET)})
    ada.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})


def change_address(ada: Client, cast: Cast) -> None:
    address = EmailAddress.objects.create(user=cast.member, email="max@example.org")
    form = {"user": cast.member.pk, "email": "mo@example.org", "verified": "on"}
    ada.post(f"/admin/account/emailaddress/{address.pk}/change/", form)


@pytest.mark.parametrize(
    ("act", "kind"),
    [(set_password, "password set"), (remove_factor, "factor removed"), (change_address, "address changed")],
)
def test_what_staff_do_to_a_way_in_is_in_the_log_and_told(cast: Cast, act: Any, kind: str) -> None:
    ada = Client()
    ada.force_login(cast.admin)
    act(ada, cast)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (cast.member, kind)
    assert LogEntry.objects.filter(actor=cast.admin).exists()
    cast.member.refresh_from_db()
    ada.force_login(cast.member)
    assert "If you did not ask for that" in ada.get("/notices/").content.decode()


@pytest.fixture
def factor(cast: Cast) -> Authenticator:
    return Authenticator.objects.create(user=cast.member, type="totp", data={"secret": sealing.seal(SECRET)})


def test_secrets_are_sealed_where_they_lie_and_shown_to_nobody(cast: Cast, factor: Authenticator) -> None:
    assert SECRET not in json.dumps(factor.data)
    assert sealing.SealedMFAAdapter().decrypt(factor.data["secret"]) == SECRET
    ada = Client()
    ada.force_login(cast.admin)
    page = ada.get(f"/admin/mfa/authenticator/{factor.pk}/change/").content.decode()
    assert factor.data["secret"] not in page


def test_a_changed_key_reads_what_the_one_before_sealed(factor: Authenticator, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert sealing.SealedMFAAdapter().decrypt(factor.data["secret"]) == SECRET
    assert [found.advice for found in second_factors.examine()] == ["Run manage.py seal."]
    call_command("seal")
    settings.SECRET_KEY_FALLBACKS = []
    factor.refresh_from_db()
    assert sealing.unseal(factor.data["secret"]) == SECRET
    assert list(second_factors.examine()) == []


def test_a_lost_key_opens_nothing_and_the_doctor_says_so(factor: Authenticator, settings: Any, capsys: Any) -> None:
    settings.SECRET_KEY = "new"
    opened = sealing.SealedMFAAdapter().decrypt(factor.data["secret"])
    assert opened != SECRET
    totp.hotp_value(opened, 1)  # a code can be compared with it, and will not fit
    [found] = second_factors.examine()
    assert (found.level, found.sentence) == (
        doctor.Level.TROUBLE, "1 second factor cannot be opened by the secret key.",
    )  # fmt: skip
    call_command("seal")
    assert "Cannot be opened by any key: 1." in capsys.readouterr().out
    factor.refresh_from_db()
    assert factor.data["secret"].startswith("sealed:")


def test_a_secret_from_before_there_were_seals_is_read_and_sealed(cast: Cast) -> None:
    factor = Authenticator.objects.create(user=cast.member, type="totp", data={"secret": SECRET})
    assert sealing.SealedMFAAdapter().decrypt(factor.data["secret"]) == SECRET
    call_command("seal")
    factor.refresh_from_db()
    assert factor.data["secret"].startswith("sealed:")


def test_the_only_admin_who_lost_their_factor_is_let_in_by_the_machine(cast: Cast, client: Client) -> None:
    Authenticator.objects.create(user=cast.admin, type="totp", data={"secret": sealing.seal(SECRET)})
    Authenticator.objects.create(user=cast.member, type="totp", data={"secret": sealing.seal(SECRET)})
    for name, removed in ((cast.admin.username.upper(), 1), (cast.admin.username, 0)):
        out = io.StringIO()
        call_command("removefactors", name, stdout=out)
        assert out.getvalue() == f"{cast.admin} signs in with the password alone: {removed} removed.\n"
    assert [factor.user for factor in Authenticator.objects.all()] == [cast.member]
    assert Notice.objects.get().user == cast.admin
    client.force_login(cast.admin)
    assert "authenticator" in client.get("/audit/").content.decode().lower()


def test_factors_of_nobody_are_not_removed(cast: Cast) -> None:
    with pytest.raises(CommandError, match="There is nobody named zoe"):
        call_command("removefactors", "zoe")


def test_who_is_stuck_at_the_second_factor_reads_whom_to_ask(cast: Cast, client: Client) -> None:
    Authenticator.objects.create(user=cast.member, type="totp", data={"secret": sealing.seal(SECRET)})
    page = client.post("/accounts/login/", {"login": "max", "password": "correct-horse"}, follow=True).content.decode()
    assert "Ask an administrator" in page
    assert "manage.py removefactors" in page


def test_the_same_seals_are_opened_once(factor: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    judge = sealing._judge
    monkeypatch.setattr(sealing, "_judge", lambda sealed: opened.extend(sealed) or judge(sealed))
    assert [sealing.unreadable(), sealing.unreadable()] == [(0, 0), (0, 0)]
    assert len(opened) == 1
    Authenticator.objects.filter(pk=factor.pk).update(data={"secret": "not sealed"})
    assert sealing.unreadable() == (1, 0)
