"""Two workers, a sweep and a person in any order: nothing is lost, doubled or stuck.

The API is a list of what it charged for; rows, spool and pictures are the real ones. Numbers: see docs/drills.md.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gallery.models import User
from generator.models import Call, Event, Image, Provider
from generator.models.failure_words import KEPT
from generator.onlysq.client import Charged, Kind, OnlySqError
from generator.replies.spool import Spool
from generator.submit import Wish, submit
from generator.worker import tasks
from generator.worker.sweep import LeaseWatch, sweep
from tests.conftest import Folders
from tests.generator.worker.stepping import GRAVEYARD, Worker

State, What = Call.State, Event.What
NONSENSE = b'{"files": []}'
MOST_RUNNING = 3
ENDED = (State.FAILED, State.UNKNOWN, State.CANCELLED)
# From a claim to a spool without the reply.
STEPS = 8
WORKERS = st.integers(0, 1)


class Life(RuleBasedStateMachine):
    """Each rule is one step between two kills; every step may happen whenever a worker has come to it.

    Time stands all but still, so that nothing depends on how fast the machine is: `let_time_pass` lets it go by.
    """

    def __init__(self) -> None:
        super().__init__()
        self._time, self._patches = timezone.now(), pytest.MonkeyPatch()
        self._patches.setattr(timezone, "now", self._tick)
        self._undo = transaction.atomic()
        self._undo.__enter__()
        self.user = User.objects.create_user(uuid4().hex)
        self.spool = Spool(Path(settings.SPOOL_ROOT))
        self.workers = [Worker(), Worker()]
        self.charged: Counter[Any] = Counter()

    def teardown(self) -> None:
        try:
            self._come_to_rest()
        finally:
            self._patches.undo()
            transaction.set_rollback(True)
            self._undo.__exit__(None, None, None)
            GRAVEYARD.clear()
            for folder in (settings.SPOOL_ROOT, settings.MEDIA_ROOT):
                shutil.rmtree(folder, ignore_errors=True)

    def _tick(self) -> datetime:
        """In place of Django's clock, which the code reads in many places."""
        self._time += timedelta(microseconds=1)
        return self._time

    # A person

    @precondition(lambda self: Call.objects.running().count() < MOST_RUNNING)
    @rule()
    def ask(self) -> None:
        submit(self.user, Wish(prompt="A square", model="flux", ratio="1:1"), uuid4().hex)

    @precondition(lambda self: Call.objects.filter(state__in=ENDED, retry=None).exists())
    @rule()
    def send_again(self) -> None:
        call = Call.objects.filter(state__in=ENDED, retry=None).earliest("pk")
        assert call.try_again()
        assert Call.objects.get(pk=call.pk).try_again() is None

    @precondition(lambda self: Call.objects.queued().count() == MOST_RUNNING)
    @rule()
    def cancel(self) -> None:
        assert Call.objects.queued().latest("pk").cancel()

    # A worker

    @precondition(lambda self: Call.objects.running().exists())
    @rule(number=WORKERS, steps=st.integers(1, 3))
    def go_on(self, number: int, steps: int) -> None:
        """A few steps on the way to a stored picture, and then it is the other's turn."""
        for _ in range(steps):
            self.workers[number].go_on(self.spool, self.charged)

    @precondition(lambda self: self.at("marked", "sent"))
    @rule(kind=st.sampled_from([Kind.UNREACHABLE, Kind.RATE, Kind.KEY, Kind.REFUSED]), says_nonsense=st.booleans())
    def be_disappointed(self, kind: Kind, says_nonsense: bool) -> None:
        worker = self.at("marked", "sent")[0]
        if worker.stage == "marked":
            worker.fail(OnlySqError(kind, "status", Charged.NO, http_status=418))
            self.check_disappointment(worker.call, kind)
        elif says_nonsense:
            worker.keep(NONSENSE)
        else:
            worker.fail(OnlySqError(Kind.SILENCE, "read_timeout", Charged.MAYBE))

    @precondition(lambda self: len(self.at("")) < len(self.workers))
    @rule(number=WORKERS)
    def kill(self, number: int) -> None:
        self.workers[number].die()

    @precondition(lambda self: self.at("received"))
    @rule(lives=st.booleans())
    def be_brought_down_once_too_often(self, lives: bool) -> None:
        """By its reply, which is given up and kept; or the worker was only taken for dead, and goes on later."""
        if not lives:
            self.at("received")[0].die()
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr("generator.worker.sweep.MAX_INGESTS", 0)
            sweep(self.spool, LeaseWatch(0))

    # Those who put things right

    @precondition(lambda self: Call.objects.filter(state=State.FAILED, error_kind=KEPT).exists())
    @rule()
    def store_again(self) -> None:
        """The reply is still there, whatever has happened since, and what it should bring is reserved."""
        call = Call.objects.filter(state=State.FAILED, error_kind=KEPT).earliest("pk")
        assert tasks.store_again(call)
        now = Call.objects.get(pk=call.pk)
        assert (now.state, now.ingests, now.settled_at, now.pictures) == (State.RECEIVED, 0, None, now.count)
        assert not tasks.store_again(call)

    @precondition(lambda self: Call.objects.held().exists())
    @rule(patience=st.sampled_from([0, 30]))
    def sweep(self, patience: int) -> None:
        """Without patience workers that live are taken for dead, and go on later."""
        sweep(self.spool, LeaseWatch(patience))

    @precondition(lambda self: Call.objects.exclude(not_before=None).exists() or bool(Provider.objects.current().pause))
    @rule()
    def let_time_pass(self) -> None:
        Call.objects.update(not_before=None)
        Provider.objects.current().resume()

    def check_disappointment(self, call: Call, kind: Kind) -> None:
        """3: what never left goes out again, later and later, and says so. 6: a pause is there at once."""
        now = Call.objects.get(pk=call.pk)
        if kind == Kind.UNREACHABLE and now.state == State.QUEUED and now.not_before:
            pause = (now.not_before - timezone.now()).total_seconds()
            assert min(2**now.tries, 60) - 5 < pause <= min(2**now.tries, 60)
            assert now.error_message
        assert bool(Provider.objects.current().pause) or kind not in (Kind.RATE, Kind.KEY)

    # What always holds

    @invariant()
    def no_call_is_charged_twice(self) -> None:
        """1 and 2."""
        assert all(times == 1 for times in self.charged.values())

    @invariant()
    def what_was_charged_is_in_hand_or_shown(self) -> None:
        """1 and 2: a call of unknown outcome stays so until its reply comes; only a person makes another."""
        for call in Call.objects.filter(pk__in=self.charged):
            assert call.state not in (State.QUEUED, State.CANCELLED), f"{call.state} after it was charged"

    @invariant()
    def pictures_have_their_files_and_a_call_that_succeeded(self) -> None:
        """5."""
        stored = set(Image.objects.values_list("call", flat=True))
        assert stored == set(Call.objects.filter(state=State.SUCCEEDED).values_list("pk", flat=True))
        assert all((Path(settings.MEDIA_ROOT) / image.file.name).is_file() for image in Image.objects.all())

    @invariant()
    def nothing_is_sent_while_the_api_is_paused(self) -> None:
        """6."""
        if Provider.objects.current().is_paused(""):
            assert tasks.next_queued() == []

    @invariant()
    def the_history_is_complete(self) -> None:
        """7, and whoever got no pictures reads why."""
        last = {State.SUCCEEDED: What.SUCCEEDED, State.FAILED: What.FAILED, State.UNKNOWN: What.LOST}
        for call in Call.objects.prefetch_related("events"):
            events = list(call.events.all())
            seen = Counter(event.what for event in events)
            assert seen[What.CLAIMED] == call.tries
            assert seen[What.SENT] >= self.charged[call.pk]
            assert bool(seen[What.RECEIVED]) == bool(call.received_at)
            assert all(event.worker for event in events if event.what in (What.CLAIMED, What.SENT, What.RECEIVED))
            ended = [event.what for event in events if event.what in last.values()]
            assert State(call.state) not in last or ended[-1] == last[State(call.state)]
            assert call.error_message or call.state not in (State.FAILED, State.UNKNOWN)

    @invariant()
    def limits_count_what_is_under_way_and_then_what_came(self) -> None:
        for call in Call.objects.prefetch_related("images"):
            if call.state in (State.QUEUED, State.SENDING):
                assert (call.settled_at, call.pictures) == (None, call.count)
            elif call.state in (State.SUCCEEDED, State.FAILED, State.CANCELLED):
                assert call.settled_at
                assert call.pictures == len(call.images.all())

    def at(self, *stages: str) -> list[Worker]:
        return [worker for worker in self.workers if worker.stage in stages]

    def _come_to_rest(self) -> None:
        """The workers die, others come and finish: nothing is left running, and no reply is left lying."""
        for worker in self.workers:
            worker.die()
        for _ in range(Call.objects.running().count() + 1):
            self.let_time_pass()
            self.sweep(30)
            for _ in range(STEPS):
                self.workers[0].go_on(self.spool, self.charged)
        if Call.objects.filter(error_kind=KEPT).exists():
            self.store_again()
            self._come_to_rest()
        self.no_call_is_charged_twice()
        assert not Call.objects.running().exists(), "4"
        self.pictures_have_their_files_and_a_call_that_succeeded()
        self._check_that_nothing_else_is_left()

    def _check_that_nothing_else_is_left(self) -> None:
        """5: no original without its row, and in the spool only what an admin may want to look at."""
        root, spool = Path(settings.MEDIA_ROOT), Path(settings.SPOOL_ROOT)
        for file in spool.glob("*"):
            os.utime(file, (0, 0))
        sweep(self.spool, LeaseWatch(30))
        originals = {str(file.relative_to(root)) for file in root.glob("originals/*/*")}
        assert originals == set(Image.objects.values_list("file", flat=True))
        kept = {left.id for left in self.spool.leftovers()}
        assert len(kept) == len(list(spool.glob("*")))
        of_nothing = Q(state=State.UNKNOWN, error_kind="provider")  # a whole reply that told of nothing
        assert not Call.objects.filter(pk__in=kept).exclude(Q(state=State.FAILED) | of_nothing).exists()


@pytest.mark.long
@pytest.mark.django_db
def test_calls_are_never_lost_doubled_or_stuck(folders: Folders, settings: Any) -> None:
    settings.MIN_FREE_MB, settings.CONCURRENCY, settings.RATE_PER_MINUTE, settings.ONLYSQ_API_KEY = 0, 2, 0, ""
    limits = hypothesis_settings(
        max_examples=hypothesis_settings.default.max_examples // 8,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(Life, settings=limits)
