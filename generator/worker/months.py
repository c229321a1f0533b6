"""Counting pictures by month: all that are there, once; and putting together what has come since.

Whoever counts a month writes its row and its counts in one transaction. From then on triggers keep them true; pictures
of months without a row are counted by nobody. So it may be stopped anywhere and called again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet

from generator.models import Image
from generator.models.month import Month, MonthCount
from generator.worker.points import looked

# Rows are put together once there are so many; so many at a time, and for about so long.
FEW, CHUNK, SECONDS = 200, 900, 0.3
_KIND = ("owner", "visibility", "is_hidden")
_PICTURES = """
    WITH kinds AS (
        SELECT user_id AS owner, visibility, hidden_at IS NOT NULL AS is_hidden, count(*) AS number
        FROM generator_month AS month JOIN generator_image AS image ON image.id >= first_id AND image.id < end_id
        WHERE month.number = %s AND trashed_at IS NULL GROUP BY 1, 2, 3
    )
    SELECT owner, visibility, is_hidden, number FROM kinds
    UNION ALL SELECT 0, visibility, is_hidden, sum(number) FROM kinds GROUP BY 1, 2, 3
"""
_COUNT = f"""
    INSERT INTO generator_monthcount (month, owner, visibility, is_hidden, number, is_folded)
    SELECT %s, owner, visibility, is_hidden, number, TRUE FROM ({_PICTURES}) AS counted
"""  # noqa: S608 - our own words # nosec B608
# One statement, which sees pictures and counts as they are at one moment.
_DIFFER = f"""
    SELECT 1 FROM (
        SELECT owner, visibility, is_hidden, number FROM ({_PICTURES}) AS counted
        UNION ALL SELECT owner, visibility, is_hidden, -number FROM generator_monthcount WHERE month = %s
    ) AS both_of_them GROUP BY owner, visibility, is_hidden HAVING sum(number) <> 0 LIMIT 1
"""  # noqa: S608 - as above # nosec B608


def restore() -> int:
    """Count the months that are not counted, or were in another time zone: how many."""
    kept, wanted = set(_bounds()), _wanted()
    if kept - wanted.keys():
        forget()
        kept = set()
    missing = [month for bounds, month in wanted.items() if bounds not in kept]
    for months in _batches(missing):
        count(months)
    return len(missing)


def is_complete() -> bool:
    """Whether all months of this time zone, and no others, are counted."""
    return _wanted().keys() == set(_bounds())


def _wanted() -> dict[Any, Month]:
    return {(month.number, month.first_id, month.end_id): month for month in Month.all_there_are()}


def _bounds() -> QuerySet[Month, Any]:
    return Month.objects.order_by().values_list("number", "first_id", "end_id")


@transaction.atomic
def forget() -> None:
    """All counts, to be made anew."""
    Month.objects.all().delete()
    MonthCount.objects.all().delete()


def _batches(months: list[Month]) -> Iterator[list[Month]]:
    """One month at a time where there may be pictures, all at once where there are none."""
    ids: QuerySet[Image, Any] = Image.objects.order_by("pk").values_list("pk", flat=True)
    first, last = ids.first(), ids.last()
    empty = [month for month in months if not (first and last) or month.end_id <= first or month.first_id > last]
    if empty:
        yield empty
    yield from ([month] for month in months if month not in empty)


@transaction.atomic
def count(months: list[Month]) -> None:
    """The pictures of these months, whatever was known of them before."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # else nobody counts what others are writing
            cursor.execute("LOCK TABLE generator_image IN SHARE MODE")
        numbers = [month.number for month in months]
        Month.objects.filter(number__in=numbers).delete()
        MonthCount.objects.filter(month__in=numbers).delete()
        Month.objects.bulk_create(months)
        for number in numbers:
            cursor.execute(_COUNT, [number, number])


def wrong() -> list[Month]:
    """Months whose counts are not what their pictures add up to. Reads every picture's row."""
    return [month for month in Month.objects.all() if _is_wrong(month)]


def _is_wrong(month: Month) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_DIFFER, [month.number, month.number])
        return cursor.fetchone() is not None


def fold(seconds: float = SECONDS) -> int:
    """Put together rows of one kind, for about so long: how many."""
    until = time.monotonic() + seconds
    folded = 0
    while more := _fold_some():
        folded += more
        if time.monotonic() > until:
            break
    return folded


def _fold_some() -> int:
    waiting = MonthCount.objects.filter(is_folded=False).order_by()
    month = waiting.values_list("month", flat=True).first()
    return _fold(month) if month else 0


@transaction.atomic
def _fold(month: int) -> int:
    # One at a time, so that there is one folded row of a kind.
    if not Month.objects.select_for_update(no_key=True).filter(number=month):
        return 0
    rows = MonthCount.objects.filter(month=month, is_folded=False).values_list("pk", *_KIND, "number")
    keys = []
    sums: Counter[tuple[Any, ...]] = Counter()
    for pk, *kind, number in rows[:CHUNK]:
        keys.append(pk)
        sums[tuple(kind)] += number
    _add(month, sums.items())
    MonthCount.objects.filter(pk__in=keys).delete()
    return len(keys)


def _add(month: int, sums: Iterable[tuple[tuple[Any, ...], int]]) -> None:
    for kind, number in sums:
        of_kind = {"month": month, "is_folded": True, **dict(zip(_KIND, kind, strict=True))}
        if not MonthCount.objects.filter(**of_kind).update(number=F("number") + number):
            MonthCount.objects.create(**of_kind, number=number)


def _look(**_more: Any) -> None:
    if MonthCount.objects.filter(is_folded=False)[:FEW].count() == FEW:
        fold()


looked.connect(_look, dispatch_uid="months")
