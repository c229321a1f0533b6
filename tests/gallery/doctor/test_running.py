"""Database, settings, folders, worker, queue and API: each trouble has its own finding."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from gallery import doctor
from gallery.doctor import database, files, worker
from gallery.doctor.repair import repair
from gallery.server import modes
from generator.models import Call, Event, Image, Provider
from generator.models.failure_words import Failure
from generator.replies.spool import Spool
from tests.conftest import Folders
from tests.gallery.doctor.conftest import (
    HOUR,
    State,
    all_findings,
    change_call,
    findings_on,
    only_finding,
)

# The database and the settings


def test_a_migration_that_is_not_applied_is_named(site: Image) -> None:
    newest = MigrationRecorder.Migration.objects.filter(app="generator").latest("id")
    newest.delete()
    finding = only_finding()
    assert (finding.area, finding.is_trouble) == ("database", True)
    assert finding.sentence == f"1 migration not applied, the first is generator.{newest.name}."


@pytest.mark.django_db
def test_a_database_that_cannot_be_read_is_one_finding(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> list[str]:
        raise DatabaseError("server closed the connection\nunexpectedly")

    monkeypatch.setattr(database, "missing_migrations", refuse)
    monkeypatch.setattr(connection, "close", lambda: None)
    found = [finding for finding in doctor.examine() if finding.area == "database"]
    assert [finding.sentence for finding in found] == ["The database cannot be read: server closed the connection."]


def test_files_cannot_be_compared_with_a_database_that_is_away(site: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*, deep: bool) -> Iterator[files.Damage]:
        raise DatabaseError("")

    monkeypatch.setattr(files, "damages", refuse)
    monkeypatch.setattr(connection, "close", lambda: None)
    assert [finding.area for finding in doctor.examine_files()] == ["database"]
    assert "no reason given" in next(doctor.examine_files()).sentence
    assert list(repair()) == ["The database cannot be read: nothing more can be repaired."]


def test_clocks_in_disorder_are_found(site: Image, settings: Any) -> None:
    settings.ONLYSQ_READ_TIMEOUT = 1
    finding = only_finding()
    assert (finding.area, finding.is_trouble) == ("settings", True)
    assert "must be longer than" in finding.sentence


# Folders and key


def test_a_folder_that_cannot_be_written_is_named(site: Image, settings: Any, folders: Folders) -> None:
    settings.DATA_DIR = folders.data / "nowhere"
    finding = only_finding()
    assert "nowhere cannot be written: No such file or directory." in finding.sentence


def test_too_little_room_is_found(site: Image, settings: Any) -> None:
    settings.MIN_FREE_MB = 10**9
    assert "MB are free" in only_finding().sentence


def test_a_key_that_others_may_read_is_found_and_closed(site: Image, settings: Any) -> None:
    settings.SECRET_KEY_FILE.chmod(0o644)
    assert "Other users" in only_finding().sentence
    assert len(list(repair())) == 1
    assert all_findings() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its own files")
def test_a_database_file_that_others_may_read_is_found_and_closed(
    site: Image, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what SQLite has not written into it yet. The key alone would keep nobody out."""
    file = folders.data / "db.sqlite3"
    for path in (file, folders.data / "db.sqlite3-wal"):
        path.touch(mode=0o644)
    monkeypatch.setitem(connection.settings_dict, "NAME", file)
    assert [path.name for path, _ in modes.too_wide()] == ["db.sqlite3", "db.sqlite3-wal"]
    assert len(list(repair())) == 2
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(modes.too_wide()) == []


# The worker and the queue


def test_a_worker_that_never_ran_is_found(site: Image) -> None:
    Provider.objects.update(watched_at=None)
    assert only_finding().sentence == "No worker has ever run."
    Provider.objects.all().delete()
    assert "No worker has ever run." in [finding.sentence for finding in all_findings()]


@pytest.mark.parametrize("ago", [2 * HOUR, -2 * HOUR])
def test_a_worker_that_fell_silent_is_found_whichever_way_the_clock_went(site: Image, ago: timedelta) -> None:
    Provider.objects.update(watched_at=timezone.now() - ago)
    finding = only_finding()
    assert finding.area == "worker"
    assert finding.sentence.startswith("The last sign of a worker is")
    assert not worker.is_watched()


