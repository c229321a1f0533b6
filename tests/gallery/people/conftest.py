"""Rules, invitations and somebody who wants to join."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from gallery.models import Invitation, Joining, User

PASSWORD = "battery-staple-9"
Invite = Callable[..., Invitation]


def set_rule(rule: str) -> None:
    Joining.objects.update_or_create(pk=1, defaults={"rule": rule})


def ask(client: Client, address: str, name: str = "eve", **more: str) -> Any:
    """Fill in the sign-up form at an address."""
    return client.post(address, {"username": name, "password1": PASSWORD, "password2": PASSWORD} | more)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def invite(cast: Any) -> Invite:
    """An invitation by the admin, while invitations count."""
    set_rule(Joining.Rule.INVITATION)

    def make(**more: Any) -> Invitation:
        soon = timezone.now() + timedelta(days=1)
        return Invitation.objects.create(**{"created_by": cast.admin, "expires_at": soon} | more)

    return make


@pytest.fixture
def at_once(transactional_db: None, tmp_path: Path) -> Callable[..., list[Any]]:
    """Runs some work for each argument at the same time, each on a connection of its own, with real commits.

    On SQLite they work on a copy in a file: a database in memory knows no waiting for one's turn.
    """
    file = tmp_path / "copy.sqlite3"

    def copy() -> None:
        with closing(sqlite3.connect(file)) as target:
            connection.ensure_connection()
            connection.connection.backup(target)

    def run(work: Callable[[Any], Any], arguments: Any) -> list[Any]:
        is_file = connection.vendor == "sqlite"
        if is_file and not file.exists():
            copy()

        def alone(argument: Any) -> Any:
            if is_file:
                connection.settings_dict = connection.settings_dict | {"NAME": str(file)}
            try:
                return work(argument)
            finally:
                connection.close()

        with ThreadPoolExecutor(len(arguments)) as pool:
            return list(pool.map(alone, arguments))

    return run
