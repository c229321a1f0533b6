"""From a site to an archive and back: every byte and every row."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from gallery.backup import restore
from gallery.models import Mail
from generator.models import Call, Image
from generator.replies.spool import Spool
from tests.conftest import Folders
from tests.gallery.backup.conftest import State, contents_below

ROOT = Path(__file__).resolve().parents[3]


def rows_of(database: Any) -> dict[str, list[Any]]:
    """Every row of every table, as text so that types of one database compare with themselves."""
    with database.cursor() as cursor:
        names = sorted(set(database.introspection.table_names(cursor)) - {"django_migrations"})
        found = {}
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608
            found[name] = sorted(map(str, cursor.fetchall()))
        return found


@pytest.fixture
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any, str]]:
    """A data folder that is not there yet, a connection to its database to be, and the URL of that."""
    data = tmp_path_factory.mktemp("restored") / "data"
    other = connection.copy()
    if connection.vendor == "sqlite":
        other.settings_dict["NAME"] = str(data / "db.sqlite3")
        yield data, other, ""
        other.close()
        return
    name = f"test_restore_{uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    other.settings_dict["NAME"] = name
    given = connection.settings_dict
    login = given["USER"] + (f":{given['PASSWORD']}" if given["PASSWORD"] else "")
    yield data, other, f"postgres://{login}@{given['HOST']}:{given['PORT'] or 5432}/{name}"
    other.close()
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}"')


def restore_elsewhere(file: Path, data: Path, url: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"VITRINE_DATA_DIR": str(data), "VITRINE_ENV_FILE": os.devnull, "PYTHONWARNINGS": "error"}
    if url:
        environment["DATABASE_URL"] = url
    command = [sys.executable, "manage.py", "restore", str(file)]
    more: dict[str, Any] = {"capture_output": True, "text": True, "check": False, "timeout": 120}
    return subprocess.run(command, cwd=ROOT, env=environment, **more)  # noqa: S603


def test_every_byte_and_every_row_comes_back(
    site: Folders, target: Path, empty_database: tuple[Path, Any, str]
) -> None:
    data, other, url = empty_database
    before = rows_of(connection)
    said = io.StringIO()
    call_command("backup", str(target), stdout=said)
    assert "3 pictures, " in said.getvalue()

    done = restore_elsewhere(target, data, url)

    assert done.returncode == 0, done.stderr
    assert "1 call waiting when the backup was made" in done.stdout
    assert "NOTICE files: Thumbnails missing or damaged: 3" in done.stdout
    assert "TROUBLE" not in done.stdout
    assert done.stdout.splitlines()[-1] == "Restored."
    originals = contents_below(site.media / "originals")
    assert len(originals) == 3
    assert contents_below(data / "media" / "originals") == originals
    assert contents_below(data / "spool") == contents_below(site.spool)
    assert (data / "secret_key").read_text() == "secret\n"
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600
    assert not list(data.glob(".rest*"))
    after = rows_of(other)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"generator_call", "generator_event"}, "only the waiting call was moved, with its history"
    assert len(after["generator_call"]) == len(before["generator_call"])


def test_nothing_that_works_by_itself_comes_from_an_archive(site: Folders) -> None:
    """Whoever made it may have put in it what a site would run, load or open."""
    Session.objects.create(session_key="k", session_data="x", expire_date=timezone.now())
    OrmQ.objects.create(key="q", payload="x", lock=timezone.now())
    Mail.objects.create(kind="other", to="max@example.org", content={"body": "Click here."})
    cache.set("planted", "x")
    good, bad = Image.objects.order_by("pk")[:2]
    Image.objects.filter(pk=bad.pk).update(file="../../secret_key")
    restore.finish()
    assert not Session.objects.exists()
    assert not OrmQ.objects.exists()
    assert cache.get("planted") is None
    assert list(Mail.objects.values_list("state", "error", "content")) == [("failed", "restored", None)]
    assert Image.objects.get(pk=good.pk).file.name == good.file.name
    assert Image.objects.get(pk=bad.pk).file.name == Image.original_name(bad.pk, bad.format)


@pytest.mark.parametrize("name", ["../../secret_key", ""])
def test_a_format_that_there_is_not_leads_to_the_file_that_is_there(site: Folders, name: str) -> None:
    good = Image.objects.order_by("pk")[0]
    Image.objects.filter(pk=good.pk).update(file=name or good.file.name, format="../../x")
    restore.finish()
    bad = Image.objects.get(pk=good.pk)
    assert bad.format == good.format
    assert bad.file.name == Image.original_name(good.pk, good.format)
    (site.media / bad.file.name).unlink()
    Image.objects.filter(pk=good.pk).update(format="../../x")
    restore.finish()
    assert Image.objects.get(pk=good.pk).format in Image.Format.values


def test_a_call_that_waited_is_left_to_a_person(site: Folders) -> None:
    """The site that was backed up may have sent it since."""
    waiting = Call.objects.queued().get()
    assert restore.finish() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.failure) == (State.UNKNOWN, restore.MAY_BE_CHARGED)
    assert waiting.may_be_retried
    assert [event.what for event in waiting.events.all()] == ["claimed", "sent", "lost"]


def test_a_call_that_was_being_sent_is_left_to_a_person_and_one_with_its_reply_to_the_worker(site: Folders) -> None:
    call = Call.objects.queued().get()
    call.claim(30)
    with Spool(site.spool).writer(str(call.pk)) as sink:
        sink.write(b"{}")
    assert restore.finish() == 0
    Spool(site.spool).remove(str(call.pk))
    assert restore.finish() == 1
    call.refresh_from_db()
    assert call.state == State.UNKNOWN