def queue_one(minutes: int) -> None:
    """One call that is due for so long, and to which nothing has happened."""
    then = timezone.now() - timedelta(minutes=minutes)
    Call.objects.update(state=State.QUEUED, created_at=then)
    Image.objects.all().delete()
    Event.objects.update(at=then)


def test_due_work_to_which_nothing_happens_is_trouble(site: Image) -> None:
    queue_one(10)
    assert "Nothing moves: the oldest call is due for 10 minutes." in findings_on("queue")[0].sentence
    Event.objects.all().delete()
    assert findings_on("queue")[0].is_trouble


def test_a_long_queue_that_moves_is_worth_a_notice(site: Image) -> None:
    queue_one(45)
    Event.objects.update(at=timezone.now())
    finding = findings_on("queue")[0]
    assert (finding.is_trouble, finding.sentence) == (False, "The oldest call is due for 45 minutes.")


def test_a_short_wait_is_nothing(site: Image) -> None:
    queue_one(2)
    assert findings_on("queue") == []


def test_a_pause_is_not_taken_for_a_standstill(site: Image) -> None:
    queue_one(10)
    Provider.objects.current().wait(60)
    assert findings_on("queue") == []
    assert not findings_on("API")[0].is_trouble


def test_a_call_in_the_hands_of_a_silent_worker_is_freed(site: Image, settings: Any) -> None:
    settings.LEASE_SECONDS = 10
    Image.objects.all().delete()
    call = change_call(
        state=State.SENDING,
        lease="elsewhere:1:a",
        lease_until=timezone.now() - HOUR,
        sent_at=None,
    )
    assert findings_on("queue")[0].sentence.startswith("1 call held by a worker")
    settings.LEASE_SECONDS = 0.1
    assert next(repair()).startswith("1 call freed")
    call.refresh_from_db()
    assert call.state == State.QUEUED


def test_a_living_worker_keeps_its_call_through_a_repair(site: Image) -> None:
    call = change_call(state=State.SENDING, lease="elsewhere:1:a", lease_until=timezone.now() + HOUR)
    list(repair())
    call.refresh_from_db()
    assert call.state == State.SENDING


def test_a_reply_that_cannot_be_stored_is_found_with_its_reason(site: Image, spool: Spool) -> None:
    call = change_call(state=State.RECEIVED, received_at=timezone.now() - HOUR, error="The disk is full.")
    with spool.writer(str(call.pk)) as sink:
        sink.write(b"{}")
    assert findings_on("queue")[0].sentence == "1 reply on disk not stored yet. The disk is full."
    change_call(**Failure("disk", "media", {"errno": 28}).columns)
    reason = "The pictures cannot be stored for now: No space left on device."
    assert findings_on("queue")[0].sentence == f"1 reply on disk not stored yet. {reason}"
    change_call(**Failure().columns)
    assert "No reason was noted." in findings_on("queue")[0].sentence


def test_calls_of_unknown_outcome_are_counted_until_somebody_decides(site: Image) -> None:
    change_call(state=State.UNKNOWN)
    finding = only_finding()
    assert (finding.is_trouble, finding.area) == (False, "queue")
    change_call(dismissed_at=timezone.now())
    assert all_findings() == []


# The API


def test_a_refused_key_is_trouble_until_another_is_set(site: Image, settings: Any) -> None:
    settings.ONLYSQ_API_KEY = "sq-wrong"
    Provider.objects.current().refuse_key("sq-wrong")
    assert "refused the key" in only_finding().sentence
    settings.ONLYSQ_API_KEY = "sq-right"
    assert all_findings() == []


def test_a_list_of_models_that_is_old_or_was_never_read_is_worth_a_notice(site: Image, settings: Any) -> None:
    Provider.objects.update(models_at=timezone.now() - timedelta(days=3))
    assert only_finding().sentence == "The list of models is 3 days old."
    Provider.objects.update(models_at=None)
    assert only_finding().sentence == "The list of models was never read."
    settings.ONLYSQ_MODELS = ["flux"]
    assert all_findings() == []


def test_a_dead_process_of_this_host_is_known_at_once(site: Image) -> None:
    Image.objects.all().delete()
    change_call(state=State.SENDING, lease=f"{socket.gethostname()}:999999999:a", lease_until=timezone.now() + HOUR)
    assert next(repair()).startswith("1 call freed")
