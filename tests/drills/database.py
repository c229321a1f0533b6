"""Where a drilled site keeps its rows: a SQLite file, or a database of its own on a PostgreSQL."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import psutil
import psycopg
from psycopg import sql

from tests import process
from tests.drills import disks
from tests.process import administering

CANDIDATES = ("root@127.0.0.1:5432", "postgres@127.0.0.1:5432", "vitrine:vitrine@127.0.0.1:5432")
SERVERS = "The drills need a PostgreSQL on 127.0.0.1:5432, or DATABASE_URL that names one"
# What storing a call adds rows to.
GROWING = ("generator_event", "generator_image")
SMALL_MEGABYTES = 32
CUT_CLIENTS_OF = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = %s
"""
PREFIX = "vitrine_drills"


class Database(process.Database, Protocol):
    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody else's lock, on which every writer must wait."""
        yield


class Sqlite:
    """A file, empty or a copy of another one."""

    def __init__(self, path: Path, original: Path | None = None) -> None:
        self._path, self._original = path, original
        self.url = f"sqlite:///{path}"

    def create(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._original:
            shutil.copy(self._original, self._path)

    def drop(self) -> None:
        """It goes with its folder."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")

    @contextmanager
    def full(self) -> Iterator[None]:
        with disks.full(self._path.parent):
            yield


class PostgreSql(process.PostgreSql):
    """A database of this run on the server of DATABASE_URL, or on the one that listens on loopback.

    Empty, or a copy of the one that is named.
    """

    def __init__(self, name: str, original: str = "template1", server: str = "") -> None:
        super().__init__(name, server or _reachable())
        self.original = original

    def create(self) -> None:
        self.administer(f'CREATE DATABASE {{0}} TEMPLATE "{self.original}"')

    @contextmanager
    def locked(self) -> Iterator[None]:
        with psycopg.connect(self.url) as other:
            other.execute("LOCK TABLE generator_call, generator_provider, django_q_ormq IN ACCESS EXCLUSIVE MODE")
            yield
            other.rollback()

    @contextmanager
    def away(self) -> Iterator[None]:
        """As if the server were gone: each connection is cut, and no new one is taken."""
        self.administer("ALTER DATABASE {0} ALLOW_CONNECTIONS false")
        try:
            with administering(self.server) as server:
                server.execute(CUT_CLIENTS_OF, [self.name])
            yield
        finally:
            self.administer("ALTER DATABASE {0} ALLOW_CONNECTIONS true")


class SmallPostgreSql(PostgreSql):
    """One on a small disk: a tablespace, which only a superuser may make, and only on the server's own machine."""

    def __init__(self, name: str, original: str = "template1") -> None:
        super().__init__(name, original, _reachable(as_superuser=True))
        self._disk = Path(tempfile.gettempdir(), name)

    def create(self) -> None:
        _remove_what_killed_runs_left(self.server)
        disks.mount(self._disk, SMALL_MEGABYTES, _user_of(self.server))
        self.administer("CREATE TABLESPACE {0} LOCATION {1}", str(self._disk))
        self.administer(f'CREATE DATABASE {{0}} TEMPLATE "{self.original}" TABLESPACE {{0}}')

    def drop(self) -> None:
        _remove(self.server, self.name, self._disk)

    @contextmanager
    def full(self) -> Iterator[None]:
        """No row is added any more, not even in what is left of a page: a page that holds any counts as full.

        What is written already gets its place before, or the server could not complete a checkpoint for anybody.
        """
        with psycopg.connect(self.url, autocommit=True) as own:
            for table in GROWING:
                own.execute(f"ALTER TABLE {table} SET (fillfactor = 10)")
            own.execute("CHECKPOINT")
            try:
                with disks.full(self._disk):
                    yield
            finally:
                for table in GROWING:
                    own.execute(f"ALTER TABLE {table} RESET (fillfactor)")


def _reachable(*, as_superuser: bool = False) -> str:
    """The first server that lets us in as its superuser, or at all where that is enough: `postgres://user@host:port`."""
    configured = os.environ.get("DATABASE_URL", "")
    own = [configured.rpartition("/")[0]] if configured.startswith("postgres") else []
    others = []
    for server in [*own, *(f"postgres://{place}" for place in CANDIDATES)]:
        with suppress(psycopg.OperationalError), administering(server) as connection:
            if connection.info.parameter_status("is_superuser") == "on":
                return server
            others.append(server)
    if others and not as_superuser:
        return others[0]
    raise AssertionError(f"{SERVERS}{', by its superuser' if as_superuser else ''}.")


def _user_of(server: str) -> int:
    """The server's user on this machine."""
    with administering(server) as connection, suppress(psutil.Error):
        process = psutil.Process(connection.info.backend_pid)
        if "".join(process.cmdline()).startswith("postgres:"):
            return int(process.uids().real)
    raise AssertionError(f"The PostgreSQL on {server.rpartition('@')[2]} does not run here: its disk cannot be filled.")


def _remove_what_killed_runs_left(server: str) -> None:
    """Tablespaces on disks that are mounted here, of runs that live no more."""
    with administering(server) as connection:
        found = connection.execute("SELECT spcname, pg_tablespace_location(oid) FROM pg_tablespace").fetchall()
    for name, place in found:
        run = re.match(rf"{PREFIX}_(\d+)_", name)
        if run and not psutil.pid_exists(int(run[1])) and Path(place).is_mount():
            _remove(server, name, Path(place))


def _remove(server: str, name: str, disk: Path) -> None:
    """A database, its tablespace and its disk, as far as they are there."""
    try:
        with administering(server) as connection:
            for command in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "DROP TABLESPACE IF EXISTS {}"):
                connection.execute(sql.SQL(command).format(sql.Identifier(name)))
    finally:
        disks.unmount(disk)
