"""No search makes anybody wait for long: the database gives up what takes more than its time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

SECONDS = 3.0
# SQLite asks whether to go on after so many steps of its machine, some hundred times a second.
_STEPS = 100_000


class OvertimeError(Exception):
    """It would have taken too long."""


@contextmanager
def limited() -> Iterator[None]:
    """Raises OvertimeError if what the database is asked within takes longer than SECONDS."""
    end = time.monotonic() + SECONDS
    try:
        if connection.vendor == "sqlite":
            with _watched(end):
                yield
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = %s", [int(SECONDS * 1000)])
                yield
    except OperationalError as error:
        if time.monotonic() < end:
            raise
        raise OvertimeError from error


@contextmanager
def _watched(end: float) -> Iterator[None]:
    connection.ensure_connection()
    raw = connection.connection
    raw.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, _STEPS)
