"""Questions that pages ask again and again: their SQL is made once in a process.

To make the SQL of a few counts takes Django longer than the database takes to answer them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import IntegerField, QuerySet, Subquery

# They stand in the SQL for what is not known yet: a person, a row's id, a name. No row has them.
SOMEBODY = -42
SOMETHING = UUID("ffffffff-ffff-7fff-bfff-ffffffffff42")
SOME_NAME = "\ue000somebody\ue000"


class CountOf(Subquery):
    """How many rows a queryset has, as a column of another one; a slice of it is a limit of counting."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


class Compiled:
    """The rows of a queryset about one person, as tuples.

    `make` is called once, with a key that stands for the person's, and returns a queryset of values. It must not
    depend on anything else that changes, such as the time of day: what it was at first, it stays. It may hold
    `SOMETHING` and `SOME_NAME` in place of an id and a name, which are told with each question.
    """

    def __init__(self, make: Callable[[int], QuerySet[Any, Any]]) -> None:
        self._make = make

    def row(self, person: int, something: UUID | None = None, name: str = "") -> tuple[Any, ...] | None:
        """The first one, None if there is none."""
        return next(iter(self.rows(person, something, name)), None)

    def rows(self, person: int, something: UUID | None = None, name: str = "") -> list[tuple[Any, ...]]:
        """One query."""
        sql, params, converters = self._statement
        known = {SOMEBODY: person, _kept(SOMETHING): something and _kept(something), SOME_NAME: name}
        with connection.cursor() as cursor:
            cursor.execute(sql, [known.get(value, value) for value in params])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return [_converted(row, converters) for row in found] if converters else found

    @cached_property
    def _statement(self) -> tuple[str, tuple[Any, ...], list[tuple[int, list[Any], Any]]]:
        """The SQL, its parameters, and what makes Python's values of the database's, by column."""
        compiler = self._make(SOMEBODY).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        columns = [column for column, _, _ in compiler.select]
        converters = compiler.get_converters(columns)
        return sql, tuple(params), [(place, *found) for place, found in converters.items()]


def _kept(value: UUID) -> Any:
    """As this database keeps ids."""
    return value if connection.features.has_native_uuid_field else value.hex


def _converted(row: tuple[Any, ...], converters: list[tuple[int, list[Any], Any]]) -> tuple[Any, ...]:
    values = list(row)
    for place, steps, expression in converters:
        value = values[place]
        for step in steps:
            value = step(value, expression, connection)
        values[place] = value
    return tuple(values)
