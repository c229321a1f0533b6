"""A day that is not over: kept in parts of ten minutes, and exact at every moment all the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gallery.models import User
from gallery.usage.filters import UsageFilter
from gallery.usage.period import Period
from gallery.usage.review import Review
from gallery.usage.source import Source, counter, filled_spans
from generator.models import Call, Span, Tally
from generator.models.accounting.figures import Figures
from generator.models.accounting.periods import local_day
from generator.worker import rollup
from generator.worker.rollup import CALM, roll_up
from tests.conftest import Cast
from tests.gallery.usage.conftest import add_calls, columns, local
from tests.gallery.usage.test_sums import by_review, by_sql

# The evening before a day of twenty-five hours; never right at midnight, where SQLite compares texts.
EVENING = local("2025-10-25 22:35:07")
STEPS = ("ask", "ask", "change", "change", "wait", "wait", "wait long", "roll up", "roll up", "set back")


class Clock:
    """In place of Django's, which the code reads in many places."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock(EVENING)
    monkeypatch.setattr(timezone, "now", found)
    monkeypatch.setattr(rollup, "FEW", 1)
    return found


class Day:
    """Lets things happen, as they do on the wall."""

    def __init__(self, clock: Clock, people: list[User], dice: random.Random) -> None:
        self.clock, self.people, self.dice = clock, people, dice

    def act(self, step: str) -> None:
        getattr(self, f"_{step.replace(' ', '_')}")()

    def _ask(self) -> None:
        at = self.clock.now
        asked = {"user": self.dice.choice(self.people), "at": at, "model": self.dice.choice(["flux", "kandinsky"])}
        add_calls([asked | columns(self.dice, at)])

    def _change(self) -> None:
        if calls := list(Call.objects.order_by("-created_at")[:12]):
            call = self.dice.choice(calls)
            assert call._move(Q(), **columns(self.dice, call.created_at))

    def _wait(self) -> None:
        self.clock.wait(minutes=self.dice.choice([1, 4, 9, 12, 25]))

    def _wait_long(self) -> None:
        self.clock.wait(hours=self.dice.choice([1, 3]))

    def _set_back(self) -> None:
        """By a minute and a half, as a machine's clock is."""
        self.clock.wait(seconds=-90)

    def _roll_up(self) -> None:
        roll_up(60)

    def check(self) -> None:
        today = local_day(self.clock.now)
        for first in (today, today - timedelta(days=1)):
            period = Period(first, today)
            asked = UsageFilter(period=period, before=period.before)
            review = Review(asked)
            assert by_review(review) == by_sql(asked)
            assert every_sum(review.source) == every_sum(Source(asked, [], counter(asked)))


def every_sum(source: Source) -> dict[Any, Any]:
    """By all that sums can be by; money and times are floats in SQLite, and so rounded."""
    found = {}
    for dimensions in (["state"], ["start", "user", "model", "state"]):
        for read in (source.sums, source.counts):
            found |= {(read.__name__, *key): rounded(figures) for key, figures in read(*dimensions).items()}
    return found


def rounded(figures: Figures) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(figures).items() if name not in ("cost", "reserved_cost")}
    money = {"cost": f"{figures.cost:.4f}", "reserved_cost": f"{figures.reserved_cost:.4f}"}
    return plain | money | {name: round(plain[name], 6) for name in ("elapsed_sum", "waited_sum")}


