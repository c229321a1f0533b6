"""A month in an address: `at=2026-03`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

from gallery.browse.orders import BY_TIME, OLDEST
from gallery.paging import Cursor
from generator.models.accounting.periods import days
from generator.models.month import first_id

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


def place(text: str, order: str) -> Cursor | None:
    """Where the pictures of a month begin in an order of time; None if no month is named, or the order is another."""
    found = _MONTH.fullmatch(text)
    if not found or order not in BY_TIME:
        return None
    first = date(int(found[1]), int(found[2]), 1)
    if order == OLDEST:
        return Cursor(UUID(int=_first_id(first).int - 1))
    return Cursor(_first_id((first + timedelta(days=31)).replace(day=1)))


def _first_id(day: date) -> UUID:
    return first_id(days(day, day).start)
