"""What a set of calls adds up to, and how such sums are added to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import exp, log
from typing import NamedTuple

# Times are counted in buckets, each 5 % wider than the one before, so that a quantile read off them is never more
# than ACCURACY (2.5 %) away from the true one.
RATIO = 1.05
SHORTEST = 0.01
ACCURACY = RATIO**0.5 - 1
_STEP = log(RATIO)

# What sums of calls have: plain sums, and numbers of calls by something.
SUMS = (
    "calls", "pictures", "units", "cost", "reserved", "reserved_pictures", "reserved_units", "reserved_cost",
    "elapsed_count", "elapsed_sum", "waited_count", "waited_sum",
)  # fmt: skip
COUNTS = ("elapsed", "waited", "hours", "kinds")


def bucket(seconds: float) -> int:
    """The number of the bucket that this time falls into; what is too short to tell falls into the first."""
    return max(0, round(log(seconds / SHORTEST) / _STEP)) if seconds > SHORTEST else 0


def middle(number: int) -> float:
    """Seconds, in the middle of a bucket."""
    return SHORTEST * exp(number * _STEP)


def quantile(buckets: Counter[int], share: float) -> float | None:
    """The shortest time that at least this share of all did not exceed; None if there are none."""
    rank = share * buckets.total()
    passed = 0
    for number in sorted(buckets):
        passed += buckets[number]
        if passed >= rank:
            return middle(number)
    return None


class Line(NamedTuple):
    """What is counted of one call; times as in the ledger."""

    error_kind: str
    created_at: datetime
    finished_at: datetime | None
    is_settled: bool
    pictures: int
    units: int
    cost: Decimal | None
    elapsed_time: float | None


@dataclass(slots=True)
class Figures:
    """Sums over calls. What is not settled yet counts as `reserved`, and not among pictures, units and cost.

    `elapsed` and `waited` count by bucket, `hours` by hour of the week (0 is Monday's first), `kinds` by error kind.
    """

    calls: int = 0
    pictures: int = 0
    units: int = 0
    cost: Decimal = Decimal(0)
    reserved: int = 0
    reserved_pictures: int = 0
    reserved_units: int = 0
    reserved_cost: Decimal = Decimal(0)
    elapsed_count: int = 0
    elapsed_sum: float = 0.0
    waited_count: int = 0
    waited_sum: float = 0.0
    elapsed: Counter[int] = field(default_factory=Counter)
    waited: Counter[int] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def count(self, line: Line, local: datetime) -> None:
        """Add one call, made at this local time."""
        self.calls += 1
        if line.is_settled:
            self.pictures += line.pictures
            self.units += line.units
            self.cost += line.cost or 0
        else:
            self.reserved += 1
            self.reserved_pictures += line.pictures
            self.reserved_units += line.units
            self.reserved_cost += line.cost or 0
        self.hours[local.weekday() * 24 + local.hour] += 1
        if line.error_kind:
            self.kinds[line.error_kind] += 1
        self._time(line)

    def _time(self, line: Line) -> None:
        if line.elapsed_time is not None:
            self.elapsed_count += 1
            self.elapsed_sum += line.elapsed_time
            self.elapsed[bucket(line.elapsed_time)] += 1
        if line.finished_at:
            seconds = (line.finished_at - line.created_at).total_seconds()
            self.waited_count += 1
            self.waited_sum += seconds
            self.waited[bucket(seconds)] += 1

    def add(self, other: Figures, sums: Iterable[str] = SUMS, counts: Iterable[str] = COUNTS) -> None:
        """Add the sums over other calls, or only those of these names."""
        for name in sums:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in counts:
            getattr(self, name).update(getattr(other, name))
