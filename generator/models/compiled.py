"""Questions that every page asks: their SQL is made once in a process.

To make the SQL of a few counts takes Django longer than the database takes to answer them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import IntegerField, QuerySet, Subquery
from django.db.models.expressions import RawSQL

# Stands for the person in the SQL until one is known; no row has this key.
SOMEBODY = -42


class CountOf(Subquery):
    """How many rows a queryset has, as a column of another one; a slice of it is a limit of counting."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


class Compiled:
    """The first row of a queryset about one person.

    `make` is called once, with a key that stands for the person's, and returns a queryset of values. It must not
    depend on anything else that changes, such as the time of day: what it was at first, it stays.
    """

    def __init__(self, make: Callable[[int], QuerySet[Any, Any]]) -> None:
        self._make = make

    def row(self, person: int) -> tuple[Any, ...] | None:
        """Values as the database has them, None if there is no row. One query."""
        sql, params = self._statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [person if value == SOMEBODY else value for value in params])
            found: tuple[Any, ...] | None = cursor.fetchone()
        return found

    @cached_property
    def _statement(self) -> tuple[str, tuple[Any, ...]]:
        sql, params = self._make(SOMEBODY).query.sql_with_params()
        return sql, tuple(params)


class CompiledKeys:
    """The keys of a queryset, to be looked into by another one: `filter(pk__in=keys.of({SOMEBODY: 3}))`.

    It is made with values that stand for others and are equal to nothing else in it; they are replaced each time.
    """

    def __init__(self, keys: QuerySet[Any, Any]) -> None:
        self._sql, self._params = keys.query.sql_with_params()

    def of(self, values: dict[Any, Any]) -> RawSQL:
        """With these values, as the database takes them, in the place of those that stand for them."""
        return RawSQL(self._sql, [values.get(param, param) for param in self._params])  # noqa: S611 # SQL of Django's
