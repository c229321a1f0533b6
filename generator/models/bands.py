"""The four bands of a fingerprint: sixteen bits each, by which pictures that look alike are found with an index.

Two fingerprints that differ in at most seven of 64 bits have a band in which they differ in at most one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Func, IntegerField

BITS, WIDTH = 64, 16
BANDS = range(BITS // WIDTH)
_MASK = (1 << WIDTH) - 1


class Band(Func):
    """One of BANDS of a column, from the lowest. The numbers stand in the SQL itself: a database takes the index of an
    expression for what is written just as the index was.
    """

    output_field = IntegerField()

    def __init__(self, column: Any, number: int) -> None:
        super().__init__(column)
        self.number = number

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **_more: Any) -> tuple[str, Any]:
        template = f"((%(expressions)s >> {int(self.number) * WIDTH}) & {_MASK})"
        return super().as_sql(compiler, connection, template=template)


def of_band(number: int, fingerprints: Iterable[int]) -> list[int]:
    """The value of each fingerprint in this band."""
    shift = number * WIDTH
    return [fingerprint >> shift & _MASK for fingerprint in fingerprints]


def bands(fingerprint: int) -> Iterator[tuple[Band, set[int]]]:
    """Each band, with the values that differ from this fingerprint's in one bit or none."""
    for number in BANDS:
        [own] = of_band(number, [fingerprint])
        yield Band("fingerprint", number), {own, *(own ^ 1 << place for place in range(WIDTH))}


def distance(one: int, other: int) -> int:
    """The number of bits in which two fingerprints differ, 0 to 64."""
    return ((one ^ other) & (1 << BITS) - 1).bit_count()
