"""The database of the suite: migrated once in a run, and copied by each of its processes.

Migrating takes far longer than copying what comes of it. Nothing is kept from one run to the next.
"""

from __future__ import annotations

import fcntl
import sqlite3
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, transaction

# All connections of a process find the same database by it, as by the name that Django would take.
_MEMORY = "file:suite?mode=memory&cache=shared"


class Template(ABC):
    """A complete and empty database.

    The first process of a run finds none, migrates its own database and gives a copy of that; the others wait for it.
    `folder` is shared by all processes of the run, and by no other run.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "template.sqlite3"
        self._lock = (folder / "template.lock").open("w")

    def take(self) -> None:
        """To be called before Django makes the database of this process, in which there is then nothing to migrate."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._take()

    def give(self) -> None:
        """To be called when Django has made it, and before anybody uses it."""
        connection.ensure_connection()
        self._give()
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def drop(self) -> None:
        """Whoever comes to the database only now has to migrate."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._drop()
        self._lock.close()

    @abstractmethod
    def restore(self) -> None:
        """Undo whatever a test has committed."""

    @abstractmethod
    def _take(self) -> None: ...

    @abstractmethod
    def _give(self) -> None: ...

    @abstractmethod
    def _drop(self) -> None: ...


class SqliteTemplate(Template):
    """It is a file, and those of the processes are in their memory."""

    def restore(self) -> None:
        """Emptied row by row, tables would need far longer, and the audit log refuses that."""
        connection.ensure_connection()
        self._copy_into(connection.connection)

    def _take(self) -> None:
        connection.settings_dict["TEST"]["NAME"] = _MEMORY
        self._memory = sqlite3.connect(_MEMORY, uri=True)  # kept open until Django has opened it, else it is gone
        if self.file.exists():
            self._copy_into(self._memory)

    def _give(self) -> None:
        self._memory.close()
        if not self.file.exists():
            with closing(sqlite3.connect(self.file)) as template:
                connection.connection.backup(template)

    def _drop(self) -> None:
        """It stays for whoever looks what a test has left; pytest removes it with all else that is temporary."""

    def _copy_into(self, target: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(self.file)) as template:
            template.backup(target)


class PostgresqlTemplate(Template):
    """It is a database beside those of the processes; the file, an empty one, says that it is there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._name = f"test_{connection.settings_dict['NAME']}_template"

    def restore(self) -> None:
        """What Django would do makes hundreds of rows of types and permissions anew, one question each."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(self._tables)}")
            for table, content in self._rows.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(content)

    def _take(self) -> None:
        if self.file.exists():
            connection.settings_dict["TEST"]["TEMPLATE"] = self._name

    def _give(self) -> None:
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self._tables = [connection.ops.quote_name(name) for name in names]
        with connection.cursor() as cursor:
            found = {table: _content(cursor, table) for table in self._tables}
        self._rows = {table: content for table, content in found.items() if content}
        if not self.file.exists():
            self._execute("DROP DATABASE IF EXISTS {0}")  # of a run that was killed
            self._execute("CREATE DATABASE {0} TEMPLATE {1}")
            self.file.touch()

    def _drop(self) -> None:
        self._execute("DROP DATABASE IF EXISTS {0}")
        self.file.unlink(missing_ok=True)

    def _execute(self, command: str) -> None:
        """In `command` {0} is the template and {1} the database of this process."""
        names = map(connection.ops.quote_name, (self._name, connection.settings_dict["NAME"]))
        with connection.cursor() as cursor:
            cursor.execute(command.format(*names))


def _content(cursor: Any, table: str) -> bytes:
    with cursor.copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)
