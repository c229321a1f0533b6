"""Whatever happens to calls, what the meters say is what an independent recount of the events says."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import caches
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gallery.models import User
from generator.create.meters import meters
from generator.models import Call, Generation, Limit, LimitError, Price
from tests.conftest import GARBLED, REFUSED, SILENT, Cast

Make = Callable[..., Generation]
State = Call.State
MOST, UNITS = 12, 10
STEPS = ("submit", "claim", "send", "succeed", "fail", "garble", "lose", "dismiss", "retry", "cancel", "excuse", "late")


@dataclass
class Figure:
    """What one call should count for, kept beside the program in the plainest way."""

    pictures: int
    units: int = 0
    is_reserved: bool = True

    @property
    def cost(self) -> Decimal:
        return Decimal("0.1") + Decimal("0.2") * self.pictures + Decimal("0.001") * self.units


class Bookkeeper:
    """Acts, and writes down what that should mean."""

    def __init__(self, user: User, make: Make, dice: random.Random) -> None:
        self.user, self.make, self.dice = user, make, dice
        self.figures: dict[Any, Figure] = {}
        self.free: set[Any] = set()

    def act(self, step: str) -> None:
        if step == "submit":
            self._book(lambda: [*self.make(self.user, width=8, height=8, count=self.dice.randint(1, 4)).calls.all()])
            return
        calls = list(Call.objects.order_by("pk"))
        if calls:
            getattr(self, f"_{step}")(self.dice.choice(calls))

    def _book(self, make: Callable[[], list[Call]]) -> None:
        try:
            made = make()
        except LimitError:
            return
        self.figures |= {call.pk: Figure(call.count, UNITS * call.count) for call in made}

    def _settle(self, call: Call, pictures: int, units: int, *, is_free: bool = False) -> None:
        self.figures[call.pk] = Figure(pictures, units, is_reserved=False)
        self.free.discard(call.pk)
        if is_free:
            self.free.add(call.pk)

    def _claim(self, call: Call) -> None:
        call.claim(30)

    def _send(self, call: Call) -> None:
        if call.mark_sent() and self.dice.random() < 0.3:
            call.put_back(None)

    def _succeed(self, call: Call) -> None:
        came, usage = self.dice.randint(1, call.count), self.dice.randint(0, 50)
        call.receive(200)
        if call.succeed(came, usage=usage):
            self._settle(call, came, usage)

    def _fail(self, call: Call) -> None:
        if call.fail(REFUSED):
            self._settle(call, 0, 0, is_free=True)

    def _garble(self, call: Call) -> None:
        if call.fail(GARBLED, usage=7):
            self._settle(call, 0, 7)

    def _lose(self, call: Call) -> None:
        call.lose(SILENT)

    def _dismiss(self, call: Call) -> None:
        if call.dismiss():
            self.figures[call.pk].is_reserved = False

    def _cancel(self, call: Call) -> None:
        if call.cancel():
            self._settle(call, 0, 0, is_free=True)

    def _excuse(self, call: Call) -> None:
        if call.settle_as_not_charged():
            self._settle(call, 0, 0, is_free=True)

    def _late(self, call: Call) -> None:
        if call.state == State.UNKNOWN:
            self._succeed(call)

    def _retry(self, call: Call) -> None:
        self._book(lambda: [again] if (again := call.try_again()) else [])
        if Call.objects.filter(retry_of=call).exists():
            self.figures[call.pk].is_reserved = False

    def check(self) -> None:
        reserved = [figure for figure in self.figures.values() if figure.is_reserved]
        used = [figure for figure in self.figures.values() if not figure.is_reserved]
        paid = [figure for pk, figure in self.figures.items() if not figure.is_reserved and pk not in self.free]
        found = {meter.limit.what: (meter.used, meter.reserved) for meter in meters(self.user)}
        assert found["pictures/day"] == (sum(f.pictures for f in used), sum(f.pictures for f in reserved))
        assert found["units/month"] == (sum(f.units for f in used), sum(f.units for f in reserved))
        assert found["money/month"] == (sum(f.cost for f in paid), sum(f.cost for f in reserved))
        assert found["in flight"] == (Call.objects.running().count(), 0)
        assert sum(found["pictures/day"]) <= MOST


@pytest.mark.django_db
@given(steps=st.lists(st.sampled_from(STEPS), min_size=10, max_size=60), seed=st.integers(0, 10**6))
@hypothesis_settings(
    max_examples=hypothesis_settings.default.max_examples // 5,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_used_and_reserved_equal_a_recount(cast: Cast, make_generation: Make, steps: list[str], seed: int) -> None:
    caches["process"].set("usual-units", {"flux": UNITS}, None)
    with transaction.atomic():
        Price.objects.create(valid_from="2020-01-01", per_call="0.1", per_picture="0.2", per_unit="0.001")
        for what, amount in zip(Limit.What, (MOST, 10**6, 10**6, 10**6, 10**6), strict=True):
            Limit.objects.create(what=what, amount=amount, each=True)
        keeper = Bookkeeper(cast.owner, make_generation, random.Random(seed))
        for step in ("submit", *steps):
            keeper.act(step)
            keeper.check()
        transaction.set_rollback(True)
