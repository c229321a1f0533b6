"""The sender: one process that holds all calls that wait for the API, each in a thread of its own.

A call that waits is a thread, a connection to the API and a file of the spool; it holds nothing of the database. What
is to be written down of all of them one thread writes, and another one keeps their leases. A reply that is whole is
handed over: processes that have nothing else to do store it. The sender ends when nothing is due and nothing waits any
more, and makes room for a successor after a while, so that no process lives for ever.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from generator.models import Call
from generator.replies.spool import Spool
from generator.worker import slots
from generator.worker.bells import Bell, Name
from generator.worker.claims import next_queued
from generator.worker.leases import Leases
from generator.worker.send import OUTAGE, retry_on_outage, send
from generator.worker.slots import Slot
from generator.worker.storing import store_next

log = logging.getLogger(__name__)

# Between two looks, if nobody rings.
LOOK_SECONDS = 3.0
# Calls of one transaction. It holds up whoever else writes, and the first of them waits for the last one's claim.
AT_ONCE = 8
# A reply that nobody has taken up for so long is stored here: those who store have their hands full, or cannot be told.
LEFT_LYING_SECONDS = 5.0
# Between two attempts at a database that does not answer.
OUTAGE_SECONDS = 1.0
# How long a call waits for which there is no thread.
NO_THREAD_SECONDS = 5.0


class Ledger:
    """The one thread that writes to the database for all that wait."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ledger")

    def write(self, call: Call, move: Callable[[], bool]) -> bool:
        """Have this move of a call done, and insist on it as `retry_on_outage` does."""
        return retry_on_outage(call, lambda: self._pool.submit(_tried, move).result())

    def close(self) -> None:
        self._pool.submit(lambda: connection.close()).result()  # its own one, and not that of whoever asks for it
        self._pool.shutdown()


def _tried(move: Callable[[], bool]) -> bool:
    try:
        return move()
    except OUTAGE:
        connection.close()
        raise


class Sender:
    """Holds `slot` while it claims calls; `wake` tells others of a reply that is to be stored, or of a call."""

    def __init__(self, slot: Slot, wake: Callable[[], None]) -> None:
        self._slot = slot
        self._wake = wake
        self.has_claimed = False
        self._spool = Spool(Path(settings.SPOOL_ROOT))
        self._waiting: set[str] = set()  # leases of the calls
        self._threads: list[threading.Thread] = []
        self._is_claiming, self._is_storing, self._is_away = True, False, False
        self._claims_until = time.monotonic() + settings.TASK_TIMEOUT
        self._bell = Bell(Name.SENDER)
        self._landed, self._land = os.pipe()
        for end in (self._landed, self._land):
            os.set_blocking(end, False)
        self._leases, self._ledger = Leases(), Ledger()

    def __enter__(self) -> Self:
        self._leases.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever has happened: what waits for the API has its time."""
        self._stop_claiming()
        while self._is_busy:
            self._wait()
        for thread in self._threads:
            thread.join()  # it has nothing more to do, but may be about to ring
        self._leases.__exit__()
        self._ledger.close()
        self._bell.close()
        for end in (self._landed, self._land):
            os.close(end)

    def run(self) -> None:
        """Until nothing is due, or it is to end, and nothing waits any more; a look comes after the last reply."""
        while True:
            was_busy = self._is_busy
            if not was_busy:
                self._bell.wait(0)  # what rang until now is seen by this look
            try:
                self._look()
                self._is_away = False
            except OUTAGE as error:
                self._wait_it_out(error)
            if not was_busy and not self._is_busy:
                break
            self._wait()

    @property
    def _is_busy(self) -> bool:
        return self._is_storing or bool(self._waiting)

    def _wait_it_out(self, error: Exception) -> None:
        if not self._is_away:
            log.warning("the sender cannot look for calls, trying again: %s", error)
        self._is_away = True
        connection.close()
        time.sleep(OUTAGE_SECONDS)

    def _wait(self) -> None:
        self._bell.wait(LOOK_SECONDS, [self._landed])
        with suppress(BlockingIOError):
            os.read(self._landed, 2**16)

    def _look(self) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if self._may_claim() and Call.objects.due(timezone.now()).exists():
            while self._may_claim() and (calls := next_queued(AT_ONCE)) and self._start_all(calls):
                pass
        if self._is_left_lying(0.0 if slots.is_ending() else LEFT_LYING_SECONDS):
            self._store_here()

    def _may_claim(self) -> bool:
        """Whether it still is the one who does; it signs that it lives."""
        if slots.is_ending() or self._is_over:
            self._stop_claiming()
        elif self._is_claiming:
            self._slot.sign()
        return self._is_claiming

    def _stop_claiming(self) -> None:
        """A ring that comes now was for a call that others left to this process."""
        if self._is_claiming:
            self._is_claiming = False
            self._slot.close()
            if self._is_over or (not self._bell.is_deaf and self._bell.wait(0)):
                with suppress(Error):  # the watch says it again
                    self._wake()

    @property
    def _is_over(self) -> bool:
        return time.monotonic() > self._claims_until

    def _start_all(self, calls: list[Call]) -> bool:
        """Whether there is a thread for each of them."""
        return not [call for call in calls if not self._start(call)]

    def _start(self, call: Call) -> bool:
        """Whether there is a thread for it; else it goes back."""
        self.has_claimed = True
        self._leases.hold(call)
        self._waiting.add(call.lease)
        thread = threading.Thread(target=self._take_through, args=(call,), daemon=True)
        try:
            thread.start()
        except RuntimeError:  # there are as many as this user, or this container, may have
            log.warning("call %s: no thread can be started for it", call.pk)
            self._forget(call)
            call.put_back(timezone.now() + timedelta(seconds=NO_THREAD_SECONDS))
            return False
        self._threads.append(thread)
        return True

    def _take_through(self, call: Call) -> None:
        """Send it, and hand its reply over. In a thread of its own."""
        try:
            if send(call, self._spool, self._ledger.write):
                self._ledger.write(call, partial(self._let_go, call))
        except OUTAGE as error:
            log.warning("call %s was given up, the database does not answer: %s", call.pk, error)
        except Exception:  # nobody else would tell of it; its lease runs out, and the sweep sees to it
            log.exception("call %s: its thread broke off", call.pk)
        finally:
            self._forget(call)
            self._ring()

    def _forget(self, call: Call) -> None:
        self._leases.let_go(call)
        self._waiting.discard(call.lease)

    def _let_go(self, call: Call) -> bool:
        with transaction.atomic():
            is_released = call.release()
            if is_released:
                self._wake()
        return is_released

    def _ring(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._land, b"!")

    def _is_left_lying(self, seconds: float) -> bool:
        now = timezone.now()
        received = now - timedelta(seconds=seconds)
        return Call.objects.abandoned_replies(now).filter(received_at__lte=received).exists()

    def _store_here(self) -> None:
        """One after the other, in one thread, as long as there are any."""
        if not self._is_storing:
            self._is_storing = True
            thread = threading.Thread(target=self._store_all, daemon=True)
            thread.start()
            self._threads.append(thread)

    def _store_all(self) -> None:
        try:
            while store_next(Spool(Path(settings.SPOOL_ROOT))):
                pass
        except OUTAGE as error:
            log.warning("storing was given up, the database does not answer: %s", error)
        finally:
            connection.close()
            self._is_storing = False
            self._ring()
