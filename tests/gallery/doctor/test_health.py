"""What machines ask: alive, and able to work."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from gallery.doctor import database, views
from generator.models import Provider
from generator.worker import alarm as alarms
from generator.worker import watchdog
from generator.worker.alarm import Alarm
from generator.worker.cluster import Cluster
from tests.conftest import Folders

ALL_WELL = {"database": True, "migrations": True, "folders": True, "worker": True}


@pytest.fixture(autouse=True)
def _forget() -> None:
    """What one process has learnt about its migrations does not count for the next test."""
    database._all_applied.clear()


@pytest.fixture
def watched(db: None) -> Provider:
    provider = Provider.objects.current()
    provider.beat()
    return provider


def ready(client: Client, **more: Any) -> tuple[int, dict[str, bool]]:
    answer = client.get("/readyz", **more)
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, json.loads(answer.content)


def test_alive_is_said_without_a_database(client: Client) -> None:
    """This test has no access to one: a query would fail it."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Security-Policy"] == "default-src 'none'"


def test_a_site_that_can_work_says_so(client: Client, watched: Provider) -> None:
    assert ready(client) == (200, ALL_WELL)


def test_asked_again_it_costs_two_queries(client: Client, watched: Provider, django_assert_num_queries: Any) -> None:
    ready(client)
    with django_assert_num_queries(2):
        ready(client)


def test_probes_come_by_any_name_and_without_https(client: Client, watched: Provider, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["pictures.example.org"]
    assert client.get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert ready(client, headers={"Host": "10.0.0.7:8000"}) == (200, ALL_WELL)


def test_a_probe_leaves_no_cookie(client: Client, watched: Provider) -> None:
    assert not client.get("/readyz").cookies


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_only_look(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


class NoCluster(Cluster):
    """A cluster without processes."""

    is_alive = True

    def __init__(self) -> None:
        pass


@pytest.fixture
def alarm(folders: Folders) -> Iterator[Alarm]:
    """As the worker has one; what it does to the signals of this process is undone."""
    child = signal.getsignal(signal.SIGCHLD)
    made = Alarm()
    yield made
    made.close()
    signal.signal(signal.SIGCHLD, child)


def beats(watch: watchdog.Watchdog, monkeypatch: pytest.MonkeyPatch, every: float) -> list[int]:
    """At which of ten looks, `every` so many seconds, it gives a sign of life."""
    clock = 1000.0
    monkeypatch.setattr(alarms.time, "monotonic", lambda: clock)
    found = []
    for number in range(11):
        watch.tick()
        if Provider.objects.get().watched_at:
            found.append(number)
        Provider.objects.update(watched_at=None)
        clock += every
    return found


@pytest.mark.django_db
def test_a_watch_that_cannot_be_seen_gives_a_sign_of_life_at_once_and_then_twice_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = watchdog.Watchdog(NoCluster(), threading.Event())
    assert beats(watch, monkeypatch, every=6) == [0, 5, 10]


@pytest.mark.django_db
def test_one_whose_bell_is_seen_writes_less_often(alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = watchdog.Watchdog(NoCluster(), threading.Event(), alarm)
    seconds = {"sqlite": 60, "postgresql": 6}[connection.vendor]
    assert beats(watch, monkeypatch, every=seconds) == [0, 5, 10]


def test_a_sign_of_life_counts_for_longer_where_the_bell_is_seen(
    client: Client, watched: Provider, alarm: Alarm
) -> None:
    Provider.objects.update(watched_at=timezone.now() - timedelta(minutes=5))
    assert ready(client) == (200, ALL_WELL)
    Provider.objects.update(watched_at=timezone.now() - timedelta(minutes=7))
    assert ready(client) == (503, ALL_WELL | {"worker": False}), "it lives, and stands still"


def test_without_a_worker_it_is_not_ready(client: Client, watched: Provider) -> None:
    Provider.objects.update(watched_at=timezone.now() - timedelta(minutes=5))
    assert ready(client) == (503, ALL_WELL | {"worker": False})
    Provider.objects.all().delete()
    assert ready(client) == (503, ALL_WELL | {"worker": False})


def test_without_all_migrations_it_is_not_ready(client: Client, watched: Provider) -> None:
    MigrationRecorder.Migration.objects.filter(app="generator").latest("id").delete()
    assert ready(client) == (503, ALL_WELL | {"migrations": False})


def test_without_its_folder_it_is_not_ready(client: Client, watched: Provider, settings: Any, folders: Folders) -> None:
    settings.DATA_DIR = folders.data / "nowhere"
    assert ready(client) == (503, ALL_WELL | {"folders": False})


def test_without_a_database_it_is_not_ready_and_says_no_more(
    client: Client, watched: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> bool:
        raise DatabaseError("password of vitrine at 10.0.0.1 refused")

    for name in ("_can_read", "has_all_migrations", "is_watched"):
        monkeypatch.setattr(views, name, refuse)
    assert ready(client) == (503, {"database": False, "migrations": False, "folders": True, "worker": False})
