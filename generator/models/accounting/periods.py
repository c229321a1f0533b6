"""Days and months as the people of this instance live them: in its time zone, also when the clocks change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

# A day that is not over is counted in parts of this length, from its first moment on.
PART = timedelta(minutes=10)


@dataclass(frozen=True)
class Interval:
    """From `start` until, and without, `end`; both in UTC, where a difference is a length of time."""

    start: datetime
    end: datetime

    def part(self, number: int) -> Interval:
        """Of a day: one of its parts, from 0. The last one may be shorter."""
        start = self.start + PART * number
        return Interval(start, min(start + PART, self.end))


def local_day(moment: datetime) -> date:
    """The date on the wall when it happened."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def days(first: date, last: date) -> Interval:
    """From the first moment of `first` to the last one of `last`; with a change of clocks not a multiple of 24 h."""
    return Interval(_midnight(first), _midnight(last + timedelta(days=1)))


def day_of(moment: datetime) -> Interval:
    today = local_day(moment)
    return days(today, today)


def part_of(moment: datetime) -> tuple[date, int]:
    """The day and the number of the part in which it happened; in the order of time."""
    day = local_day(moment)
    return day, (moment - _midnight(day)) // PART


def month_of(moment: datetime) -> Interval:
    first = local_day(moment).replace(day=1)
    return Interval(_midnight(first), _midnight((first + timedelta(days=31)).replace(day=1)))


def _midnight(day: date) -> datetime:
    """The first moment of a day: where clocks jump over midnight that is the jump, where they repeat it the first."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone()).astimezone(UTC)
