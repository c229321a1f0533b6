"""Fifty people ask at the same moment, each on a connection of their own, and there are ten pictures to be had."""

from __future__ import annotations

from collections import Counter
from functools import partial
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group

from gallery.models import User
from generator.models import Call, Generation, Limit
from generator.submit import Wish, submit, try_again
from tests.conftest import SILENT
from tests.parallel import at_once, shared  # noqa: F401 - a fixture

PEOPLE, TIMES, MOST = 5, 10, 10


def ask(user: User, token: str = "", count: int = 1) -> Generation:
    wish = Wish(prompt="A square", model="flux", ratio="1:1", count=count)
    return submit(user, wish, token or uuid4().hex).generation


@pytest.fixture
def people(shared: None) -> list[User]:  # noqa: F811 - the fixture
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
