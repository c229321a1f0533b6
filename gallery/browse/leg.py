"""Walks along an order of pictures: from where, in which direction, how far.

By time the key alone tells the order. Else a number does, the highest first, and among equals the newest: whoever goes
on from a number and a key misses nothing whose number stayed, whatever comes and goes meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import BooleanField, F, Func, UUIDField, Value
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThanOrEqual

from gallery.browse.orders import ADDED, NUMBERS, OLDEST, RANDOM
from gallery.paging import Cursor
from generator.models.compiled import SOMETHING
from generator.models.ranks import IsCounted, Tail, tail, written

if TYPE_CHECKING:
    from generator.models.image_queryset import ImageQuerySet

# They stand in SQL that is made once, for a number to go on from and one to end at.
SOME_START, SOME_END = -43, -44
_LAST_KEY = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True)
class Leg:
    """From behind `start`, or else from the one end of the order to the other. A leg of the random order may have an
    `end`: down to above this number, or up to it.
    """

    order: str
    is_down: bool
    start: Cursor | None = None
    end: int | None = None

    @property
    def shape(self) -> Leg:
        """The same for any place: the SQL differs in values alone."""
        start = self.start and Cursor(SOMETHING, SOME_START)
        return replace(self, start=start, end=None if self.end is None else SOME_END)

    @property
    def values(self) -> dict[Any, Any]:
        """What stands for what in the SQL of its shape."""
        start, end = self.start and self._written(self.start.rank), self._written(self.end)
        return {SOME_START: start, SOME_END: end}

    @property
    def columns(self) -> tuple[str, ...]:
        """What has to be read of a picture to go on from it, beside its key."""
        if self.order == ADDED:
            return ("favourite",)
        return (NUMBERS[self.order],) if self.order in NUMBERS else ()

    def of(self, images: ImageQuerySet) -> ImageQuerySet:
        """Those of `images` that stand on it, in its order; for that of favourites they have to be somebody's."""
        if self.order == ADDED:
            return self._of_favourites(images)
        rank = self._rank
        if rank is None:
            if self.start:
                images = images.filter(**{"pk__lt" if self.is_down else "pk__gt": self.start.key})
            return images.order_by("-pk" if self.is_down else "pk")
        if self.order in NUMBERS:
            images = images.filter(IsCounted(rank))
        if self.start:
            number = self._written(self.start.rank)
            images = images.filter(_Beyond(rank, number, self.start.key, is_down=self.is_down))
            if self.order == RANDOM:  # SQLite looks up what is made of a column by itself only
                images = images.filter((LessThanOrEqual if self.is_down else GreaterThanOrEqual)(rank, Value(number)))
        if self.end is not None:
            end = Value(self._written(self.end))
            images = images.filter((GreaterThan if self.is_down else LessThanOrEqual)(rank, end))
        return images.order_by(*((rank.desc(), "-pk") if self.is_down else (rank.asc(), "pk")))

    def _of_favourites(self, images: ImageQuerySet) -> ImageQuerySet:
        """By the one row that says whose favourites they are: a column by that name keeps to it."""
        images = images.annotate(favourite=F("favourites__pk"))
        if self.start:
            images = images.filter(**{f"favourite__{'lt' if self.is_down else 'gt'}": self.start.rank})
        return images.order_by("-favourite" if self.is_down else "favourite")

    @property
    def _rank(self) -> Any:
        if self.order in NUMBERS:
            return F(NUMBERS[self.order])
        return Tail("pk") if self.order == RANDOM else None

    def _written(self, rank: int | None) -> Any:
        """As the database has it; what stands for one stays."""
        return written(rank) if self.order == RANDOM and rank is not None and rank >= 0 else rank


def legs(order: str, seed: int, place: Cursor | None, *, backwards: bool) -> list[Leg]:
    """The way of an order from behind a place. The random order begins at a seed, goes on at the other end, and has
    been everywhere when it comes to the seed again.
    """
    if order != RANDOM:
        return [Leg(order, (order != OLDEST) != backwards, place)]
    here = Cursor(place.key, tail(place.key)) if place else Cursor(_LAST_KEY, seed)
    is_below = here.rank is not None and here.rank <= seed
    if is_below != backwards:
        return [Leg(RANDOM, not backwards, here), Leg(RANDOM, not backwards, None, seed)]
    return [Leg(RANDOM, not backwards, here, seed)]


class _Beyond(Func):
    """Compares two columns with two values at once, which an index of both answers."""

    output_field = BooleanField()

    def __init__(self, rank: Any, number: Any, key: UUID, *, is_down: bool) -> None:
        super().__init__(rank, F("pk"), Value(number), Value(key, output_field=UUIDField()))
        self.sign = "<" if is_down else ">"

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **_more: Any) -> tuple[str, Any]:
        parts = [compiler.compile(each) for each in self.get_source_expressions()]
        rank, key, number, its_key = (sql for sql, _ in parts)
        return f"({rank}, {key}) {self.sign} ({number}, {its_key})", [value for _, some in parts for value in some]
