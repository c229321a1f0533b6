"""One check for what people are called, at every door."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from gallery.account.allauth_adapter import AccountAdapter, SocialAccountAdapter
from gallery.models import Joining, User
from gallery.models.member_names import check_name
from gallery.server.prepare import make_first_admin
from tests.conftest import Cast

TAKEN = [
    "admin", "ADMIN", "a.d-m_i+n", "\uff41\uff44\uff4d\uff49\uff4e", "\u00e0dmin", "moderator",
    "Former Member", "former  member", "F.o.r.m.e.r-Member", "\u0430dmin", "Anna\u0410",
    ".", "..", "...", "an\u200bna", "anna\u202e", "an\tna", "an\x00na",
    "\u3164", "\u115f\u1160", "\uffa0", "\u2800", "anna\u3164", "anna\ufe0f", "an\u034fna", "anna\U000e0101",
]  # fmt: skip
GOOD = [
    "anna", "Anna Lovelace", "\u00c5sa", "\u0410\u043d\u043d\u0430", "\u03ac\u03bd\u03bd\u03b1",
    "\u5c71\u7530\u30bf\u30ed\u30a6", "\u092a\u094d\u0930\u093f\u092f\u093e", "a.b@c", "anna-2", "administrata",
    "O'Hara", "\u2764\ufe0f Anna", "\ud55c\uae00",
]  # fmt: skip


@pytest.mark.parametrize("name", TAKEN, ids=ascii)
def test_nobody_is_called_so(name: str) -> None:
    with pytest.raises(ValidationError):
        check_name(name)


@pytest.mark.parametrize("name", GOOD, ids=ascii)
def test_people_of_every_script_have_names(name: str) -> None:
    assert check_name(name) == name


def test_what_looks_the_same_is_kept_in_one_way() -> None:
    assert check_name("\uff21nna") == "Anna"


@pytest.mark.parametrize("name", ["ad.min", "former.member", "\u0430nna", ".."], ids=ascii)
def test_not_by_signing_up(client: Client, db: None, name: str) -> None:
    Joining.objects.create(pk=1, rule=Joining.Rule.APPROVAL)
    answer = client.post(
        "/accounts/signup/", {"username": name, "password1": "seven-brushes", "password2": "seven-brushes"}
    )
    assert answer.status_code == 200
    assert not User.objects.exists()


def test_who_joined_by_another_way_of_writing_signs_in_by_it(client: Client, db: None) -> None:
    Joining.objects.create(pk=1, rule=Joining.Rule.APPROVAL)
    name, password = "\ufb01ona", "seven-brushes"
    client.post("/accounts/signup/", {"username": name, "password1": password, "password2": password})
    assert User.objects.get().username == "fiona"
    User.objects.update(awaits_approval=False, is_active=True)
    for typed in (name, "fiona", "\uff26iona"):
        later = Client()
        later.post("/accounts/login/", {"login": typed, "password": password})
        assert later.get("/mine/").status_code == 200, typed


@pytest.mark.parametrize("said", [("Former", "Member"), ("for", "mer member"), ("", "Admin"), ("\u0430nna", "")])
def test_not_in_the_profile(cast: Cast, client: Client, said: tuple[str, str]) -> None:
    client.force_login(cast.member)
    answer = client.post("/account/profile/", {"first_name": said[0], "last_name": said[1]})
    assert answer.status_code == 422
    cast.member.refresh_from_db()
    assert cast.member.get_full_name() == ""


def test_not_in_the_administration(cast: Cast, client: Client) -> None:
    client.force_login(cast.admin)
    made = {"username": "ad-min", "password1": "seven-brushes", "password2": "seven-brushes", "usable_password": "true"}
    assert client.post("/admin/gallery/user/add/", made).status_code == 200
    assert not User.objects.filter(username="ad-min").exists()


def test_who_is_called_so_already_can_be_changed(cast: Cast) -> None:
    User.objects.filter(pk=cast.admin.pk).update(username="admin")
    admin = User.objects.get(pk=cast.admin.pk)
    admin.full_clean()
    admin.username = "moderator"
    with pytest.raises(ValidationError):
        admin.full_clean()


def test_not_by_a_command(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "seven-brushes")
    with pytest.raises(CommandError, match="speaks for the site"):
        call_command("createsuperuser", username="ad.min", email="a@example.org", interactive=False)
    call_command("createsuperuser", username="vera", email="a@example.org", interactive=False, stdout=StringIO())
    assert User.objects.get().is_superuser


def test_only_the_first_admin_is_called_admin(db: None, settings: Any) -> None:
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = "\u0430dmin", "seven-brushes"
    with pytest.raises(CommandError, match="VITRINE_ADMIN_USERNAME"):
        make_first_admin()
    settings.ADMIN_USERNAME = "admin"
    make_first_admin()
    assert User.objects.get().username == "admin"


def test_not_by_what_a_provider_says(db: None, rf: Any) -> None:
    class Login:
        user = User()

    said = {"username": "eve", "first_name": "Former", "last_name": "Member"}
    found = SocialAccountAdapter().populate_user(rf.get("/"), Login(), said)
    assert found.get_full_name() == ""
    assert AccountAdapter().generate_unique_username(["admin", "eve"]).startswith("eve")


def test_a_password_that_is_typed_as_a_name_is_not_kept(client: Client, db: None) -> None:
    for _ in range(2):
        client.post("/accounts/login/", {"login": "correct-horse", "password": "correct-horse"})
    entries = list(LogEntry.objects.all())
    assert "correct-horse" not in "".join(f"{vars(entry)}" for entry in entries)
    assert len({entry.additional_data["mark"] for entry in entries}) == 1
