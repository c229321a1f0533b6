"""The worker's watch: it wakes, sweeps and replaces a cluster that stands still."""

from __future__ import annotations

import gc
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django_q.models import OrmQ

from generator.models import Call, Generation, Provider
from generator.worker import patience, tasks, watchdog
from generator.worker.cluster import Cluster, processes, share
from tests.conftest import Cast, Folders

Make = Callable[..., Generation]


class StandIn(Cluster):
    """A cluster without processes, that counts how often it was started."""

    def __init__(self) -> None:
        self.starts = 0
        self.alive = True

    def start(self) -> None:
        self.starts += 1

    def kill(self) -> None:
        self.alive = True

    @property
    def is_alive(self) -> bool:
        return self.alive


@pytest.fixture
def cluster() -> StandIn:
    return StandIn()


@pytest.fixture
def watch(cluster: StandIn, db: None) -> watchdog.Watchdog:
    Provider.objects.current().learn_models([])
    return watchdog.Watchdog(cluster, threading.Event())


def test_due_work_is_woken_once(watch: watchdog.Watchdog, cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner, count=3)
    watch.tick()
    watch.tick()
    assert OrmQ.objects.count() == 3


def test_nothing_is_woken_beyond_the_room_at_the_api(
    watch: watchdog.Watchdog, cast: Cast, make_generation: Make, settings: Any
) -> None:
    settings.CONCURRENCY = 2
    make_generation(cast.owner, count=4)
    watch.tick()
    assert OrmQ.objects.count() == 2


