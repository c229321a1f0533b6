"""Whoever listens meets a call at each named point, in order, and finds what the point says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import pytest
from django.db import connection

from generator.models import Call, Generation, Image
from generator.replies.spool import Spool
from generator.sandbox import SandboxServer
from generator.worker import tasks
from generator.worker.points import Point, passed
from tests.conftest import Cast

State = Call.State
Make = Callable[..., Generation]


@contextmanager
def listening(listen: Callable[[Point, Call], object]) -> Iterator[None]:
    def receiver(sender: Point, call: Call, **_: Any) -> None:
        listen(sender, call)

    passed.connect(receiver)
    try:
        yield
    finally:
        passed.disconnect(receiver)


def test_a_call_passes_every_point_once_and_each_of_its_pictures_one(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner, model="kandinsky", width=96, height=64, count=3)
    met: list[Point] = []
    with listening(lambda point, _: met.append(point)):
        tasks.work()
    assert [point for point, _ in groupby(met)] == list(Point)
    assert met.count(Point.PLACED) == 3
    assert len(met) == len(Point) + 2


@pytest.mark.django_db(transaction=True)
def test_at_each_point_the_row_the_reply_and_the_pictures_are_as_it_says(
    sandbox: SandboxServer, spool: Spool, cast: Cast, make_generation: Make
) -> None:
    """Transactional, for what counts is what is committed."""
    make_generation(cast.owner)
    found: dict[Point, tuple[Any, ...]] = {}

    def look(point: Point, call: Call) -> None:
        row = Call.objects.get(pk=call.pk)
        is_open, rows = connection.in_atomic_block, Image.objects.count()
        found[point] = (row.state, bool(row.sent_at), len(sandbox.charged), spool.has(str(call.pk)), rows, is_open)

    with listening(look):
        tasks.work()
    assert found == {
        Point.CLAIMED: (State.SENDING, False, 0, False, 0, False),
        Point.MARKED: (State.SENDING, True, 0, False, 0, False),
        Point.WHOLE: (State.SENDING, True, 1, True, 0, False),
        Point.RECEIVED: (State.RECEIVED, True, 1, True, 0, False),
        Point.DECODED: (State.RECEIVED, True, 1, True, 0, False),
        Point.PLACED: (State.RECEIVED, True, 1, True, 0, False),
        Point.FILES: (State.RECEIVED, True, 1, True, 0, False),
        Point.COMMITTING: (State.SUCCEEDED, True, 1, True, 1, True),
        Point.STORED: (State.SUCCEEDED, True, 1, True, 1, False),
    }
