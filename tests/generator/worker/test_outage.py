"""A database that is away for a while: what is under way waits for it, and the log says so in a line."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django_q.brokers import get_broker
from django_q.brokers.orm import ORM
from django_q.conf import Conf

from generator.models import Call, Generation
from generator.models.call_queryset import CallQuerySet
from generator.sandbox import SandboxServer
from generator.worker import send, tasks
from generator.worker.leases import held
from tests.conftest import Cast

State = Call.State
Make = Callable[..., Generation]
AWAY = [OperationalError("the connection is closed"), InterfaceError("connection already closed")]


class Answers:
    """In place of a function: raises what is an error, returns the rest, and the last one again and again."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)

    def __call__(self, *_: Any) -> Any:
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody sleeps; the pauses that would have been made."""
    pauses: list[float] = []
    for module in ("send", "tasks"):
        monkeypatch.setattr(f"generator.worker.{module}.time", SimpleNamespace(sleep=pauses.append))
    return pauses


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    assert not any(record.exc_info for record in caplog.records), "it is no news to trace"
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_what_is_known_about_a_call_is_written_down_soon_after_the_database_is_back(
    at_once: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    assert send.retry_on_outage(Call(), Answers(*AWAY, *AWAY, 1))
    assert max(at_once) <= 5
    assert len(lines(caplog)) == 1


def test_a_database_that_stays_away_is_not_waited_for_for_ever(at_once: list[float]) -> None:
    with pytest.raises(OperationalError):
        send.retry_on_outage(Call(), Answers(AWAY[0]))
    assert 30 < sum(at_once) < 60


@pytest.mark.django_db(transaction=True)
def test_a_call_waits_with_its_request_until_the_row_says_that_it_is_sent(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, at_once: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transactional, since a connection that failed is closed."""
    plain, failures = Call.mark_sent, [*AWAY]

    def mark_sent(call: Call) -> bool:
        assert sandbox.charged == []
        if failures:
            raise failures.pop()
        return plain(call)

    monkeypatch.setattr(Call, "mark_sent", mark_sent)
    generation = make_generation(cast.owner)
    tasks.work()
    call = generation.calls.get()
    assert (call.state, call.tries, len(sandbox.charged), len(at_once)) == (State.SUCCEEDED, 1, 1, 2)


@pytest.mark.parametrize("error", AWAY)
def test_a_worker_that_finds_no_database_gives_up_in_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tasks, "next_received", Answers(error))
    tasks.work()
    assert lines(caplog) == [f"work was given up, the database does not answer: {error}"]


def test_wake_ups_are_read_again_when_the_database_is_back_and_nobody_dies_of_it(
    at_once: list[float], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ORM, "get_connection", staticmethod(Answers(None)))
    monkeypatch.setattr(ORM, "dequeue", Answers(*AWAY, *AWAY, [(1, "a wake-up")], AWAY[0]))
    monkeypatch.setattr(ORM, "delete", Answers(*AWAY))
    queue = get_broker()
    assert [queue.dequeue() for _ in range(6)] == [None] * 4 + [[(1, "a wake-up")], None]
    queue.acknowledge(1)
    assert len(lines(caplog)) == 2, "one for each time that it was away"
    assert max(at_once) <= 1


def test_the_queue_asks_the_database_for_no_schedules_for_there_are_none() -> None:
    assert not Conf.SCHEDULER


def test_a_living_worker_goes_on_renewing_its_lease_whatever_the_database_says(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LEASE_SECONDS = 0.03
    done, renewals = threading.Event(), Answers(*AWAY, 1, AWAY[1], None)

    def renew(*_: Any) -> None:
        if renewals() is None:
            done.set()

    monkeypatch.setattr(CallQuerySet, "renew", renew)
    with held(Call()):
        assert done.wait(10)
    assert len(lines(caplog)) == 2, "one for each time that it was away"
