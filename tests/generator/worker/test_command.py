"""The worker as a process: it starts, takes calls, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from generator.sandbox import SandboxServer

ROOT = Path(__file__).resolve().parents[3]

SUBMIT = """
from uuid import uuid4
from gallery.models import User
from generator.submit import Wish, submit
submit(User.objects.get(), Wish(prompt="A square", model="flux", ratio="1:1", count={count}), uuid4().hex)
"""


class Site:
    """A data folder with tables, and a worker process of its own, as an operator would start it."""

    def __init__(self, data: Path, url: str) -> None:
        self.database = data / "db.sqlite3"
        self.env = os.environ | {
            "VITRINE_DATA_DIR": str(data), "DATABASE_URL": f"sqlite:///{self.database}",
            "ONLYSQ_API_URL": url, "VITRINE_CONCURRENCY": "2", "VITRINE_SECRET_KEY": "drill" * 12,
        }  # fmt: skip
        self.scratch = data / "scratch"
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
        with closing(sqlite3.connect(self.database)) as database:
            return [state for (state,) in database.execute("SELECT state FROM generator_call")]

    def wait_for(self, what: Callable[[], bool], seconds: float = 90) -> None:
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
def site(prepared_folder: Path) -> Iterator[Site]:
    with SandboxServer(latency=0.2) as sandbox:
        site = Site(prepared_folder, sandbox.url)
        yield site
        site.end()


@pytest.mark.long
def test_a_real_worker_takes_calls_and_leaves_no_process_behind(site: Site) -> None:
    site.submit(count=3)
    process = site.start()
    site.wait_for(lambda: site.states() == ["succeeded"] * 3)

    family = site.family()
    assert len(family) >= 4
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert psutil.wait_procs(family, timeout=20)[1] == []


@pytest.mark.long
def test_a_killed_worker_is_followed_by_one_that_ends_its_leftovers_and_goes_on(site: Site) -> None:
    process = site.start()
    site.wait_for(lambda: len(site.family()) >= 5)
    leftovers = site.family()
    process.kill()
    process.wait()
    (site.scratch / "left by one that was killed").touch()

    site.start()
    assert psutil.wait_procs(leftovers, timeout=60)[1] == []
    site.submit()  # before, a leftover might take the call and be ended over it
    site.wait_for(lambda: site.states() == ["succeeded"])
    site.wait_for(lambda: list(site.scratch.iterdir()) == [])
