"""Guessing passwords and names: slow, and not worth it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client, override_settings

from gallery.models import User
from gallery.server.environment import Env


def guess(client: Client, name: str = "max", password: str = "guess") -> str:
    return str(client.post("/accounts/login/", {"login": name, "password": password}).content.decode())


def test_guesses_count_in_a_cache_that_all_processes_share(cast: Any) -> None:
    with override_settings(CACHES=Env().caches("NO_CACHE_URL", table="vitrine_cache")):
        for _ in range(5):
            assert "Too many failed" not in guess(Client())
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM vitrine_cache")
            assert cursor.fetchone()[0] > 0
        caches["process"].clear()
        assert "Too many failed" in guess(Client())
        assert "Too many failed" in guess(Client(), password="correct-horse")


def test_guessing_one_password_does_not_lock_others_out(cast: Any) -> None:
    for _ in range(7):
        guess(Client())
    assert "Too many failed" not in guess(Client(REMOTE_ADDR="192.0.2.7"), name="olga", password="correct-horse")


def test_a_name_that_is_not_there_is_answered_like_a_wrong_password(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words, and the work: a hash is what takes the time."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *args: hashed.append("one") or encode(self, *args))
    pages, work = [], []
    for name in ("olga", "nobody-here"):
        hashed.clear()
        pages.append(
            re.sub(r'value="[^"]*"|[\w-]{64}|"x-csrftoken": "\w+"', "", guess(Client(), name)).replace(name, "")
        )
        work.append(len(hashed))
    assert pages[0] == pages[1]
    assert work == [1, 1]


def test_asking_for_a_new_password_does_not_tell_who_is_here(cast: Any) -> None:
    User.objects.filter(pk=cast.member.pk).update(email="max@example.org")
    answers = []
    for address in ("max@example.org", "nobody@example.org"):
        answer = Client().post("/accounts/password/reset/", {"email": address})
        answers.append((answer.status_code, answer["Location"]))
    assert answers[0] == answers[1] == (302, "/accounts/password/reset/done/")
    assert {letter.to[0] for letter in mail.outbox} == {"max@example.org", "nobody@example.org"}


def test_the_link_to_a_new_password_leads_to_the_name_that_was_allowed(cast: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.LOCAL_NAMES_ONLY = ["*"], True
    User.objects.filter(pk=cast.member.pk).update(email="max@example.org")
    forged = Client(headers={"Host": "example.com"}).post("/accounts/password/reset/", {"email": "max@example.org"})
    assert forged.status_code == 400
    assert mail.outbox == []


def test_who_tries_all_too_often_is_told_to_wait(cast: Any) -> None:
    client = Client()
    for name in range(30):
        guess(client, f"somebody-{name}")
    answer = client.post("/accounts/login/", {"login": "max", "password": "guess"})
    assert answer.status_code == 429
    assert "css/tokens.css" in answer.content.decode()
    assert "That was too often" in answer.content.decode()
