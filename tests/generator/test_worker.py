"""The worker: its watch wakes, sweeps and replaces a cluster that stands still; it starts and stops cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django_q.models import OrmQ

from generator import tasks, worker
from generator.models import Call, Generation, Provider
from generator.sandbox import SandboxServer
from tests.conftest import Cast, Folders

ROOT = Path(__file__).resolve().parents[2]
Make = Callable[..., Generation]


SUBMIT = """
from uuid import uuid4
from gallery.models import User
from generator.models import Generation
asked = dict(prompt="A square", model="flux", ratio="1:1", count={count})
Generation.objects.submit(User.objects.get(), uuid4().hex, **asked)
"""


class StandIn(worker.Cluster):
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
def watch(cluster: StandIn, db: None) -> worker.Watch:
    Provider.objects.current().learn_models([])
    return worker.Watch(cluster, threading.Event())


def test_due_work_is_woken_once(watch: worker.Watch, cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner, count=3)
    watch.tick()
    watch.tick()
    assert OrmQ.objects.count() == 3


def test_nothing_is_woken_beyond_the_room_at_the_api(
    watch: worker.Watch, cast: Cast, make_generation: Make, settings: Any
) -> None:
    settings.CONCURRENCY = 2
    make_generation(cast.owner, count=4)
    watch.tick()
    assert OrmQ.objects.count() == 2


def test_a_pause_of_the_api_wakes_nobody(watch: worker.Watch, cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    Provider.objects.current().wait(60)
    watch.tick()
    assert not OrmQ.objects.exists()


def test_an_abandoned_reply_is_woken_for_even_in_a_pause(
    watch: worker.Watch, cast: Cast, make_generation: Make
) -> None:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    call.receive(200)
    call.release()
    Provider.objects.current().wait(60)
    watch.tick()
    assert OrmQ.objects.count() == 1


def test_calls_of_dead_workers_are_swept(watch: worker.Watch, cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    Call.objects.update(lease=f"{socket.gethostname()}:999999999:a")
    watch.tick()
    call.refresh_from_db()
    assert call.state == Call.State.QUEUED


def test_the_model_list_is_refreshed_when_it_is_old(watch: worker.Watch) -> None:
    Provider.objects.update(models_at=None)
    watch.tick()
    watch.tick()
    assert OrmQ.objects.count() == 1


def test_a_cluster_that_leaves_due_work_lying_is_replaced(
    watch: worker.Watch, cluster: StandIn, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STALLED_LOOKS", 2)
    make_generation(cast.owner)
    watch.tick()
    watch.tick()
    assert cluster.starts == 0
    watch.tick()
    assert cluster.starts == 1
    assert tasks.waiting_wakes() == 1, "what it left lying is forgotten, and the new one is woken"


def test_workers_that_all_have_their_hands_full_are_left_alone(
    watch: worker.Watch, cluster: StandIn, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:  # fmt: skip
    """Large pictures on a slow machine: replies are being stored, the API has room, and nothing ends for a while."""
    monkeypatch.setattr(worker, "STALLED_LOOKS", 0)
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2}
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
    watch: worker.Watch, cluster: StandIn, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STALLED_LOOKS", 1)
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
    watch: worker.Watch, cast: Cast, make_generation: Make, folders: Folders
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
    watch: worker.Watch, cluster: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STALLED_LOOKS", 0)
    for _ in range(3):
        watch.tick()
    assert cluster.starts == 0


def test_a_dead_cluster_is_replaced(watch: worker.Watch, cluster: StandIn) -> None:
    cluster.alive = False
    watch.tick()
    assert cluster.starts == 1


def test_the_watch_outlives_a_database_that_does_not_answer(
    cluster: StandIn, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import DatabaseError

    stop = threading.Event()
    watch = worker.Watch(cluster, stop)
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 2:
            stop.set()
        raise DatabaseError("locked")

    monkeypatch.setattr(worker, "TICK", 0.01)
    monkeypatch.setattr(watch, "tick", tick)
    watch.run()
    assert len(ticks) == 2


def test_the_watch_waits_for_no_lock_for_long(db: None) -> None:
    ask = {"sqlite": "PRAGMA busy_timeout", "postgresql": "SHOW lock_timeout"}[connection.vendor]

    def patience() -> str:
        with connection.cursor() as cursor:
            cursor.execute(ask)
            return str(cursor.fetchone()[0])

    usual = patience()
    worker.be_impatient(connection)
    assert patience() in ("2000", "2s")
    if connection.vendor == "sqlite":  # elsewhere it goes with the transaction
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def test_one_worker_a_data_folder(tmp_path: Path, settings: Any) -> None:
    held = worker.Cluster(tmp_path / "worker.lock")
    with pytest.raises(CommandError, match="already running"):
        call_command("worker")
    held.close()


class Site:
    """A data folder and a worker process of its own, as an operator would start it."""

    def __init__(self, data: Path, url: str) -> None:
        self.env = os.environ | {
            "VITRINE_DATA_DIR": str(data), "DATABASE_URL": f"sqlite:///{data / 'db.sqlite3'}",
            "ONLYSQ_API_URL": url, "VITRINE_CONCURRENCY": "2", "VITRINE_SECRET_KEY": "drill" * 12,
        }  # fmt: skip
        data.mkdir(exist_ok=True)
        self.scratch = data / "scratch"
        self.manage("migrate", "-v0")
        self.manage("shell", "-v0", "-c", "from gallery.models import User; User.objects.create_user('olga')")
        self.log = (data / "worker.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=True)  # noqa: S603
        return done.stdout.strip()

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "manage.py"), "worker"]
        self.process = subprocess.Popen(command, env=self.env, stdout=self.log, stderr=self.log)  # noqa: S603
        return self.process

    def submit(self, count: int = 1) -> None:
        self.manage("shell", "-v0", "-c", SUBMIT.format(count=count))

    def states(self) -> list[str]:
        script = "from generator.models import Call; print(' '.join(Call.objects.values_list('state', flat=True)))"
        return self.manage("shell", "-v0", "-c", script).split()

    def wait_for(self, what: Callable[[], bool], seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until, Path(self.log.name).read_text()
            time.sleep(0.1)

    def family(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> None:
        for process in [*self.family(), self.process] if self.process and self.process.poll() is None else []:
            assert process is not None
            process.kill()
        if self.process:
            self.process.wait()
        self.log.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with SandboxServer(latency=0.2) as sandbox:
        site = Site(tmp_path / "site", sandbox.url)
        yield site
        site.end()


def test_a_real_worker_takes_calls_and_leaves_no_process_behind(site: Site) -> None:
    site.submit(count=3)
    process = site.start()
    site.wait_for(lambda: site.states() == ["succeeded"] * 3)

    family = site.family()
    assert len(family) >= 4
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    assert psutil.wait_procs(family, timeout=5)[1] == []


def test_a_killed_worker_is_followed_by_one_that_ends_its_leftovers_and_goes_on(site: Site) -> None:
    process = site.start()
    site.wait_for(lambda: len(site.family()) >= 5)
    leftovers = site.family()
    process.kill()
    process.wait()
    (site.scratch / "left by one that was killed").touch()

    site.submit()
    site.start()
    site.wait_for(lambda: site.states() == ["succeeded"])
    assert psutil.wait_procs(leftovers, timeout=5)[1] == []
    site.wait_for(lambda: list(site.scratch.iterdir()) == [])
