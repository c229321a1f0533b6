"""Vitrine as real processes, for whoever needs a real one: browser stories, drills, benchmarks, the scan.

An instance has a data folder, a database, ports and a log of its own, and is configured by its `variables` alone:
what this process was told stays here. Nothing in this file needs Django to be set up.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, Self

import psutil
import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
MANAGE = str(ROOT / "manage.py")
GUNICORN = ("-m", "gunicorn", "--config", "python:gallery.gunicorn_conf", "gallery.wsgi")
# Beginnings of the names of variables that would mean something to an instance.
OURS = ("VITRINE_", "ONLYSQ_", "DATABASE_URL", "CACHE_URL", "EMAIL_URL", "HOST", "PORT", "WEB_", "GUNICORN_",
        "DJANGO_", "COV_", "DRILL_")  # fmt: skip
# Generous ones: a slow machine gets its time, and whoever waits in vain is told why.
START_SECONDS, STOP_SECONDS, WAIT_SECONDS = 180, 90, 120


class Database(Protocol):
    """`url` is what DATABASE_URL is set to."""

    url: str

    def create(self) -> None: ...
    def drop(self) -> None: ...


class PostgreSql:
    """A database of its own on a server, which is named as `postgres://user@host:port`."""

    def __init__(self, name: str, server: str) -> None:
        self.name, self.server = name, server
        self.url = f"{server}/{name}"

    def create(self) -> None:
        self.administer("CREATE DATABASE {0}")

    def drop(self) -> None:
        self.administer("DROP DATABASE IF EXISTS {0} WITH (FORCE)")

    def administer(self, command: str, *values: str) -> None:
        """In `command` {0} is the database's name, {1} the first of the values."""
        with administering(self.server) as server:
            server.execute(sql.SQL(command).format(sql.Identifier(self.name), *map(sql.Literal, values)))


def administering(server: str) -> psycopg.Connection:
    return psycopg.connect(f"{server}/postgres", connect_timeout=3, autocommit=True)


def session_cookie(base: str) -> str:
    """Its name at this address, whose port is none of the usual ones."""
    return f"vitrine_session_{base.rpartition(':')[2].strip('/')}"


