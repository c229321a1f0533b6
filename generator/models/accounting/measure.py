"""How much of each limit is taken right now, summed from the ledger: there are no counters that could be wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from generator.models.accounting.limit import Limit
from generator.models.accounting.meter import Meter
from generator.models.accounting.periods import Interval, day_of, month_of
from generator.models.accounting.price import Price, rounded
from generator.models.states import RUNNING

What = Limit.What
COLUMNS = {
    What.PICTURES_DAY: "pictures",
    What.PICTURES_MONTH: "pictures",
    What.UNITS_MONTH: "units",
    What.MONEY_MONTH: "cost",
}
SETTLED = Q(settled_at__isnull=False)
RESERVED = Q(settled_at=None)
# What each sum is of, by its name in a query.
SUMS = {
    f"{what.name.lower()}_{kind}": (what.value, kind)
    for what in What
    for kind in (["used"] if what == What.IN_FLIGHT else ["used", "reserved"])
}
# Figures by what is limited and whether they are "used" or "reserved".
Use = dict[tuple[str, str], Decimal]


@dataclass(frozen=True)
class Clock:
    """The day and the month that are running."""

    day: Interval
    month: Interval

    @classmethod
    def at(cls, now: datetime) -> Clock:
        return cls(day_of(now), month_of(now))

    def interval(self, what: str) -> Interval | None:
        if what == What.IN_FLIGHT:
            return None
        return self.day if what == What.PICTURES_DAY else self.month


def meters(calls: QuerySet[Any], user_id: Any, now: datetime) -> list[Meter]:
    """A meter for each limit that applies to this person, the one used up most first.

    `calls` are all there are. One query, and at most seven more, whatever the number of limits.
    """
    limits = list(Limit.objects.applying_to(user_id))
    if any(limit.what == What.MONEY_MONTH for limit in limits) and not Price.objects.exists():
        limits = [limit for limit in limits if limit.what != What.MONEY_MONTH]
    clock = Clock.at(now)
    own = _uses(calls.filter(user=user_id), [limit for limit in limits if limit.is_own], clock)
    every = _uses(calls, [limit for limit in limits if not (limit.is_own or limit.group_id)], clock)
    grouped = _uses_by_group(calls, [limit for limit in limits if limit.group_id and not limit.each], clock)
    found = []
    for limit in limits:
        use = own if limit.is_own else grouped.get(limit.group_id, {}) if limit.group_id else every
        found.append(read(limit, use, clock))
    return sorted(found, key=lambda meter: (-meter.share, meter.left))


def read(limit: Limit, use: Use, clock: Clock) -> Meter:
    interval = clock.interval(limit.what)
    used, reserved = (use.get((limit.what, kind), Decimal(0)) for kind in ("used", "reserved"))
    return Meter(limit, used, reserved, interval.end if interval else None)


def _uses(calls: QuerySet[Any], limits: list[Limit], clock: Clock) -> Use:
    """What these calls come to, as far as one of the limits counts it; at most two queries."""
    whats = {What(limit.what) for limit in limits}
    row: dict[str, Any] = {}
    if sums := sums_of(whats, clock):
        row |= within(calls, whats, clock).aggregate(**sums)
    if What.IN_FLIGHT in whats:
        row |= calls.filter(state__in=RUNNING).aggregate(in_flight_used=Count("pk"))
    return use_of(row)


def _uses_by_group(calls: QuerySet[Any], limits: list[Limit], clock: Clock) -> dict[int | None, Use]:
    """The same for each of the limits' groups, whose members are those of now."""
    whats = {What(limit.what) for limit in limits}
    members = calls.filter(user__groups__in={limit.group_id for limit in limits}).order_by()
    rows: list[dict[str, Any]] = []
    if sums := sums_of(whats, clock):
        rows += within(members, whats, clock).values("user__groups").annotate(**sums)
    if What.IN_FLIGHT in whats:
        rows += members.filter(state__in=RUNNING).values("user__groups").annotate(in_flight_used=Count("pk"))
    found: dict[int | None, Use] = {}
    for row in rows:
        found.setdefault(row["user__groups"], {}).update(use_of(row))
    return found


def within(calls: QuerySet[Any], whats: set[Limit.What], clock: Clock) -> QuerySet[Any]:
    """The calls of the month, or of the day if only that counts."""
    interval = clock.day if whats <= {What.PICTURES_DAY, What.IN_FLIGHT} else clock.month
    return calls.filter(created_at__gte=interval.start, created_at__lt=interval.end)


def sums_of(whats: Iterable[Limit.What], clock: Clock) -> dict[str, Sum]:
    """Two sums for each of what is limited by day or month."""
    found = {}
    for what in set(whats) & COLUMNS.keys():
        of_day = Q(created_at__gte=clock.day.start, created_at__lt=clock.day.end)
        narrowed = of_day if what == What.PICTURES_DAY else Q()
        for kind, state in (("used", SETTLED), ("reserved", RESERVED)):
            found[f"{what.name.lower()}_{kind}"] = Sum(COLUMNS[what], filter=narrowed & state)
    return found


def use_of(row: dict[str, Any]) -> Use:
    """The sums of one row by what they are of. SQLite adds money up in floats, so it is rounded."""
    return {key: rounded(row[name] or 0) for name, key in SUMS.items() if name in row}
