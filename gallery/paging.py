"""One pager for every long list: a page begins after a cursor, so that none costs more than the first one.

No list is counted, and what is new at its head does not shift the pages that somebody is turning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import QuerySet

Row = TypeVar("Row")
Other = TypeVar("Other")
# A column of the database holds no more digits.
_DIGITS = 10


@dataclass(frozen=True)
class Cursor:
    """A place in an order: the key of the row that stands there and, unless keys tell the order, what does first."""

    key: UUID
    rank: int | None = None

    def __str__(self) -> str:
        return str(self.key) if self.rank is None else f"{self.rank}_{self.key}"

    @classmethod
    def of(cls, text: str) -> Cursor | None:
        """The one in an address; anything else counts as none, so a mangled address shows the first page."""
        rank, mark, key = text.rpartition("_")
        if not (found := cursor(key)):
            return None
        if not mark:
            return cls(found)
        return cls(found, int(rank)) if rank.isascii() and rank.isdecimal() and len(rank) <= _DIGITS else None


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list. `older` is the cursor of the page after this one, None at the end of the list; `before` is
    the cursor that this one was asked for with, None if it is the first.

    Of a list that is read in both directions, `newer` is the cursor of the page before this one, None at the head.
    """

    rows: Sequence[Row]
    older: Any = None
    before: Any = None
    newer: Any = None

    @property
    def is_first(self) -> bool:
        return self.before is None and self.newer is None

    def of(self, rows: Sequence[Other]) -> Page[Other]:
        """What was made of the rows, at the same place."""
        return Page(rows, self.older, self.before, self.newer)


def page_of(
    rows: QuerySet[Any] | Sequence[Any], size: int, before: Any = None, cursor: Callable[[Any], Any] | None = None
) -> Page[Any]:
    """The first `size` of rows that are in their order and begin after `before`; one more is read, to know if there
    is. `cursor` tells a row's place in the order: its key, if nothing is said.
    """
    found = list(rows[: size + 1])
    if len(found) <= size:
        return Page(found, None, before)
    last = found[size - 1]
    return Page(found[:size], cursor(last) if cursor else last.pk, before)


def page_between(rows: Sequence[Any], size: int, before: Any, after: Any, cursor: Callable[[Any], Any]) -> Page[Any]:
    """A page of a list that is read in both directions: it begins after `before`, or else ends at `after`, and then the
    `rows` come against their order. On the other side of either something stands, or stood.
    """
    if after is None:
        page = page_of(rows, size, before, cursor)
        return Page(page.rows, page.older, before, cursor(page.rows[0]) if before and page.rows else None)
    turned = page_of(rows, size, after, cursor)
    found = turned.rows[::-1]
    return Page(found, cursor(found[-1]) if found else None, newer=turned.older)


def newest(rows: QuerySet[Any], before: Any, size: int) -> Page[Any]:
    """A page of `newest_of` them."""
    return page_of(newest_of(rows, before), size, before)


def newest_of(rows: QuerySet[Any], before: Any) -> QuerySet[Any]:
    """The newest first or, of those older than `before`, the newest. Keys sort by time, so the key is the cursor."""
    older = rows if before is None else rows.filter(pk__lt=before)
    return older.order_by("-pk")


def cursor(text: str) -> UUID | None:
    """The id in an address; anything else counts as none, so a mangled address shows the first page."""
    try:
        return UUID(text)
    except ValueError:
        return None
