"""Where a drilled site keeps its rows: a SQLite file, or a database of its own on a PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql

CANDIDATES = ("root@127.0.0.1:5432", "postgres@127.0.0.1:5432", "vitrine:vitrine@127.0.0.1:5432")


class Database(Protocol):
    """`url` is what DATABASE_URL is set to."""

    url: str

    def create(self) -> None: ...
    def drop(self) -> None: ...
    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody else's lock, on which every writer must wait."""
        yield


class Sqlite:
    """A file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.url = f"sqlite:///{path}"

    def create(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)

    def drop(self) -> None:
        """It goes with its folder."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")


class PostgreSql:
    """A database of this run on the server of DATABASE_URL, or on the one that listens on loopback."""

    def __init__(self, name: str) -> None:
        self._server = _reachable()
        self._name = name
        self.url = f"{self._server}/{name}"

    def create(self) -> None:
        self._do("CREATE DATABASE {}")

    def drop(self) -> None:
        self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    @contextmanager
    def locked(self) -> Iterator[None]:
        with psycopg.connect(self.url) as other:
            other.execute("LOCK TABLE generator_call, generator_provider, django_q_ormq IN ACCESS EXCLUSIVE MODE")
            yield
            other.rollback()

    def _do(self, command: str) -> None:
        with psycopg.connect(f"{self._server}/postgres", autocommit=True) as server:
            server.execute(sql.SQL(command).format(sql.Identifier(self._name)))


def _reachable() -> str:
    """The first server that lets us in, as `postgres://user@host:port`."""
    configured = os.environ.get("DATABASE_URL", "")
    own = [configured.rpartition("/")[0]] if configured.startswith("postgres") else []
    for server in [*own, *(f"postgres://{place}" for place in CANDIDATES)]:
        with suppress(psycopg.OperationalError), psycopg.connect(f"{server}/postgres", connect_timeout=3):
            return server
    raise AssertionError("The drills need a PostgreSQL on 127.0.0.1:5432, or DATABASE_URL that names one.")
