"""Every figure of the review equals what an independent SQL query over the ledger gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils.dateparse import parse_datetime

from gallery.usage.filters import UsageFilter
from gallery.usage.period import Period
from gallery.usage.review import Review
from gallery.usage.tables import by_group, by_member, by_model
from generator.models import Call, Span
from generator.models.accounting.figures import ACCURACY
from generator.models.accounting.tally import monday
from generator.worker.rollup import fill, roll_up
from tests.conftest import Cast
from tests.gallery.usage.conftest import ZONE, add_calls, columns, local, throw

FIRST, LAST = date(2025, 10, 18), date(2025, 11, 3)
SQL = """
    SELECT COUNT(*),
           SUM(CASE WHEN c.settled_at IS NOT NULL THEN c.pictures ELSE 0 END),
           SUM(CASE WHEN c.settled_at IS NOT NULL THEN c.units ELSE 0 END),
           SUM(CASE WHEN c.settled_at IS NOT NULL THEN c.cost ELSE 0 END),
           SUM(CASE WHEN c.settled_at IS NULL THEN 1 ELSE 0 END),
           SUM(CASE WHEN c.settled_at IS NULL THEN c.pictures ELSE 0 END),
           SUM(CASE WHEN c.settled_at IS NULL THEN c.units ELSE 0 END),
           SUM(CASE WHEN c.settled_at IS NULL THEN c.cost ELSE 0 END),
           SUM(CASE WHEN c.state = 'succeeded' THEN 1 ELSE 0 END),
           SUM(CASE WHEN c.state = 'failed' THEN 1 ELSE 0 END),
           SUM(CASE WHEN c.state = 'unknown' THEN 1 ELSE 0 END)
    FROM generator_call c
    JOIN generator_generation g ON g.id = c.generation_id
    WHERE c.created_at >= %s AND c.created_at < %s
"""

LINES = """
    SELECT {} FROM generator_call c JOIN generator_generation g ON g.id = c.generation_id
    WHERE c.created_at >= %s AND c.created_at < %s
