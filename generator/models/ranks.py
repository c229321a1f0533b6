"""By what pictures stand in an order beside their time, and the indexes by which each order is walked.

Whoever may see a picture comes to it on one of a few ways (see `image_queryset`). Each way has an index in each order,
so that the pages of an order begin anywhere and hold what that person may see. Pictures of which there is nothing to
compare are in no index of that: a new one costs nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, CharField, F, Func, Index, Q

NUMBERS = ("rating", "comment_count", "downloads")
KEPT = Q(trashed_at__isnull=True)
SHOWN = Q(trashed_at__isnull=True, hidden_at__isnull=True)


class Tail(Func):
    """The last 32 bits of an id, drawn at random, as eight hexadecimal digits: an order that tells nothing."""

    arity = 1
    output_field = CharField()
    # Written out, as an index of an expression is found by what it says; by bytes, whatever the database's language.
    template = "substr(%(expressions)s, 25)"

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template='(right(%(expressions)s::text, 8) COLLATE "C")', **more)


def tail(pk: UUID) -> int:
    """The same as a number."""
    return pk.int & 0xFFFF_FFFF


def written(number: int) -> str:
    """Such a number as the database has it."""
    return f"{number:08x}"


class IsCounted(Func):
    """Whether there is something to compare. The number stands in the SQL: so it does in the condition of the index.
    SQLite would take `> 0` for where to begin, and walk from there to where a page begins.
    """

    arity = 1
    output_field = BooleanField()
    template = "%(expressions)s <> 0"


def indexes() -> Iterator[Index]:
    for name in NUMBERS:
        counted = Q(IsCounted(F(name)))
        yield Index(fields=["visibility", name, "id"], name=f"image_shown_{name}", condition=SHOWN & counted)
        yield Index(fields=["user", name, "id"], name=f"image_user_{name}", condition=KEPT & counted)
        yield Index(fields=[name, "id"], name=f"image_{name}", condition=KEPT & counted)
    # Those with stars in the order of time, with how many they have.
    starred = Q(IsCounted(F("mean_stars")))
    yield Index(fields=["visibility", "-id", "mean_stars"], name="image_shown_stars", condition=SHOWN & starred)
    yield Index(fields=["user", "-id", "mean_stars"], name="image_user_stars", condition=KEPT & starred)
    yield Index(fields=["-id", "mean_stars"], name="image_stars", condition=KEPT & starred)
    order = (Tail("id"), F("id"))
    yield Index(F("visibility"), *order, name="image_shown_tail", condition=SHOWN)
    yield Index(F("user"), F("visibility"), *order, name="image_user_shown_tail", condition=SHOWN)
    yield Index(F("user"), *order, name="image_user_tail", condition=KEPT)
    yield Index(*order, name="image_tail", condition=KEPT)
