"""The database as it is at one moment, while everybody goes on using it; and the way back.

SQLite by its online backup, PostgreSQL by `pg_dump` of an exported snapshot. What the snapshot's own rows say is
read from that very snapshot.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess  # nosec B404 # PostgreSQL's own programs, never a shell
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

from gallery.backup.archive import DATABASES, ArchiveError
from generator.models import Call, Image

_OPEN = (Call.State.QUEUED, Call.State.SENDING, Call.State.RECEIVED, Call.State.UNKNOWN)


class Original(NamedTuple):
    """A picture as its row describes it; `name` is a path below the media root."""

    id: str
    name: str
    bytes: int
    sha256: str


@dataclass
class Snapshot:
    """`file` is the dump; `open_calls` the state of each call that has not ended, by its id without hyphens."""

    file: Path
    rows: dict[str, int]
    migrations: list[str]
    open_calls: dict[str, str]
    _list: Path

    def originals(self) -> Iterator[Original]:
        with self._list.open() as lines:
            for line in lines:
                pk, size, checksum, name = line.rstrip("\n").split("\t", 3)
                yield Original(pk, name, int(size), checksum)


def take(folder: Path) -> Snapshot:
    """Dump the database into an existing folder. Raises ArchiveError if it cannot be done."""
    dump = folder / DATABASES[connection.vendor]
    dump.unlink(missing_ok=True)
    with closing(connection.copy()) as other:
        return (_take_sqlite if connection.vendor == "sqlite" else _take_postgresql)(other, dump)


def _take_sqlite(other: Any, dump: Path) -> Snapshot:
    plain = dump.with_suffix("")
    plain.unlink(missing_ok=True)
    other.ensure_connection()
    with closing(sqlite3.connect(plain, isolation_level=None)) as copy:
        other.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        _check(copy)
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        with closing(copy.cursor()) as cursor:
            snapshot = _describe(dump, cursor, [name for (name,) in copy.execute(tables)])
    with plain.open("rb") as source, gzip.open(dump, "wb", compresslevel=6) as target:
        shutil.copyfileobj(source, target, 2**20)
    plain.unlink()
    return snapshot


def _check(copy: sqlite3.Connection) -> None:
    try:
        verdict = copy.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise ArchiveError(f"The database is damaged: {verdict.splitlines()[0]}.")


def _take_postgresql(other: Any, dump: Path) -> Snapshot:
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        _run(other, "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={dump}")
        tables = other.introspection.table_names(cursor)
    with other.chunked_cursor() as cursor:
        found = _describe(dump, cursor, tables)
    other.rollback()
    return found


def _describe(dump: Path, cursor: Any, tables: list[str]) -> Snapshot:
    """What the snapshot's rows say, asked on a connection that sees exactly them."""

    def ask(query: str) -> Any:
        cursor.execute(query)
        return cursor

    image, call = Image._meta.db_table, Call._meta.db_table
    if not {image, call} <= set(tables):
        raise ArchiveError("The database has no tables yet: run manage.py prepare.")
    states = ", ".join(f"'{state}'" for state in _OPEN)
    # Names of tables and states are the code's own.
    rows = {name: ask(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(tables)}  # noqa: S608 - names from the schema # nosec B608
    migrations = [f"{app}.{name}" for app, name in ask("SELECT app, name FROM django_migrations")]
    open_calls = {_hex(pk): state for pk, state in ask(f"SELECT id, state FROM {call} WHERE state IN ({states})")}  # noqa: S608 - our own names # nosec B608
    listed = dump.with_name("originals.tsv")
    with listed.open("w") as target:
        for pk, size, checksum, name in ask(f"SELECT id, bytes, sha256, file FROM {image} ORDER BY id"):  # noqa: S608 - as above # nosec B608
            target.write(f"{_hex(pk)}\t{size}\t{checksum}\t{name}\n")
    return Snapshot(dump, rows, sorted(migrations), open_calls, listed)


def _hex(pk: Any) -> str:
    """SQLite keeps an id as text without hyphens, PostgreSQL gives it back with them."""
    return str(pk).replace("-", "")


def is_empty() -> bool:
    """Whether the configured PostgreSQL database has no table yet."""
    return not connection.introspection.table_names()


def load(dump: Path) -> None:
    """Fill the empty PostgreSQL database: all of it or nothing."""
    name = str(connection.settings_dict["NAME"])
    _run(
        connection, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={name}", str(dump)
    )


def _run(other: Any, program: str, *arguments: str) -> None:
    """One of PostgreSQL's programs, told by its environment where the database is: nobody else sees a password."""
    found = shutil.which(program)
    if not found:
        raise ArchiveError(
            f"{program} was not found: install PostgreSQL's client programs (Debian: postgresql-client)."
        )
    done = subprocess.run([found, *arguments], env=_environment(other), capture_output=True, text=True, check=False)  # noqa: S603 - a tool of PostgreSQL # nosec B603
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[0]
        raise ArchiveError(f"{program} failed: {reason.removeprefix(f'{program}: ')}")


def _environment(other: Any) -> dict[str, str]:
    from psycopg.pq import Conninfo

    variables = {option.keyword.decode(): (option.envvar or b"").decode() for option in Conninfo.get_defaults()}
    parameters = other.get_connection_params()
    named = {variables.get(name, ""): str(value) for name, value in parameters.items() if value is not None}
    return os.environ | {name: value for name, value in named.items() if name}