@given(steps=st.lists(st.sampled_from(STEPS), min_size=12, max_size=40), seed=st.integers(0, 10**6))
@hypothesis_settings(
    max_examples=hypothesis_settings.default.max_examples // 10,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_happens_the_sums_are_those_of_the_rows(cast: Cast, clock: Clock, steps: list[str], seed: int) -> None:
    clock.now = EVENING
    caches["process"].clear()
    with transaction.atomic():
        day = Day(clock, [cast.owner, cast.member], random.Random(seed))
        for step in ("ask", "ask", "wait long", "roll up", *steps):
            day.act(step)
            day.check()
        transaction.set_rollback(True)


def parts() -> list[tuple[Any, int]]:
    filled = Span.objects.filter(unit="part", filled=True)
    return list(filled.order_by("start", "number").values_list("start", "number"))


@pytest.fixture
def call(clock: Clock, cast: Cast, add_call: Callable[..., Call]) -> Call:
    return add_call(cast.owner, clock.now, state="succeeded", pictures=1)


def test_a_part_is_filled_once_it_is_over_and_calm(clock: Clock, call: Call) -> None:
    clock.now = local("2025-10-25 22:41")
    assert roll_up() == 0
    clock.now = local("2025-10-25 22:40") + CALM
    assert roll_up() == 1
    assert parts() == [(local_day(call.created_at), (22 * 60 + 30) // 10)]
    assert roll_up() == 0


def test_a_change_spoils_its_part_which_is_left_alone_for_a_while(clock: Clock, call: Call) -> None:
    clock.wait(minutes=30)
    roll_up()
    assert call._move(Q(), pictures=3, settled_at=clock.now)
    assert parts() == []
    assert roll_up() == 0
    clock.wait(minutes=2)
    assert roll_up() == 1
    assert Tally.objects.get(span__unit="part", by="").pictures == 3


def test_what_counts_for_nothing_spoils_no_part(clock: Clock, call: Call) -> None:
    clock.wait(minutes=30)
    roll_up()
    assert call._move(Q(), lease_until=clock.now)
    assert len(parts()) == 1


def test_a_part_that_is_not_over_is_not_noted(clock: Clock, call: Call) -> None:
    assert call._move(Q(), pictures=2)
    assert not Span.objects.exists()


def test_a_change_while_somebody_counts_is_not_lost(clock: Clock, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.wait(minutes=30)
    count = rollup.count

    def counting(*intervals: Any) -> Any:
        found = count(*intervals)
        call._move(Q(), pictures=7)
        return found

    monkeypatch.setattr(rollup, "count", counting)
    assert roll_up() == 0
    assert parts() == []


def test_few_calls_are_not_worth_keeping(clock: Clock, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "FEW", 2)
    clock.wait(minutes=30)
    with CaptureQueriesContext(connection) as captured:
        assert roll_up() == 0
    assert all(query["sql"].startswith("SELECT") for query in captured)


def test_parts_end_with_their_day(clock: Clock, call: Call) -> None:
    clock.now = local("2025-10-26 00:30")
    roll_up(60)
    assert len(parts()) == 1
    clock.now = local("2025-10-26 01:01")
    roll_up(60)
    assert not Span.objects.filter(unit="part").exists()
    assert not Tally.objects.filter(span__unit="part").exists()


def test_a_part_that_is_not_over_after_all_is_opened_again(clock: Clock, call: Call) -> None:
    clock.wait(minutes=30)
    roll_up()
    clock.wait(minutes=-25)
    assert filled_spans(Period(local_day(clock.now), local_day(clock.now))) == []
    roll_up()
    assert parts() == []


def test_another_time_zone_has_other_parts(clock: Clock, call: Call, settings: Any) -> None:
    clock.wait(minutes=30)
    roll_up()
    settings.TIME_ZONE = "Asia/Kathmandu"
    timezone.get_default_timezone.cache_clear()
    today = local_day(clock.now)
    assert filled_spans(Period(today, today)) == []
    roll_up()
    assert parts() == [(today, (2 * 60 + 20) // 10)]


def test_however_many_parts_the_page_asks_as_often(clock: Clock, cast: Cast, staff: Client) -> None:
    def queries() -> int:
        caches["process"].clear()
        with CaptureQueriesContext(connection) as captured:
            assert staff.get("/usage/?range=today").status_code == 200
        return len(captured)

    staff.get("/usage/?range=today")
    dice, found = random.Random(3), []
    for number in (2, 6):
        for minutes in range(0, 30 * number, 30):
            at = EVENING - timedelta(minutes=minutes + 20 * number)
            add_calls([{"user": cast.owner, "at": at, "model": "flux"} | columns(dice, at)])
        roll_up(60)
        # Every other one is spoilt, so that what is left to count lies in many places.
        for call in Call.objects.order_by("created_at")[::2]:
            assert call._move(Q(), pictures=9)
        found.append((len(parts()), queries()))
    (few, once), (many, again) = found
    assert many > few > 0
    assert once == again
