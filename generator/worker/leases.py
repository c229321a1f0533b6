"""Leases kept: a living process says again and again that the calls in its hands are held; a dead one falls silent."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from django.conf import settings
from django.db import Error, connection

from generator.models import Call

log = logging.getLogger(__name__)


class Leases:
    """Renews the leases of the calls in this process's hands, all in one go, from a thread of its own.

    None for longer than `TASK_TIMEOUT`: a call whose thread hangs is then looked after as one of the dead.
    """

    def __init__(self) -> None:
        self._until: dict[tuple[Any, str], float] = {}  # by call and claim, on the steady clock
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._beat = threading.Thread(target=self._renew_until_done, name="leases", daemon=True)

    def __enter__(self) -> Self:
        self._beat.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._beat.join()

    def hold(self, call: Call) -> None:
        with self._lock:
            self._until[call.pk, call.lease] = time.monotonic() + settings.TASK_TIMEOUT

    def let_go(self, call: Call) -> None:
        with self._lock:
            self._until.pop((call.pk, call.lease), None)

    def _renew_until_done(self) -> None:
        is_failing = False
        try:
            while not self._done.wait(settings.LEASE_SECONDS / 3):
                try:
                    Call.objects.renew(self._held(), settings.LEASE_SECONDS)
                    is_failing = False
                except Error as error:
                    if not is_failing:
                        log.warning("leases could not be renewed, trying again: %s", error)
                    is_failing = True
                    connection.close()  # a server that was restarted does not know it any more
        finally:
            connection.close()

    def _held(self) -> list[tuple[Any, str]]:
        now = time.monotonic()
        with self._lock:
            return [claim for claim, until in self._until.items() if now < until]


@contextmanager
def held(call: Call) -> Iterator[None]:
    """Keep the lease of one call meanwhile."""
    with Leases() as leases:
        leases.hold(call)
        yield
