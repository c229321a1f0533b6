"""One process holds all calls that wait for the API.

On a database that many connections may open: its threads have some of their own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ

from generator.models import Call, Event, Generation, Image, Provider
from generator.models.call_queryset import CallQuerySet
from generator.sandbox import SandboxServer
from generator.worker import leases, sender, slots, tasks
from generator.worker.bells import Name, ring
from generator.worker.leases import held
from generator.worker.points import Point, passed
from generator.worker.sender import Sender
from generator.worker.slots import Slot
from tests.conftest import Cast
from tests.parallel import shared  # noqa: F401 - a fixture

State, What = Call.State, Event.What
Make = Callable[..., Generation]
PATIENCE = 20


@pytest.fixture(autouse=True)
def _quick(shared: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:  # noqa: F811 - it is that one
    settings.CONCURRENCY, settings.MIN_FREE_MB, settings.THUMB_WIDTHS = 8, 0, (320,)
    monkeypatch.setattr(sender, "LEFT_LYING_SECONDS", 600.0)  # nobody else stores here, however slow the machine
    monkeypatch.setattr(sender, "LOOK_SECONDS", 0.05)
    slots.begin()


def states() -> list[str]:
    return sorted(Call.objects.values_list("state", flat=True))


def store_all() -> None:
    """What the other processes do."""
    while Call.objects.filter(state=State.RECEIVED).exists():
        tasks.take_part()


def wait_until(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


def is_slot_free() -> bool:
    slot = Slot.take()
    if slot:
        slot.close()
    return bool(slot)


class Other:
    """Another process that has heard a wake-up. Calls that are about to be sent wait until they may `go_on`."""

    def __init__(self) -> None:
        self._arrived, self._may_go_on = threading.Semaphore(0), threading.Event()
        self._thread = threading.Thread(target=self._take_part)
        self.connections: set[bool] = set()

    def _take_part(self) -> None:
        try:
            tasks.take_part()
        finally:
            connection.close()

    def _hold_up(self, **_: Any) -> None:
        self.connections.add(connection.connection is not None)
        self._arrived.release()
        assert self._may_go_on.wait(PATIENCE)

    def wait_for(self, number: int) -> None:
        """Until so many calls more have come there."""
        assert all(self._arrived.acquire(timeout=PATIENCE) for _ in range(number))

    def go_on(self) -> None:
        self._may_go_on.set()

    def __enter__(self) -> Other:
        passed.connect(self._hold_up, sender=Point.MARKED)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on()
        self._thread.join(PATIENCE)
        passed.disconnect(self._hold_up, sender=Point.MARKED)
        assert not self._thread.is_alive()


@contextmanager
def met(point: Point) -> Iterator[threading.Event]:
    """Set as soon as a call passes the point."""
    event = threading.Event()

    def meet(**_: Any) -> None:
        event.set()

    passed.connect(meet, sender=point)
    yield event
    passed.disconnect(meet, sender=point)


def test_all_that_is_due_waits_for_the_api_at_the_same_time_and_holds_nothing_of_the_database(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner, count=4)
    make_generation(cast.member, count=2)
    with Other() as other:
        other.wait_for(6)
        assert states() == [State.SENDING] * 6
        assert len(set(Call.objects.values_list("lease", flat=True))) == 6
        other.go_on()
    assert other.connections == {False}
    assert states() == [State.RECEIVED] * 6
    store_all()
    assert states() == [State.SUCCEEDED] * 6
    assert (len(sandbox.charged), Image.objects.count()) == (6, 6)


def test_a_reply_is_handed_over_with_its_lease_let_go_and_a_wake_up(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    call = make_generation(cast.owner).calls.get()
    tasks.forget_wakes()
    tasks.take_part()
    call.refresh_from_db()
    assert (call.state, call.lease_until, call.ingests) == (State.RECEIVED, None, 0)
    assert OrmQ.objects.count() == 1
    tasks.take_part()
    whats = list(call.events.values_list("what", flat=True))
    assert whats == [What.CLAIMED, What.SENT, What.RECEIVED, What.TAKEN_UP, What.SUCCEEDED]


def test_the_ring_for_a_reply_that_came_between_two_looks_asks_nobody_to_send(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_generation(cast.owner)
    tasks.forget_wakes()
    monkeypatch.setattr(Sender, "_wait", lambda self: wait_until(lambda: not self._is_busy))
    tasks.take_part()
    assert OrmQ.objects.count() == 1


def test_a_call_that_comes_while_others_wait_is_sent_beside_them(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner)
    with Other() as other:
        other.wait_for(1)
        make_generation(cast.member)
        tasks.take_part()  # finds that somebody sends already, and rings
        other.wait_for(1)
    assert states() == [State.RECEIVED] * 2


def test_no_more_calls_wait_than_the_api_allows(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, settings: Any
) -> None:
    settings.CONCURRENCY = 2
    make_generation(cast.owner, count=4)
    with Other() as other:
        other.wait_for(2)
        tasks.take_part()
        assert states() == [*[State.QUEUED] * 2, *[State.SENDING] * 2]
        other.go_on()
        other.wait_for(2)
    assert states() == [State.RECEIVED] * 4


def test_in_a_pause_of_the_api_replies_are_stored_and_nobody_is_woken_in_vain(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner)
    tasks.take_part()
    make_generation(cast.owner)
    Provider.objects.current().wait(60)
    tasks.forget_wakes()
    tasks.take_part()
    assert states() == [State.QUEUED, State.SUCCEEDED]
    assert not OrmQ.objects.exists()


def test_at_a_stop_nothing_more_is_claimed_and_what_waits_is_sent_and_stored(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner, count=3)
    with Other() as other:
        other.wait_for(3)
        slots.end()
        ring(Name.SENDER)
        wait_until(is_slot_free)
        make_generation(cast.member)
        other.go_on()
    assert states() == [State.QUEUED, *[State.SUCCEEDED] * 3]
    tasks.take_part()
    assert states() == [State.QUEUED, *[State.SUCCEEDED] * 3]


def test_a_reply_that_nobody_takes_up_is_stored_by_the_sender(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_generation(cast.owner)
    tasks.take_part()
    assert states() == [State.RECEIVED]
    monkeypatch.setattr(sender, "LEFT_LYING_SECONDS", 0.0)
    make_generation(cast.owner)
    with met(Point.STORED) as stored, Other() as other:
        other.wait_for(1)
        assert stored.wait(PATIENCE)


def test_a_sender_makes_room_for_a_successor_and_still_brings_in_what_it_has_sent(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    over: set[Sender] = set()
    senders: list[Sender] = []
    plain = Sender.__enter__
    monkeypatch.setattr(Sender, "__enter__", lambda self: senders.append(self) or plain(self))
    monkeypatch.setattr(Sender, "_is_over", property(lambda self: self in over))
    make_generation(cast.owner)
    with Other() as other:
        other.wait_for(1)
        tasks.forget_wakes()
        over.update(senders)
        wait_until(OrmQ.objects.exists)
        make_generation(cast.member)
        with Other() as successor:
            other.wait_for(1)  # whose call it is makes no difference there
            other.go_on()
            successor.wait_for(1)
    assert states() == [State.RECEIVED] * 2
    assert len(sandbox.charged) == 2


def test_a_call_without_a_thread_goes_back_and_out_again(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = make_generation(cast.owner).calls.get()

    class NoThread(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    slot = Slot.take()
    assert slot
    with sender.Sender(slot, tasks.wake) as sending, monkeypatch.context() as patch:
        patch.setattr(sender.threading, "Thread", NoThread)
        sending.run()
    call.refresh_from_db()
    assert (call.state, sandbox.charged) == (State.QUEUED, [])
    assert call.not_before is not None
    assert call.not_before > timezone.now()
    Call.objects.update(not_before=None)
    tasks.take_part()
    assert states() == [State.RECEIVED]


def test_a_thread_that_breaks_off_says_so_and_its_call_is_let_go(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    make_generation(cast.owner)

    def broken(*_: Any) -> bool:
        raise KeyError("nobody expects this")

    monkeypatch.setattr(sender, "send", broken)
    tasks.take_part()
    (said,) = [record.getMessage() for record in caplog.records if record.exc_info]
    assert said.endswith("its thread broke off")


def test_a_database_that_is_away_for_a_while_stops_nothing_and_is_told_once(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(sender, "OUTAGE_SECONDS", 0.01)
    make_generation(cast.owner)
    plain, failures = Call.claim_next, [OperationalError("the connection is closed")] * 3
    has_all = threading.Event()

    def claim_next(*args: Any) -> list[Call]:
        if has_all.is_set() and failures:
            raise failures.pop()
        found = plain(*args)
        if not found:
            has_all.set()
        return found

    monkeypatch.setattr(Call, "claim_next", claim_next)
    with Other() as other:
        other.wait_for(1)
        assert has_all.wait(PATIENCE)
        make_generation(cast.member)
        other.wait_for(1)
    assert states() == [State.RECEIVED] * 2
    assert not failures
    assert sum("cannot look for calls" in record.getMessage() for record in caplog.records) == 1


def test_a_call_is_held_no_longer_than_a_task_may_take(
    cast: Cast, make_generation: Make, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread hangs: others look after it then, as after a call of the dead."""
    settings.LEASE_SECONDS = 0.03
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    renewed: list[int] = []
    plain, let_go = CallQuerySet.renew, threading.Event()

    def renew(calls: Any, claims: Any, seconds: float) -> int:
        renewed.append(plain(calls, claims, seconds))
        if renewed[-1] == 0:
            let_go.set()
        return renewed[-1]

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return settings.TASK_TIMEOUT + 1.0 if renewed else 0.0

    monkeypatch.setattr(CallQuerySet, "renew", renew)
    monkeypatch.setattr(leases, "time", Clock)
    with held(call):
        assert let_go.wait(PATIENCE)
    assert renewed[0] == 1
