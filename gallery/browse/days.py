"""Which pictures of a page begin a day, and what the day is called. A picture's id says when it came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from generator.models.accounting.periods import days, local_day

# Calendars end in 9999, ids a little later.
_LATEST = datetime(9999, 1, 1, tzinfo=timezone.get_fixed_timezone(0)).timestamp()


class Day(NamedTuple):
    """`key` as in 2026-03-14, `name` as people say it today."""

    key: str
    name: str


def headings(ids: Iterable[UUID], shown: UUID | None = None) -> dict[str, Day]:
    """By the id of the first picture of each day. None for the day of `shown`, which stands above already."""
    today, found = local_day(timezone.now()), {}
    begin = end = 0.0
    if shown:
        _, begin, end = _day_of(shown)
    for pk in ids:
        if not begin <= (pk.int >> 80) < end:
            day, begin, end = _day_of(pk)
            found[str(pk)] = Day(day.isoformat(), _name(day, today, get_language()))
    return found


def day_of(pk: UUID) -> date:
    """The date on the wall when the picture of this id came."""
    return local_day(datetime.fromtimestamp(min((pk.int >> 80) / 1000, _LATEST), timezone.get_default_timezone()))


def _day_of(pk: UUID) -> tuple[date, float, float]:
    """And from when until when it lasted, in milliseconds of time."""
    day = day_of(pk)
    return day, *_bounds(day, timezone.get_default_timezone_name())


@lru_cache(1024)
def _bounds(day: date, _zone: str) -> tuple[float, float]:
    whole = days(day, day)
    return whole.start.timestamp() * 1000, whole.end.timestamp() * 1000


@lru_cache(1024)
def _name(day: date, today: date, _language: str | None) -> str:
    if day == today:
        return gettext("Today")
    if day == today - timedelta(days=1):
        return gettext("Yesterday")
    written = date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")
    return gettext("%(weekday)s, %(date)s") % {"weekday": date_format(day, "l"), "date": written}
