"""Fifty people ask at the same moment, each on a connection of their own, and there are ten pictures to be had.

Transactional, and on SQLite on a file: what is tested is what one connection sees of what another has committed.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections

from gallery.models import User
from gallery.server.environment import _SQLITE_OPTIONS
from generator.models import Call, Generation, Limit, LimitError
from generator.submit import Wish, submit, try_again
from tests.conftest import SILENT

PEOPLE, TIMES, MOST = 5, 10, 10


@pytest.fixture
def shared(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that several connections may open: a copy of the empty one in a file, where that is in memory."""
    if connection.vendor != "sqlite":
        yield
        return
    file = str(tmp_path / "parallel.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [file])
    alone, kept = connections["default"], dict(connections.settings["default"])
    connections.settings["default"] |= {"NAME": file, "OPTIONS": _SQLITE_OPTIONS}
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"].clear()
        connections.settings["default"].update(kept)
        connections["default"] = alone


def at_once(*wishes: Callable[[], Any]) -> Counter[str]:
    """How often each outcome came: a class of an exception or of what was returned."""
    start, outcomes = threading.Barrier(len(wishes)), Counter[str]()

    def ask(wish: Callable[[], Any]) -> None:
        with closing(connection):
            connection.ensure_connection()
            start.wait()
            try:
                outcomes[type(wish()).__name__] += 1
            except LimitError:
                outcomes["LimitError"] += 1

    threads = [threading.Thread(target=ask, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def ask(user: User, token: str = "", count: int = 1) -> Generation:
    wish = Wish(prompt="A square", model="flux", ratio="1:1", count=count)
    return submit(user, wish, token or uuid4().hex).generation


@pytest.fixture
def people(shared: None) -> list[User]:
    found = [User.objects.create_user(f"person{n}") for n in range(PEOPLE)]
    Group.objects.create(name="all").user_set.set(found)  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(
    "what", ["pictures/day", pytest.param("pictures/month", marks=pytest.mark.exhaustive), "in flight"]
)
def test_fifty_at_once_against_ten_make_exactly_ten(people: list[User], what: str) -> None:
    Limit.objects.create(what=what, amount=MOST)
    outcomes = at_once(*[lambda user=user: ask(user) for user in people * TIMES])
    assert outcomes == {"Generation": MOST, "LimitError": PEOPLE * TIMES - MOST}
    assert (Generation.objects.count(), Call.objects.count()) == (MOST, MOST)


def test_fifty_at_once_of_one_group_make_exactly_ten(people: list[User]) -> None:
    Limit.objects.create(what="pictures/day", amount=MOST, group=Group.objects.get())
    outcomes = at_once(*[lambda user=user: ask(user) for user in people * TIMES])
    assert outcomes["Generation"] == Call.objects.count() == MOST


def test_each_member_has_a_limit_of_their_own(people: list[User]) -> None:
    Limit.objects.create(what="pictures/day", amount=2, each=True)
    at_once(*[lambda user=user: ask(user) for user in people * TIMES])
    assert Counter(Call.objects.values_list("user__username", flat=True)) == {user.username: 2 for user in people}


def test_the_same_form_sent_at_once_is_one_generation_and_never_refused(people: list[User]) -> None:
    Limit.objects.create(what="pictures/day", amount=1)
    assert at_once(*[lambda: ask(people[0], "same")] * 20) == {"Generation": 20}
    assert Call.objects.count() == 1


def test_sending_again_at_once_makes_one_call(people: list[User]) -> None:
    Limit.objects.create(what="pictures/day", amount=2)
    call = ask(people[0]).calls.get()
    call.claim(30)
    call.lose(SILENT)
    outcomes = at_once(*[partial(try_again, Call.objects.get(pk=call.pk)) for _ in range(10)])
    assert outcomes == {"Call": 1, "NoneType": 9}
    assert Call.objects.filter(retry_of=call).count() == 1
