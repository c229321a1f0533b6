"""A worker that goes on step by step and can be killed between any two, for the state machine's test."""

from __future__ import annotations

import base64
import json
from collections import Counter
from contextlib import ExitStack, suppress
from typing import Any

from generator.models import Call
from generator.onlysq.client import OnlySqError
from generator.replies.spool import Spool
from generator.worker import tasks
from generator.worker.ingest import ingest
from generator.worker.send import settle_failure
from tests.conftest import draw

State = Call.State
REPLY = json.dumps({"id": "imagen_1", "files": [base64.b64encode(draw(8, 8)).decode()]}).encode()
DEAD_PROCESS = 999_999_999
GRAVEYARD: list[ExitStack] = []  # writers of the dead, that must not be closed by being forgotten


class Worker:
    """What one process has in its hands, and how far it has come with it."""

    def __init__(self) -> None:
        self.call = Call()
        self.stage = ""
        self.writing = ExitStack()
        self.sink: Any = None

    def go_on(self, spool: Spool, charged: Counter[Any]) -> None:
        match self.stage:
            case "":
                self._claim()
            case "claimed":
                self._mark(spool)
            case "marked":
                charged[self.call.pk] += 1
                self.stage = "sent"
            case "sent":
                self.keep(REPLY)
            case "spooled":
                self.stage = "received" if self.call.receive(200) else ""
            case "received":
                self._store(spool)
            case "stored":
                spool.remove(str(self.call.pk))
                self.stage = ""

    def _claim(self) -> None:
        if call := tasks.next_received() or next(iter(tasks.next_queued()), None):
            self.call, self.stage = call, "received" if call.state == State.RECEIVED else "claimed"

    def _mark(self, spool: Spool) -> None:
        """A reply that is here is never asked for again; else the row says so before the request leaves."""
        if spool.has(str(self.call.pk)):
            self.stage = "received" if self.call.receive(None) else ""
            return
        if self.sink is None:  # a step of its own: others may come in between
            self.sink = self.writing.enter_context(spool.writer(str(self.call.pk)))
            return
        self.stage = "marked" if self.call.mark_sent() else ""
        if not self.stage:
            self._write_no_more()

    def keep(self, reply: bytes) -> None:
        self.sink.write(reply)
        self.writing.close()
        self.sink, self.stage = None, "spooled"

    def _write_no_more(self) -> None:
        with suppress(KeyError), self.writing:
            raise KeyError("this worker gives up")
        self.sink = None

    def _store(self, spool: Spool) -> None:
        """Whoever was taken for dead may find that another has stored the reply and removed it."""
        stored = spool.has(str(self.call.pk)) and ingest(self.call, spool) and self.call.state == State.SUCCEEDED
        self.stage = "stored" if stored else ""

    def fail(self, error: OnlySqError) -> None:
        self._write_no_more()
        settle_failure(self.call, error)
        self.stage = ""

    def die(self) -> None:
        """Its process is gone, which the sweep can see by the lease; what it had half written stays."""
        GRAVEYARD.append(self.writing)
        self.writing, self.sink = ExitStack(), None
        if self.stage:
            host, _, token = self.call.lease.split(":")
            lease = f"{host}:{DEAD_PROCESS}:{token}"
            Call.objects.filter(pk=self.call.pk, lease=self.call.lease).update(lease=lease)
        self.stage = ""