def test_a_pause_of_the_api_wakes_nobody(watch: watchdog.Watchdog, cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    Provider.objects.current().wait(60)
    watch.tick()
    assert not OrmQ.objects.exists()


def test_an_abandoned_reply_is_woken_for_even_in_a_pause(
    watch: watchdog.Watchdog, cast: Cast, make_generation: Make
) -> None:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    call.receive(200)
    call.release()
    Provider.objects.current().wait(60)
    watch.tick()
    assert OrmQ.objects.count() == 1


def test_calls_of_dead_workers_are_swept(watch: watchdog.Watchdog, cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    Call.objects.update(lease=f"{socket.gethostname()}:999999999:a")
    watch.tick()
    call.refresh_from_db()
    assert call.state == Call.State.QUEUED


def test_the_model_list_is_refreshed_when_it_is_old(watch: watchdog.Watchdog) -> None:
    Provider.objects.update(models_at=None)
    watch.tick()
    watch.tick()
    assert OrmQ.objects.count() == 1


def test_a_cluster_that_leaves_due_work_lying_is_replaced(
    watch: watchdog.Watchdog, cluster: StandIn, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "STALLED_LOOKS", 2)
    make_generation(cast.owner)
    watch.tick()
    watch.tick()
    assert cluster.starts == 0
    watch.tick()
    assert cluster.starts == 1
    assert tasks.waiting_wakes() == 1, "what it left lying is forgotten, and the new one is woken"


def test_workers_that_all_have_their_hands_full_are_left_alone(
    watch: watchdog.Watchdog, cluster: StandIn, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:  # fmt: skip
    """Large pictures on a slow machine: replies are being stored, the API has room, and nothing ends for a while."""
    monkeypatch.setattr(watchdog, "STALLED_LOOKS", 0)
    settings.STORERS = 2
    make_generation(cast.owner, count=3)
    for call in Call.objects.all()[:2]:
        assert call.claim(30)
        assert call.receive(200)
    for _ in range(3):
        watch.tick()
    assert cluster.starts == 0
    call.release()
    watch.tick()
    assert cluster.starts == 1


def test_a_replacement_that_takes_long_to_begin_is_given_more_time(
    watch: watchdog.Watchdog, cluster: StandIn, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "STALLED_LOOKS", 1)
    make_generation(cast.owner, count=2)

    def starts_after(looks: int) -> int:
        for _ in range(looks):
            watch.tick()
        return cluster.starts

    assert starts_after(looks=2) == 1
    assert starts_after(looks=2) == 1
    assert starts_after(looks=1) == 2
    Call.objects.all()[0].claim(30)
    assert starts_after(looks=3) == 3, "something happened, so it begins anew"


def test_a_spool_that_cannot_be_tidied_holds_up_nothing_else(
    watch: watchdog.Watchdog, cast: Cast, make_generation: Make, folders: Folders
) -> None:
    stubborn = folders.spool / "00000000-0000-7000-8000-000000000001.part"
    stubborn.mkdir(parents=True)
    os.utime(stubborn, (0, 0))
    make_generation(cast.owner)
    with pytest.raises(OSError, match="directory"):
        watch.tick()
    assert OrmQ.objects.count() == 1
    assert Provider.objects.current().watched_at


def test_a_cluster_without_work_is_left_alone(
    watch: watchdog.Watchdog, cluster: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "STALLED_LOOKS", 0)
    for _ in range(3):
        watch.tick()
    assert cluster.starts == 0


def test_a_dead_cluster_is_replaced(watch: watchdog.Watchdog, cluster: StandIn) -> None:
    cluster.alive = False
    watch.tick()
    assert cluster.starts == 1


def looks(watch: watchdog.Watchdog, monkeypatch: pytest.MonkeyPatch, *found: Exception | None) -> None:
    """Have the watch look so many times, and find an error, or nothing."""
    left = list(found)

    def tick() -> None:
        error = left.pop(0)
        if not left:
            watch._stop.set()
        if error:
            raise error

    monkeypatch.setattr(watchdog, "TICK", 0.0)
    monkeypatch.setattr(watch, "tick", tick)
    watch.run()
    assert not left


LOCKED = OperationalError("database is locked")


@pytest.mark.parametrize("error", [LOCKED, InterfaceError("connection already closed"), OSError("Input/output error")])
def test_the_watch_outlives_a_database_that_is_away_and_says_so_once(
    error: Exception, watch: watchdog.Watchdog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks(watch, monkeypatch, error, error, error, None, None, error, None)
    said = [record.getMessage() for record in caplog.records if record.name == watchdog.__name__]
    away = f"the watch could not look, trying again: {error}"
    assert said == [away, "the watch can look again; it could not 3 times", away]
    assert not any(record.exc_info for record in caplog.records), "it is no news to trace"


def test_a_database_that_is_away_for_long_is_said_now_and_then(
    watch: watchdog.Watchdog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watchdog, "SAY_AGAIN_LOOKS", 3)
    looks(watch, monkeypatch, *[LOCKED] * 7)
    assert sum("could not look" in record.message for record in caplog.records) == 3


def test_the_watch_outlives_and_traces_what_nobody_expects(
    watch: watchdog.Watchdog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks(watch, monkeypatch, ProgrammingError("no such table"), None)
    assert [bool(record.exc_info) for record in caplog.records if "could not look" in record.message] == [True]


def test_the_watch_waits_for_no_lock_for_long(db: None) -> None:
    ask = {"sqlite": "PRAGMA busy_timeout", "postgresql": "SHOW lock_timeout"}[connection.vendor]

    def waits() -> str:
        with connection.cursor() as cursor:
            cursor.execute(ask)
            return str(cursor.fetchone()[0])

    usual = waits()
    patience.limit(connection)
    assert waits() in ("2000", "2s")
    if connection.vendor == "sqlite":  # elsewhere it goes with the transaction
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def test_one_worker_a_data_folder(tmp_path: Path, settings: Any, db: None) -> None:
    held = Cluster(tmp_path / "worker.lock")
    with pytest.raises(CommandError, match="already running"):
        call_command("worker")
    held.close()


def test_processes_of_a_group_that_have_not_opened_the_lock_are_somebody_else_s(tmp_path: Path) -> None:
    """The number of a group that has ended is given to another one some day."""
    lock = tmp_path / "worker.lock"
    assert processes(lock) == []
    lock.write_text(str(os.getpgrp()))
    assert processes(lock) == []
    with lock.open():
        assert [process.pid for process in processes(lock)] == [os.getpid()]


def test_what_is_shared_is_not_looked_at_for_garbage() -> None:
    """Each process would have a copy of all of it."""
    gc.unfreeze()
    share()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_another_key_is_noticed_by_those_too_who_do_not_hold_it(watch: watchdog.Watchdog, settings: Any) -> None:
    Provider.objects.current().refuse_key("old")
    settings.KEY_ELSEWHERE = True
    settings.ONLYSQ_API_KEY = "old"
    watch.tick()
    assert Provider.objects.current().is_paused("")
    watch = watchdog.Watchdog(StandIn(), threading.Event())
    settings.ONLYSQ_API_KEY = "new"
    watch.tick()
    assert not Provider.objects.current().is_paused("")
