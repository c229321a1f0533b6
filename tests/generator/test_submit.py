"""The one way to ask for pictures: one request is one generation, and workers hear of it when it is committed.

What many do at the same moment is in `models/accounting/test_parallel.py`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django_q.models import OrmQ

import generator
from generator.models import Call, Event, Generation, Limit, LimitError
from generator.submit import Wish, submit, try_again
from tests.conftest import BROKEN, Cast

HERON = Wish(prompt="A blue heron", model="flux", ratio="16:9", count=3)
FLOORS = [Path(generator.__file__).parent, Path(generator.__file__).parents[1] / "gallery"]

committing = pytest.mark.django_db(transaction=True)


@contextmanager
def no_wake_ups() -> Iterator[None]:
    """The queue takes nothing, and everything else works."""

    def refuse(execute: Any, sql: str, *more: Any) -> Any:
        if "INSERT" in sql and OrmQ._meta.db_table in sql:
            raise OperationalError("the queue is full")
        return execute(sql, *more)

    with connection.execute_wrapper(refuse):
        yield


def failed(cast: Cast) -> Call:
    call = submit(cast.owner, Wish(prompt="A cat", model="flux", ratio="1:1"), "failed").generation.calls.get()
    assert call.claim(30)
    assert call.fail(BROKEN)
    OrmQ.objects.all().delete()
    return call


def test_a_wish_becomes_a_generation_with_its_calls(cast: Cast) -> None:
    generation, is_new = submit(cast.owner, HERON, "a token")
    assert is_new
    assert (generation.user, generation.prompt, generation.ratio, generation.width) == (
        cast.owner, "A blue heron", "16:9", None,
    )  # fmt: skip
    assert [(call.state, call.count) for call in generation.calls.all()] == [(Call.State.QUEUED, 1)] * 3


def test_a_size_is_one_call(cast: Cast) -> None:
    generation = submit(cast.owner, Wish(prompt="A", model="flux", width=640, height=480, count=4), "t").generation
    assert [call.count for call in generation.calls.all()] == [4]


def test_the_same_request_twice_is_one_generation(cast: Cast) -> None:
    first, second = (submit(cast.owner, HERON, "once") for _ in range(2))
    assert (first.generation, first.is_new, second.is_new) == (second.generation, True, False)
    assert Call.objects.count() == 3


@pytest.mark.parametrize("changed", [{"prompt": "A dog"}, {"count": 2}, {"ratio": "1:1"}, {"visibility": "private"}])
def test_another_wish_under_the_same_token_is_another_generation(cast: Cast, changed: dict[str, Any]) -> None:
    submit(cast.owner, HERON, "once")
    assert submit(cast.owner, Wish(**(vars(HERON) | changed)), "once").is_new


def test_the_same_wish_under_another_token_or_of_another_person_is_another_generation(cast: Cast) -> None:
    asked = [(cast.owner, "one"), (cast.owner, "two"), (cast.member, "one")]
    assert [submit(user, HERON, token).is_new for user, token in asked] == [True] * 3


@pytest.mark.parametrize("token", ["", "x" * 1000, "Ключ \ud83d\udd11"], ids=["empty", "long", "foreign"])
def test_a_token_may_look_like_anything(cast: Cast, token: str) -> None:
    assert submit(cast.owner, HERON, token).is_new
    assert not submit(cast.owner, HERON, token).is_new


@committing
def test_workers_are_woken_when_the_rows_are_committed(cast: Cast) -> None:
    with transaction.atomic():
        submit(cast.owner, HERON, "t")
        assert OrmQ.objects.count() == 0
    assert OrmQ.objects.count() == 3
    submit(cast.owner, HERON, "t")
    assert OrmQ.objects.count() == 3, "nothing new, nobody is woken"


@committing
def test_nobody_is_woken_for_what_is_rolled_back(cast: Cast) -> None:
    with transaction.atomic():
        submit(cast.owner, HERON, "t")
        transaction.set_rollback(True)
    assert (Generation.objects.count(), OrmQ.objects.count()) == (0, 0)


@committing
def test_a_wake_up_that_fails_loses_nothing(cast: Cast) -> None:
    call = failed(cast)
    with no_wake_ups():
        generation, is_new = submit(cast.owner, HERON, "t")
        again = try_again(call)
    assert is_new
    assert again
    assert Call.objects.queued().filter(generation=generation).count() == 3
    assert Call.objects.queued().filter(pk=again.pk).exists()
    assert OrmQ.objects.count() == 0


@committing
def test_what_a_limit_leaves_no_room_for_is_neither_written_nor_woken(cast: Cast) -> None:
    call = failed(cast)
    Limit.objects.create(what="pictures/day", amount=0)
    for ask in (lambda: submit(cast.owner, HERON, "t"), lambda: try_again(call)):
        with pytest.raises(LimitError):
            ask()
    assert (Generation.objects.count(), Call.objects.count(), OrmQ.objects.count()) == (1, 1, 0)
    assert not Event.objects.filter(what=Event.What.RETRIED).exists()


@committing
def test_trying_again_is_a_call_of_the_same_generation_and_wakes_one_worker(cast: Cast) -> None:
    call = failed(cast)
    with transaction.atomic():
        again = try_again(call)
        assert OrmQ.objects.count() == 0
    assert again
    assert (again.generation, again.retry_of, again.state) == (call.generation, call, Call.State.QUEUED)
    assert OrmQ.objects.count() == 1


@committing
def test_a_second_click_makes_no_call_and_wakes_nobody(cast: Cast) -> None:
    call = failed(cast)
    second = Call.objects.get(pk=call.pk)
    assert try_again(call)
    assert try_again(second) is None
    assert (call.generation.calls.count(), OrmQ.objects.count()) == (2, 1)


def test_the_log_leads_from_a_request_to_its_calls(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "generator.submit")
    generation = submit(cast.owner, HERON, "t").generation
    submit(cast.owner, HERON, "t")
    first, *others = generation.calls.all()
    assert first.cancel()
    again = try_again(first)
    assert again
    told = [f"generation {generation.pk}: calls {first.pk}, {others[0].pk}, {others[1].pk}"]
    assert caplog.messages == [*told, f"generation {generation.pk}: calls {again.pk}"]
    assert "heron" not in caplog.text


def test_nobody_makes_calls_or_wakes_workers_by_another_way() -> None:
    """Models write the rows and the worker's room wakes; to ask for both is this door's."""
    makes = re.compile(r"objects(?:\.all\(\))?\.book\(|\bcall\.try_again\(|tasks\.wake\w*\(|import wake\b")
    found = {
        str(path.relative_to(floor.parent))
        for floor in FLOORS
        for path in floor.rglob("*.py")
        if path.parent.name not in ("models", "worker") and makes.search(path.read_text())
    }
    assert found == {"generator/submit.py"}