class Instance:
    """One Vitrine: on SQLite in its folder unless it is given a database. To be opened before it is used, and closed.

    Its ports are held from the first moment, so that nobody else can get them before, or between two starts.
    """

    def __init__(self, folder: Path, database: Database | None = None, **variables: str) -> None:
        self.folder, self.database = folder, database
        self.log_file = folder.with_name(f"{folder.name}.log")
        self.kills = 0
        self._held = [held_port() for _ in range(2)]
        port, sandbox_port = (str(held.getsockname()[1]) for held in self._held)
        self.base = f"http://127.0.0.1:{port}"
        self.variables = {
            "VITRINE_ENV_FILE": os.devnull, "VITRINE_DATA_DIR": str(folder), "PORT": port,
            "VITRINE_SANDBOX_PORT": sandbox_port, "PYTHONUNBUFFERED": "1", **variables,
        }  # fmt: skip
        if database:
            self.variables["DATABASE_URL"] = database.url
        self._children: list[subprocess.Popen[bytes]] = []
        self.session_cookie = session_cookie(self.base)

    # Its life

    def open(self) -> Self:
        """There is a database, and nothing in it."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self.log_file.touch()
        if self.database:
            self.database.create()
        return self

    def close(self) -> None:
        """Whatever still runs is killed."""
        self.kill(self.processes())
        for child in self._children:
            child.wait(STOP_SECONDS)
        if self.database:
            self.database.drop()
        for held in self._held:
            held.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return kept | self.variables

    # Commands that end

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Python, with this command line and in the instance's environment."""
        return subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, *command], cwd=ROOT, env=self.environment | variables,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=2 * START_SECONDS,
        )  # fmt: skip

    def manage(self, *arguments: str) -> str:
        """What a command of `manage.py` says, which must succeed."""
        done = self.run(MANAGE, *arguments)
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stderr}"
        return done.stdout

    # Processes that go on

    def start(self, *command: str, **variables: str) -> subprocess.Popen[bytes]:
        """Python again, which writes into the log and leads a group of its own; it is not waited for."""
        with self.log_file.open("ab") as log:
            child = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, *command], cwd=ROOT, env=self.environment | variables,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._children.append(child)
        return child

    def serve(self, **variables: str) -> subprocess.Popen[bytes]:
        """`manage.py serve`, as a person starts it; it has said that it is ready."""
        began = self.log_file.stat().st_size
        return self.start_until(lambda: "Vitrine is ready" in self.log(began), MANAGE, "serve", **variables)

    def start_web(self, **variables: str) -> subprocess.Popen[bytes]:
        """The web server alone; it answers."""
        return self.start_until(self.answers, *GUNICORN, **variables)

    def start_until(self, is_ready: Callable[[], bool], *command: str, **variables: str) -> subprocess.Popen[bytes]:
        child = self.start(*command, **variables)
        self.wait_for(lambda: is_ready() or child.poll() is not None, START_SECONDS)
        assert child.poll() is None, f"it has ended with {child.returncode}:\n{self.tail()}"
        return child

    def stop(self, child: subprocess.Popen[bytes], seconds: float = STOP_SECONDS) -> None:
        """As a service manager does."""
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        child.wait(seconds)

    def shut_down(self) -> None:
        """Stop all that was started, nothing of which may be left behind."""
        for child in self._children:
            self.stop(child)
        left = self.processes()
        assert not left, f"left behind: {left}\n{self.tail()}"

    def processes(self, word: str = "") -> list[psutil.Process]:
        """Whatever runs for this data folder, however it was handed on since, in the order in which it began.

        With a word, those in whose command line it stands.
        """
        found = [process for process in psutil.process_iter() if self._owns(process, word)]
        return sorted(found, key=lambda process: (process.create_time(), process.pid))

    def _owns(self, process: psutil.Process, word: str) -> bool:
        try:
            ours = process.environ().get("VITRINE_DATA_DIR") == str(self.folder)
            return ours and process.pid != os.getpid() and (not word or word in process.cmdline())
        except psutil.Error:
            return False

    def kill(self, processes: Iterable[psutil.Process | int]) -> None:
        """SIGKILL, and wait until they are gone."""
        doomed = [process if isinstance(process, psutil.Process) else psutil.Process(process) for process in processes]
        for process in doomed:
            try:
                process.kill()
                self.kills += 1
            except psutil.NoSuchProcess:
                continue
        self.wait_for(lambda: not any(lives(process) for process in doomed))
        gone = {process.pid for process in doomed}
        for child in self._children:
            if child.pid in gone:  # a zombie whose threads are still dying cannot be polled away
                child.wait(WAIT_SECONDS)

    # What it says

    def answers(self) -> bool:
        """Whether the web server does. Loopback, so that no proxy is asked."""
        host, port = self.base.removeprefix("http://").split(":")
        try:
            with socket.create_connection((host, int(port)), timeout=5) as wire:
                wire.sendall(f"GET /healthz HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
                return b" 200 " in wire.recv(100)
        except OSError:
            return False

    def log(self, since: int = 0) -> str:
        """What came into the log since it was so many bytes long."""
        with self.log_file.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def tail(self, lines: int = 20) -> str:
        return "\n".join(self.log().splitlines()[-lines:])

    def wait_for(self, what: Callable[[], object], seconds: float = WAIT_SECONDS) -> float:
        """How long it took; if it took too long, an AssertionError with the end of the log."""
        began = time.monotonic()
        while not what():
            assert time.monotonic() - began < seconds, f"waited for {seconds} s in vain\n{self.tail()}"
            time.sleep(0.1)
        return time.monotonic() - began


def ends_of_logs(values: Iterable[object], lines: int = 20) -> list[tuple[str, str]]:
    """What to say beside a failure: for each instance among the values of its fixtures, a title and the log's end."""
    found = {id(one): one for value in values if isinstance(one := getattr(value, "instance", value), Instance)}
    return [(f"The end of {one.log_file}", one.tail(lines)) for one in found.values()]


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def held_port() -> socket.socket:
    """A socket that is bound and never listens.

    The kernel gives its port to nobody who asks for any, and a server that names it, and allows the reuse of addresses
    as all of ours do, may listen there all the same.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held
