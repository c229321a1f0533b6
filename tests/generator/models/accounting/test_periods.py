"""Days and months in the instance's time zone, across changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from generator.models.accounting.periods import Interval, day_of, days, local_day, month_of


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("UTC", date(2026, 3, 29), "2026-03-29T00:00", 24),
        ("Europe/Berlin", date(2026, 3, 28), "2026-03-27T23:00", 24),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00", 23),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-24T22:00", 25),
        ("America/New_York", date(2026, 11, 1), "2026-11-01T04:00", 25),
        # Clocks that jump over midnight: the day begins at one. Those that repeat it: it begins the first time.
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00", 23),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00", 25),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(settings: Any, zone: str, day: date, start: str, hours: int) -> None:
    settings.TIME_ZONE = zone
    found = days(day, day)
    assert found == Interval(utc(start), utc(start) + timedelta(hours=hours))
    assert local_day(found.start) == day
    assert local_day(found.end) == day + timedelta(days=1)
    assert local_day(found.start - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_every_moment_of_a_day_with_a_change_belongs_to_that_day(settings: Any, day: date) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    period = days(day, day)
    moment = period.start
    while moment < period.end:
        assert day_of(moment) == period
        moment += timedelta(minutes=15)
    assert day_of(period.end).start == period.end


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        ("2026-03-31T21:59", "2026-02-28T23:00", "2026-03-31T22:00"),
        ("2026-03-31T22:00", "2026-03-31T22:00", "2026-04-30T22:00"),
        ("2026-12-31T23:30", "2026-12-31T23:00", "2027-01-31T23:00"),
        ("2028-02-29T12:00", "2028-01-31T23:00", "2028-02-29T23:00"),
    ],
)
def test_a_month_begins_at_the_midnight_of_its_first_day(settings: Any, moment: str, start: str, end: str) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert month_of(utc(moment)) == Interval(utc(start), utc(end))
    assert month_of(utc(start)) == month_of(utc(moment))


def test_several_days_are_one_period(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert days(date(2026, 3, 28), date(2026, 3, 30)) == Interval(utc("2026-03-27T23:00"), utc("2026-03-30T22:00"))