"""


def sql(select: str, usage_filter: UsageFilter, more: str = "") -> list[tuple[Any, ...]]:
    """Rows over the calls of a question; midnights reckoned here, by the letter."""
    since, until = local(f"{usage_filter.period.first} 00:00"), local(f"{usage_filter.period.last} 00:00")
    until = (until.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=ZoneInfo(ZONE))
    values: list[Any] = [since.astimezone(UTC), until.astimezone(UTC)]
    if usage_filter.users is not None:
        marks = ", ".join(["%s"] * len(usage_filter.users)) or "NULL"
        select, values = f"{select} AND c.user_id IN ({marks})", [*values, *usage_filter.users]
    for name, value in (("g.model", usage_filter.model), ("c.state", usage_filter.state)):
        if value:
            select, values = f"{select} AND {name} = %s", [*values, value]
    with connection.cursor() as cursor:
        cursor.execute(select + more, values)
        return list(cursor.fetchall())


def by_sql(usage_filter: UsageFilter) -> list[Decimal]:
    return [Decimal(str(value or 0)).quantize(Decimal("0.0001")) for value in sql(SQL, usage_filter)[0]]


def by_review(review: Review) -> list[Decimal]:
    now, _ = review.figures
    values = [
        now.calls, now.pictures, now.units, now.cost, now.reserved, now.reserved_pictures, now.reserved_units,
        now.reserved_cost, *(review.states[0][state] for state in ("succeeded", "failed", "unknown")),
    ]  # fmt: skip
    return [Decimal(value).quantize(Decimal("0.0001")) for value in values]


def ask(**more: Any) -> UsageFilter:
    period = Period(FIRST, LAST)
    return UsageFilter(**({"period": period, "before": period.before} | more))


def fill_all() -> None:
    """All days and weeks with calls in them; the rest of the year until today would take ten times as long."""
    for day in (FIRST + timedelta(days=number) for number in range(-12, 32)):
        fill(Span.Unit.DAY, day)
        if day == monday(day):
            fill(Span.Unit.WEEK, day)


@pytest.fixture(params=["nothing filled", "all filled", "some filled", "changed since", "spoilt and filled again"])
def history(request: Any, ledger: random.Random, cast: Cast, add_call: Callable[..., Call]) -> None:
    """The same figures must come out whatever has been rolled up, and whatever has happened since."""
    if request.param == "nothing filled":
        return
    fill_all()
    assert Span.objects.filter(filled=True).count() > 25
    if request.param == "some filled":
        for span in ledger.sample(list(Span.objects.all()), 12):
            Span.objects.filter(pk=span.pk).update(filled=False)
    if request.param in ("changed since", "spoilt and filled again"):
        for call in ledger.sample(list(Call.objects.all()), 20):
            _change(ledger, call)
    if request.param == "spoilt and filled again":
        for span in ledger.sample(list(Span.objects.filter(filled=False)), 5):
            assert fill(span.unit, span.start)


def _change(dice: random.Random, call: Call) -> None:
    """As every transition does it."""
    from django.db.models import Q

    assert call._move(Q(), **columns(dice, call.created_at))


def questions(cast: Cast, groups: list[Group]) -> list[UsageFilter]:
    users = [None, frozenset([cast.owner.pk]), frozenset([cast.owner.pk, cast.member.pk]), frozenset[int]()]
    wide = [
        ask(users=one, model=model, state=state)
        for one, model, state in product(users, ["", "flux", "none"], ["", "succeeded", "failed", "queued"])
    ]
    days = [
        Period(FIRST + timedelta(days=n), FIRST + timedelta(days=n + m)) for n, m in ((0, 0), (2, 6), (8, 0), (7, 9))
    ]
    return wide + [ask(period=period) for period in days]


def test_every_figure_equals_the_ledger(
    history: None, cast: Cast, groups: list[Group], subtests: pytest.Subtests
) -> None:
    """One history is enough for all that merely look: to make it takes longer than to look."""
    for look in LOOKS:
        with subtests.test(look.__name__):
            look(cast, groups)


def totals(cast: Cast, groups: list[Group]) -> None:
    asked = questions(cast, groups)
    found = [by_review(Review(usage_filter)) for usage_filter in asked]
    expected = [by_sql(usage_filter) for usage_filter in asked]
    assert found == expected
    assert any(line[4] for line in expected)


def the_period_before(_cast: Cast, _groups: list[Group]) -> None:
    review = Review(ask(period=Period(date(2025, 10, 27), LAST), before=Period(FIRST, date(2025, 10, 26))))
    before = by_sql(ask(period=Period(FIRST, date(2025, 10, 26))))
    assert [Decimal(review.figures[1].calls), review.figures[1].cost] == [before[0], before[3]]


def tables(cast: Cast, groups: list[Group]) -> None:
    usage_filter = ask()
    source = Review(usage_filter).source
    names = {user.username: user.pk for user in (cast.owner, cast.member, cast.stranger)}
    members = {row.label: frozenset([names[row.label]]) for row in by_member(source, usage_filter, money=True).rows}
    assert len(members) == 3
    teams = {group.name: frozenset(group.user_set.values_list("pk", flat=True)) for group in groups}
    teams["In no group"] = frozenset([cast.stranger.pk])
    for make, users in ((by_member, members), (by_group, teams)):
        for row in make(source, usage_filter, money=True).rows:
            assert line_of(row.values) == expected_line(ask(users=users[row.label]))
    for row in by_model(source, usage_filter, money=True).rows:
        assert line_of(row.values) == expected_line(ask(model=row.label))


def line_of(values: Any) -> list[Decimal]:
    names = ("calls", "pictures", "units", "cost", "reserved_units", "succeeded", "failed", "unknown")
    return [Decimal(values[name]).quantize(Decimal("0.0001")) for name in names]


def expected_line(usage_filter: UsageFilter) -> list[Decimal]:
    found = by_sql(usage_filter)
    return [*found[:4], found[6], *found[8:]]


def means_and_quantiles_within_the_stated_accuracy(_cast: Cast, _groups: list[Group]) -> None:
    usage_filter = ask()
    review = Review(usage_filter)
    rows = sql(LINES.format("c.elapsed_time, c.created_at, c.finished_at"), usage_filter)
    elapsed = sorted(row[0] for row in rows if row[0] is not None)
    waited = sorted((moment(row[2]) - moment(row[1])).total_seconds() for row in rows if row[2])
    now, _ = review.figures
    assert (now.elapsed_count, now.waited_count) == (len(elapsed), len(waited))
    assert now.elapsed_sum == pytest.approx(sum(elapsed))
    assert now.waited_sum == pytest.approx(sum(waited))
    for (_, api, wall), share in zip(review.quantiles, (0.5, 0.95), strict=True):
        assert api == pytest.approx(elapsed[-(-len(elapsed) * int(share * 100) // 100) - 1], rel=ACCURACY + 1e-9)
        assert wall == pytest.approx(waited[-(-len(waited) * int(share * 100) // 100) - 1], rel=ACCURACY + 1e-9)


def moment(value: Any) -> Any:
    """SQLite hands out texts."""
    found = parse_datetime(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def charts_heat_map_and_failures(_cast: Cast, _groups: list[Group]) -> None:
    usage_filter = ask()
    review = Review(usage_filter)
    found = sql(LINES.format("c.created_at, g.model, c.state, c.error_kind, c.elapsed_time"), usage_filter)
    rows = [(moment(row[0]).astimezone(ZoneInfo(ZONE)), *row[1:]) for row in found]
    assert review.figures[0].hours == Counter(at.weekday() * 24 + at.hour for at, *_ in rows)
    assert +review.kinds[0] == Counter(kind for _, _, state, kind, _ in rows if state == "failed")
    drawn = {
        (label, name): value
        for label, values in review.by_step.rows
        for name, value in zip(review.by_step.legend, values, strict=True)
    }
    counted = Counter((f"{at.day} {at:%b}", model) for at, model, *_ in rows)
    assert Counter(drawn) - Counter() == counted
    spread = {
        name: sum(column) for name, column in zip(review.by_time.legend, columns_of(review.by_time.rows), strict=True)
    }
    assert spread == Counter(model for _, model, _, _, elapsed in rows if elapsed is not None)


def columns_of(rows: Any) -> Any:
    return zip(*(values for _, values in rows), strict=True)


def charts_of_weeks_and_of_months(_cast: Cast, _groups: list[Group]) -> None:
    for first in (date(2025, 6, 4), date(2023, 1, 9)):
        review = Review(ask(period=Period(first, LAST)))
        assert sum(sum(values) for _, values in review.by_step.rows) == by_sql(review.usage_filter)[0]


LOOKS = (
    totals,
    the_period_before,
    tables,
    means_and_quantiles_within_the_stated_accuracy,
    charts_heat_map_and_failures,
    charts_of_weeks_and_of_months,
)


def test_what_was_seen_before_a_change_is_not_shown_after_it(history: None, ledger: random.Random) -> None:
    """A process remembers what it has read."""
    for _ in range(3):
        assert by_review(Review(ask())) == by_sql(ask())
        for call in ledger.sample(list(Call.objects.all()), 5):
            _change(ledger, call)
        assert by_review(Review(ask())) == by_sql(ask())
        fill_all()


def test_new_calls_are_counted_at_once(ledger: random.Random, cast: Cast, add_call: Callable[..., Call]) -> None:
    from django.utils import timezone

    while roll_up():
        pass
    today = timezone.localdate()
    add_call(cast.owner, timezone.now(), state="succeeded")
    assert Review(ask(period=Period(FIRST, today))).figures[0].calls == by_sql(ask(period=Period(FIRST, today)))[0]
    add_calls([throw(ledger, cast)])
