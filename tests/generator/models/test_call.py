"""A call's life: every transition happens once, from the right state, for whoever holds the call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from generator.models import Call, Event, Generation
from generator.models.failure_words import Failure
from tests.conftest import BROKEN, RATED, REFUSED, SILENT, Cast

State = Call.State
Make = Callable[..., Generation]


@pytest.fixture
def call(cast: Cast, make_generation: Make) -> Call:
    return make_generation(cast.owner).calls.get()


def reload(call: Call) -> Call:
    return Call.objects.get(pk=call.pk)


def test_a_call_is_claimed_once(call: Call) -> None:
    twin = reload(call)

    assert call.claim(30)
    assert not twin.claim(30)

    held = reload(call)
    assert (held.state, held.tries, held.lease) == (State.SENDING, 1, call.lease)
    assert held.claimed_at is not None
    assert held.sent_at is None


def test_only_the_holder_moves_a_claimed_call(call: Call) -> None:
    call.claim(30)
    intruder = reload(call)
    intruder.lease = "elsewhere:1:abc"

    assert not intruder.mark_sent()
    assert not Call.objects.renew([(intruder.pk, intruder.lease)], 30)
    assert not intruder.put_back(None)
    assert not intruder.receive(200)
    assert not intruder.fail(REFUSED)
    assert not intruder.lose(SILENT)
    assert reload(call).state == State.SENDING


def test_a_call_is_marked_sent_once(call: Call) -> None:
    call.claim(30)

    assert call.mark_sent()
    assert not reload(call).mark_sent()


def test_a_call_that_never_left_waits_again_and_says_why(call: Call) -> None:
    call.claim(30)
    call.mark_sent()
    later = timezone.now() + timedelta(seconds=5)

    assert call.put_back(later, Failure("unreachable", "dns"))

    waiting = reload(call)
    assert (waiting.state, waiting.sent_at, waiting.not_before) == (State.QUEUED, None, later)
    assert waiting.failure == Failure("unreachable", "dns")
    assert not Call.objects.due(timezone.now()).exists()
    assert Call.objects.due(later).exists()


def test_a_move_that_the_database_takes_back_can_be_tried_again(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when its disk is full half-way through the transaction."""

    def full(**_: object) -> None:
        raise OperationalError("database or disk is full")

    call.claim(30)
    call.mark_sent()
    with monkeypatch.context() as patch:
        patch.setattr(Event.objects, "create", full)
        with pytest.raises(OperationalError):
            call.put_back(None, RATED)

    assert call.state == reload(call).state == State.SENDING
    assert call.put_back(None, RATED)
    assert reload(call).state == State.QUEUED


def test_a_received_call_succeeds_with_its_receipt(call: Call) -> None:
    call.claim(30)
    call.mark_sent()

    assert call.receive(200)
    assert call.succeed(reply_id="imagen_x", usage=152)

    done = reload(call)
    assert (done.state, done.reply_id, done.usage, done.http_status) == (State.SUCCEEDED, "imagen_x", 152, 200)
    assert done.waited is not None
    assert done.finished_at is not None


def test_nothing_moves_a_succeeded_call(call: Call) -> None:
    call.claim(30)
    call.receive(200)
    call.succeed()

    done = reload(call)
    moves = (done.claim(30), done.receive(200), done.fail(REFUSED), done.lose(SILENT), done.cancel(), done.dismiss())
    assert not any(moves)
    assert done.try_again() is None
    assert reload(call).state == State.SUCCEEDED


def test_a_late_reply_to_an_unknown_call_is_taken_in(call: Call) -> None:
    call.claim(30)
    call.mark_sent()
    call.lose(SILENT)
    assert reload(call).state == State.UNKNOWN

    assert call.receive(200)

    late = reload(call)
    assert (late.state, late.failure, late.finished_at) == (State.RECEIVED, Failure(), None)


def test_a_new_try_no_longer_says_what_held_the_last_one_up(call: Call) -> None:
    call.claim(30)
    call.mark_sent()
    call.put_back(None, RATED)
    waiting = reload(call)
    assert (waiting.error_kind, waiting.lease_until) == ("rate", None)
    assert waiting.claim(30)
    again = reload(call)
    assert (again.failure, again.sent_at) == (Failure(), None)


def test_only_a_queued_call_can_be_cancelled(call: Call) -> None:
    twin = reload(call)
    assert call.cancel()
    assert not twin.claim(30)
    assert reload(call).state == State.CANCELLED


def test_a_claimed_call_cannot_be_cancelled(call: Call) -> None:
    twin = reload(call)
    call.claim(30)
    assert not twin.cancel()


def test_trying_again_twice_makes_one_new_call(call: Call) -> None:
    call.claim(30)
    call.fail(BROKEN)
    twin = reload(call)

    retry = call.try_again()

    assert retry is not None
    assert (retry.number, retry.count, retry.state) == (2, 1, State.QUEUED)
    assert twin.try_again() is None
    assert call.generation.calls.count() == 2


def test_a_retried_call_no_longer_speaks_for_its_generation(call: Call) -> None:
    call.claim(30)
    call.lose(SILENT)
    retry = call.try_again()

    generation = Generation.objects.with_calls().get()
    assert generation.current_calls() == [retry]
    assert generation.is_running


def test_a_dismissed_failure_is_put_away_but_kept_in_the_ledger(call: Call) -> None:
    call.claim(30)
    call.fail(REFUSED)

    assert call.dismiss()

    generation = Generation.objects.with_calls().get()
    assert generation.current_calls() == []
    assert generation.calls.count() == 1


def test_a_reply_is_taken_up_by_one_worker_once_nobody_holds_it(call: Call) -> None:
    call.claim(30)
    call.receive(200)
    first, second = reload(call), reload(call)
    assert not first.take_up(30)

    assert call.release()
    assert first.take_up(30)
    assert not second.take_up(30)
    assert reload(call).ingests == 1
    assert not call.release(), "whoever let go of it has no say any more"
    assert not call.succeed(), "nor anything to store"


def test_the_holder_keeps_its_lease_by_renewing(call: Call) -> None:
    call.claim(1)
    before = reload(call).lease_until
    assert Call.objects.renew([(call.pk, call.lease)], 60) == 1
    after = reload(call).lease_until
    assert before is not None
    assert after is not None
    assert after - before > timedelta(seconds=50)


def test_the_worker_is_named_without_its_secret(call: Call) -> None:
    call.claim(30)
    assert call.lease.startswith(call.worker + ":")
    assert call.worker.count(":") == 1


def test_a_call_that_was_never_answered_has_no_waiting_time(call: Call) -> None:
    assert call.waited is None
    assert str(call) == "Queued, call 1"


def test_the_history_of_a_call_can_be_read(call: Call) -> None:
    call.claim(30)
    call.mark_sent()
    Call.objects.renew([(call.pk, call.lease)], 30)
    call.lose(SILENT)
    call.try_again()

    history = [(event.what, event.worker == call.worker, event.message) for event in call.events.all()]
    assert history == [
        ("claimed", True, ""), ("sent", True, ""), ("lost", True, "The API fell silent."), ("retried", False, ""),
    ]  # fmt: skip
