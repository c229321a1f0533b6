"""One fault at a chosen step: of the database, of the disk, or of the process, which then does nothing more.

Steps are the statements and commits of this thread's connection, and what is done to files: opening, writing, syncing,
renaming and removing them and making folders, in this thread and in those that it has decode pictures.
"""

from __future__ import annotations

import errno
import io
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import partial
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connections

_ON_FILES = ("fsync", "replace", "rename", "unlink", "remove", "mkdir", "open")


class Kind(Enum):
    """What happens at the step."""

    REFUSED = "it is not done, which is said"
    UNANSWERED = "it is done, and yet there is an error, as when the answer to a COMMIT is lost"
    CUT_OFF = "the connection to the database is no more"
    KILLED = "the process is gone before it"


class KilledError(BaseException):
    """The process is gone. Whatever it would still like to do, such as tidying up, is not done."""


# What an error or a kill at a statement leaves behind, the next commit tells.
_LASTING = ("commit", "write", "fsync", "replace", "rename", "unlink", "remove", "mkdir")
_WHERE = {
    Kind.REFUSED: ("sql", "open", *_LASTING),
    Kind.UNANSWERED: _LASTING,
    Kind.CUT_OFF: ("sql", "commit"),
    Kind.KILLED: _LASTING,
}


class Fault:
    """Strikes at step number `at`, counted from 0; with None never. `steps` are the names of those that were met."""

    def __init__(self, kind: Kind, at: int | None) -> None:
        self.steps: list[str] = []
        self._kind = kind
        self._at = at
        self._is_dead = False
        self._thread = threading.current_thread()
        self._lock = threading.Lock()

    def is_ours(self) -> bool:
        """The API has threads of its own, and nothing breaks there."""
        now = threading.current_thread()
        return now is self._thread or now.name.startswith("ThreadPoolExecutor")

    def query(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        return self._step("sql", partial(execute, sql, params, many, context))

    def commit(self, do: Callable[[], Any], undo: Callable[[], Any]) -> Any:
        """What is not committed is rolled back, as the database does when it sees nobody at the other end."""
        try:
            return self._step("commit", do)
        except BaseException:
            undo()
            raise

    def file(self, name: str, do: Callable[..., Any], *args: Any, **more: Any) -> Any:
        return self._step(name, partial(do, *args, **more)) if self.is_ours() else do(*args, **more)

    def _step(self, name: str, do: Callable[[], Any]) -> Any:
        with self._lock:
            if self._is_dead:
                raise KilledError
            self.steps.append(name)
            if len(self.steps) - 1 != self._at:
                return do()
            if self._kind is Kind.KILLED:
                self._is_dead = True
                raise KilledError
            if self._kind is Kind.UNANSWERED and name in _LASTING:  # how much is written at once is up to the network
                do()
            raise self._error(name)

    def _error(self, name: str) -> Exception:
        if name not in ("sql", "commit"):
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._kind is Kind.CUT_OFF:
            return InterfaceError("connection already closed")
        return OperationalError("the database does not answer")


class _Written:
    """A file whose writes are steps."""

    def __init__(self, file: Any, fault: Fault) -> None:
        self._file = file
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Written:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        return int(self._fault.file("write", self._file.write, data))


def points(steps: list[str], kinds: Iterable[Kind] = Kind) -> list[tuple[Kind, int]]:
    """Every fault that makes a difference on a way of these steps."""
    return [(kind, at) for kind in kinds for at, name in enumerate(steps) if name in _WHERE[kind]]


@contextmanager
def breaking(kind: Kind, at: int | None) -> Iterator[Fault]:
    """What is done within meets this fault. Not to be nested."""
    fault = Fault(kind, at)
    connection: Any = connections["default"]
    really_commit, really_open = connection._commit, io.open

    def opened(file: Any, mode: str = "r", *args: Any, **more: Any) -> Any:
        handle = fault.file("open", really_open, file, mode, *args, **more)
        return _Written(handle, fault) if mode == "wb" and fault.is_ours() else handle

    def on_file(name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **more: fault.file(name, do, *args, **more)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(fault.query):
        patch.setattr(connection, "_commit", lambda: fault.commit(really_commit, connection._rollback))
        patch.setattr(io, "open", opened)
        for name in _ON_FILES:
            patch.setattr(os, name, on_file(name, getattr(os, name)))
        yield fault
