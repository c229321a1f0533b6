"""Spans of days that usage is asked for, and what each is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from generator.models.accounting.tally import monday

# Above so many days a chart counts in weeks, above so many in months.
DAILY, WEEKLY = 92, 731
GRAINS = {"day": "a day", "week": "a week, from Monday", "month": "a month"}


@dataclass(frozen=True)
class Period:
    """Days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def end(self) -> date:
        """The day after the last one."""
        return self.last + timedelta(days=1)

    @property
    def grain(self) -> str:
        """What a chart counts by: `day`, `week` or `month`."""
        return "day" if self.days <= DAILY else "week" if self.days <= WEEKLY else "month"

    @property
    def before(self) -> Period:
        """As many days, right before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def steps(self) -> list[date]:
        """The first day of each bar of a chart; of the first bar it may lie before the period."""
        found = [start_of(self.first, self.grain)]
        while (following := _after(found[-1], self.grain)) <= self.last:
            found.append(following)
        return found


def start_of(day: date, grain: str) -> date:
    """The first day of the day, week or month that this day belongs to."""
    return monday(day) if grain == "week" else day.replace(day=1) if grain == "month" else day


def _after(start: date, grain: str) -> date:
    return (
        (start + timedelta(days=32)).replace(day=1)
        if grain == "month"
        else start + timedelta(days=7 if grain == "week" else 1)
    )


def presets(today: date) -> dict[str, tuple[str, Period]]:
    """Times often asked for, by their word in addresses: what people call them, and their days."""
    month = today.replace(day=1)
    last_month = Period((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1))
    return {
        "today": ("Today", Period(today, today)),
        "7-days": ("7 days", Period(today - timedelta(days=6), today)),
        "30-days": ("30 days", Period(today - timedelta(days=29), today)),
        "month": ("This month", Period(month, today)),
        "last-month": ("Last month", last_month),
        "year": ("This year", Period(today.replace(month=1, day=1), today)),
        "12-months": ("12 months", Period(_year_ago(today) + timedelta(days=1), today)),
    }


def compared(word: str, period: Period) -> Period:
    """The period before: of calendar months and years the same days of the one before, else as many days."""
    if word == "month":
        last = period.first - timedelta(days=1)
        return Period(last.replace(day=1), last.replace(day=min(period.last.day, last.day)))
    if word == "last-month":
        return Period((period.first - timedelta(days=1)).replace(day=1), period.first - timedelta(days=1))
    if word == "year":
        return Period(_year_ago(period.first), _year_ago(period.last))
    return period.before


def _year_ago(day: date) -> date:
    return date(day.year - 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)
