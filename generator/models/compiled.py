"""Questions that pages ask again and again: their SQL is made once in a process.

To make the SQL of a few counts takes Django longer than the database takes to answer them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import IntegerField, Model, QuerySet, Subquery

# They stand in the SQL for what is not known yet: a person, a row's id, a name. No row has them.
SOMEBODY = -42
SOMETHING = UUID("ffffffff-ffff-7fff-bfff-ffffffffff42")
SOME_NAME = "\ue000somebody\ue000"
_NONE: Mapping[Any, Any] = MappingProxyType({})


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

    def row(
        self, person: int, something: UUID | None = None, name: str = "", others: Mapping[Any, Any] = _NONE
    ) -> tuple[Any, ...] | None:
        """The first one, None if there is none."""
        return next(iter(self.rows(person, something, name, others)), None)

    def rows(
        self, person: int, something: UUID | None = None, name: str = "", others: Mapping[Any, Any] = _NONE
    ) -> list[tuple[Any, ...]]:
        """One query. `others` says what else stands for what."""
        sql, params, converters = self._statement
        known = {SOMEBODY: person, kept(SOMETHING): something and kept(something), SOME_NAME: name, **others}
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


Row = TypeVar("Row", bound=Model)


class CompiledObjects(Generic[Row]):
    """The same as objects of a model, each with those that it points to by `related`, as `select_related` has them.

    None of these references may be null.
    """

    def __init__(self, model: type[Row], make: Callable[[int], QuerySet[Row]], *related: str) -> None:
        self._model = model
        self._others = [(name, model._meta.get_field(name)) for name in related]
        self._names = _columns(model)
        wanted = [*self._names, *(f"{name}__{each}" for name, to in self._others for each in _columns(_target(to)))]
        self._compiled = Compiled(lambda person: make(person).values_list(*wanted))

    def first(self, person: int, something: UUID | None = None, name: str = "") -> Row | None:
        """None if there is none; one query."""
        row = self._compiled.row(person, something, name)
        return self._made(row) if row else None

    def _made(self, row: tuple[Any, ...]) -> Row:
        at = len(self._names)
        made = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[:at])
        for _, reference in self._others:
            names = _columns(_target(reference))
            other = _target(reference).from_db(DEFAULT_DB_ALIAS, names, row[at : at + len(names)])
            reference.set_cached_value(made, other)  # type: ignore[union-attr]
            at += len(names)
        return made


def _target(reference: Any) -> type[Model]:
    found: type[Model] = reference.related_model
    return found


@cache
def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def kept(value: UUID) -> Any:
    """An id as this database keeps it."""
    return value if connection.features.has_native_uuid_field else value.hex


def _converted(row: tuple[Any, ...], converters: list[tuple[int, list[Any], Any]]) -> tuple[Any, ...]:
    values = list(row)
    for place, steps, expression in converters:
        value = values[place]
        for step in steps:
            value = step(value, expression, connection)
        values[place] = value
    return tuple(values)
