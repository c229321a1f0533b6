"""Many at the same moment, each on a connection of their own.

Transactional, and on SQLite on a file: what is tested is what one connection sees of what another has committed.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from gallery.server.environment import _SQLITE_OPTIONS
from generator.models import LimitError


@pytest.fixture
def shared(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that several connections may open: a copy of the empty one in a file, where that is in memory."""
    if connection.vendor != "sqlite":
        yield
        return
    file = str(tmp_path / "parallel.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [file])
    alone, kept = connections["default"], dict(connections.settings["default"])
    connections.settings["default"] |= {"NAME": file, "OPTIONS": _SQLITE_OPTIONS}
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"].clear()
        connections.settings["default"].update(kept)
        connections["default"] = alone


def at_once(*wishes: Callable[[], Any]) -> Counter[str]:
    """How often each outcome came: a class of an exception or of what was returned."""
    start, outcomes = threading.Barrier(len(wishes)), Counter[str]()

    def ask(wish: Callable[[], Any]) -> None:
        with closing(connection):
            connection.ensure_connection()
            start.wait()
            try:
                outcomes[type(wish()).__name__] += 1
            except LimitError:
                outcomes["LimitError"] += 1

    threads = [threading.Thread(target=ask, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
