"""A site of its own for the drills: data folder, database, image API, worker and web server as real processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import requests
from django.conf import settings
from django.db import connections

from gallery.models import User
from gallery.server.environment import Env
from generator.models import Call, Event, Provider
from generator.sandbox import SandboxServer
from generator.submit import Wish, submit
from generator.worker import tasks
from tests.drills.browser import cookies_of
from tests.drills.database import Database

ROOT = Path(__file__).resolve().parents[2]
ENTRY = ROOT / "tests" / "drills" / "entry.py"
GUNICORN = ("-m", "gunicorn", "--config", "python:gallery.gunicorn_conf", "gallery.wsgi")
OURS = ("VITRINE_", "ONLYSQ_", "DATABASE_URL", "CACHE_URL", "HOST", "PORT", "DJANGO_", "COV_", "WEB_", "DRILL_")
# What must hold does so within this time of the worker's return.
PROMISED_SECONDS = 60
START_SECONDS = 180
# For a worker that is to have enough of an API that is silent; elsewhere a slow machine gets its time.
IMPATIENT = {"ONLYSQ_READ_TIMEOUT": "5", "ONLYSQ_TOTAL_TIMEOUT": "8"}


class Site:
    """`data` is its folder; `variables` go into the environment of its processes."""

    def __init__(self, data: Path, database: Database, kind: str, **variables: str) -> None:
        self.data, self.database, self.kind = data, database, kind
        self.points = data.with_name(data.name + "-points")
        self.sandbox = SandboxServer(latency=0.2, dialect="size")
        self.log = data.with_suffix(".log")
        self.kills = 0
        self._worker: subprocess.Popen[bytes] | None = None
        self._web: subprocess.Popen[bytes] | None = None
        self.base = f"http://127.0.0.1:{_free_port()}"
        self.env = self._environment() | variables

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return kept | {
            "VITRINE_ENV_FILE": os.devnull, "VITRINE_DATA_DIR": str(self.data), "DATABASE_URL": self.database.url,
            "VITRINE_SECRET_KEY": settings.SECRET_KEY, "VITRINE_LEASE_SECONDS": "10", "VITRINE_CONCURRENCY": "10",
            "VITRINE_MIN_FREE_MB": "1", "VITRINE_ADMIN_PASSWORD": "drill-drill", "DRILL_POINTS": str(self.points),
            "ONLYSQ_API_URL": self.sandbox.url, "ONLYSQ_DIALECT": "size", "ONLYSQ_CONNECT_TIMEOUT": "2",
            "ONLYSQ_READ_TIMEOUT": "30", "ONLYSQ_TOTAL_TIMEOUT": "40", "PORT": self.base.rpartition(":")[2],
            "WEB_CONCURRENCY": "1", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip

    # Its life

    def open(self) -> None:
        """Make folder, tables and the person who asks; the image API answers from here on."""
        self.points.mkdir(parents=True)
        self.database.create()
        self.manage("prepare")
        self.sandbox.start()
        self.enter()
        User.objects.create_user("olga")

    def enter(self) -> None:
        """Make this process look at the site's rows and files."""
        connections["default"].close()
        del connections["default"]
        # Complete as Django completes it, with its own defaults beside ours.
        found = Env().db_url_config(self.database.url)
        connections.settings["default"] |= found | {"OPTIONS": {}, "CONN_MAX_AGE": 600}
        if found["ENGINE"].endswith("sqlite3"):
            connections.settings["default"]["OPTIONS"] = {"timeout": 30, "transaction_mode": "IMMEDIATE"}
        settings.DATA_DIR, settings.MEDIA_ROOT = self.data, self.data / "media"
        settings.SPOOL_ROOT = self.data / "spool"

    def close(self) -> None:
        self.kill(self.processes())
        for process in (self._worker, self._web):
            if process:
                process.wait()
        self.sandbox.close()
        connections["default"].close()
        self.database.drop()

    # Its processes

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=300)  # noqa: S603
        with self.log.open("a") as log:
            log.write(done.stdout + done.stderr)
        return done

    def start(self, **variables: str) -> None:
        """Start the worker; return when its cluster is complete, and that of an earlier one has been ended."""
        earlier = self.clusters()
        self.start_command(**variables)
        self.wait_for(lambda: not any(_lives(process) for process in earlier), START_SECONDS)
        self.wait_for(lambda: len(self.pool()) >= int((self.env | variables)["VITRINE_CONCURRENCY"]) + 3, START_SECONDS)

    def start_command(self, **variables: str) -> None:
        """Start the worker, and don't wait for it."""
        self._worker = self._spawn([sys.executable, str(ENTRY), "worker"], variables)

    def start_second_cluster(self) -> subprocess.Popen[bytes]:
        """As somebody does by mistake who knows the queue's own command; it leads a process group."""
        before = len(self.clusters())
        second = self._spawn([sys.executable, str(ENTRY), tasks.CLUSTER_COMMAND], {})
        self.wait_for(lambda: len(self.clusters()) >= before * 2, START_SECONDS)
        return second

    def start_web(self) -> None:
        self._web = self._spawn([sys.executable, *GUNICORN], {})
        self.wait_for(self.answers, START_SECONDS)

    def _spawn(self, command: list[str], variables: dict[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own command line
                command, env=self.env | variables, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def is_running(self) -> bool:
        return self._worker is not None and self._worker.poll() is None

    def answers(self) -> bool:
        try:
            return requests.get(self.base + "/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def stop(self, seconds: float = 70) -> None:
        """As a service manager does; nothing may be left behind."""
        if self._worker is None:
            return
        if self.is_running:
            self._worker.send_signal(signal.SIGTERM)
        self._worker.wait(seconds)
        self._worker = None
        assert not self.clusters(), "the worker left its cluster behind"

    def processes(self) -> list[psutil.Process]:
        """Whatever was started for this data folder, however it was handed on since."""
        return [
            process for process in psutil.process_iter() if _variable(process, "VITRINE_DATA_DIR") == str(self.data)
        ]

    def clusters(self) -> list[psutil.Process]:
        """Every process of a queue's cluster, in the order in which they began."""
        found = [process for process in self.processes() if tasks.CLUSTER_COMMAND in _command(process)]
        return sorted(found, key=lambda process: (process.create_time(), process.pid))

    def web_servers(self) -> list[psutil.Process]:
        return [process for process in self.processes() if set(GUNICORN) <= set(_command(process))]

    def pool(self) -> list[psutil.Process]:
        """The sentinel's children: the workers, then the monitor, then the pusher."""
        return self.clusters()[2:]

    def role(self, name: str, concurrency: str = "") -> list[psutil.Process]:
        """Processes of a fresh cluster by what they do: main, sentinel, idle (workers), monitor, pusher."""
        everything, workers = self.clusters(), int(concurrency or self.env["VITRINE_CONCURRENCY"]) + 1
        places = {"main": slice(0, 1), "sentinel": slice(1, 2), "idle": slice(2, 2 + workers)}
        places |= {"monitor": slice(2 + workers, 3 + workers), "pusher": slice(3 + workers, 4 + workers)}
        return everything[places[name]]

    def kill(self, processes: Iterable[psutil.Process | int]) -> None:
        """SIGKILL, and wait until they are gone."""
        doomed = [process if isinstance(process, psutil.Process) else psutil.Process(process) for process in processes]
        for process in doomed:
            try:
                process.kill()
                self.kills += 1
            except psutil.NoSuchProcess:
                continue
        self.wait_for(lambda: not any(_lives(process) for process in doomed), 30)
        gone = {process.pid for process in doomed}
        for child in (self._worker, self._web):
            if child and child.pid in gone:  # a zombie whose threads are still dying cannot be polled away
                child.wait(30)

    def kill_command(self) -> None:
        """Only the worker command itself: its cluster goes on without a watch."""
        if self._worker:
            self.kill([self._worker.pid])

    # Its work

    def submit(self, *prompts: str, **asked: Any) -> list[Call]:
        """A call of four small pictures for each prompt, as the form makes it; a number makes each prompt unique."""
        asked = {"model": "flux", "width": 64, "height": 64, "count": 4} | asked
        olga = User.objects.get(username="olga")
        made = []
        for prompt in prompts:
            token = uuid4().hex
            wish = Wish(prompt=f"{prompt} {token[:12]}", **asked)
            made.append(submit(olga, wish, token).generation.calls.get())
        return made

    def at_point(self, call: Call) -> int:
        """Number of the process that stands still with this call; 0 if none does yet."""
        mark = self.points / str(call.generation_id)
        return int(mark.read_text() or 0) if mark.exists() else 0

    def go_on(self, call: Call) -> None:
        (self.points / f"{call.generation_id}.go").touch()

    def charged(self, call: Call) -> int:
        """How often the API charged for its prompt since the call is there; a retry has the prompt of its first."""
        paid = [paid for paid in self.sandbox.charged if paid["prompt"] == call.generation.prompt]
        return sum(one["time"] >= call.created_at.timestamp() for one in paid)

    def sent(self, calls: Iterable[Call]) -> list[Call]:
        """Those of them that the API was asked for."""
        return [call for call in calls if self.charged(call)]

    def calls(self, calls: Iterable[Call]) -> list[Call]:
        """The same calls as they are now."""
        now = Call.objects.select_related("generation").in_bulk([call.pk for call in calls])
        return [now[call.pk] for call in calls]

    def states(self, calls: Iterable[Call]) -> list[str]:
        return [str(call.state) for call in self.calls(calls)]

    def settled(self, calls: Iterable[Call]) -> bool:
        return not any(call.is_running for call in self.calls(calls))

    def history(self, call: Call) -> list[str]:
        return list(Event.objects.filter(call=call).values_list("what", flat=True))

    def peace(self) -> None:
        """No faults, no pause, nothing waiting: as a drill wants to find it."""
        self.sandbox.faults.clear()
        self.sandbox.key, self.sandbox.latency = "", 0.2
        Provider.objects.current().resume()

    def page(self, address: str) -> str:
        """A page as olga sees it, from the running web server."""
        answer = requests.get(self.base + address, cookies=cookies_of("olga"), timeout=30)
        assert answer.status_code == 200, answer.status_code
        return answer.text

    def wait_for_event(self, call: Call, what: Event.What, times: int = 1) -> None:
        self.wait_for(lambda: self.history(call).count(what) >= times)

    def wait_for(self, what: Callable[[], bool], seconds: float = PROMISED_SECONDS) -> float:
        """How long it took; the end of the log if it took too long."""
        began = time.monotonic()
        while not what():
            assert time.monotonic() - began < seconds, f"waited for {seconds} s\n{self.tail()}"
            time.sleep(0.1)
        return time.monotonic() - began

    def tail(self, lines: int = 60) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _variable(process: psutil.Process, name: str) -> str:
    try:
        return process.environ().get(name, "")
    except psutil.Error:
        return ""


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
