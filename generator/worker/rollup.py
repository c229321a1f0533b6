"""Counting the calls of days: at once for whoever asks, and for good once a day is over."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from generator.models import Call, Span, Tally
from generator.models.accounting.figures import COUNTS, SUMS, Figures, Line
from generator.models.accounting.periods import days, local_day
from generator.models.accounting.tally import monday

Key = tuple[date, int, str, str]
Cells = dict[Key, Figures]
K = TypeVar("K")

_COLUMNS = (
    "user_id", "generation__model", "state", "error_kind", "created", "finished", "is_settled", "pictures",
    "units", "cost", "elapsed_time",
)  # fmt: skip
_FOUND: dict[str, Any] = {
    "created": Cast("created_at", TextField()),
    "finished": Cast("finished_at", TextField()),
    "is_settled": Q(settled_at__isnull=False),
}
# A day counts as over only so long after midnight: what was begun before it is committed by then.
GRACE = timedelta(hours=1)
SECONDS = 0.3
_BATCH = 500


def count(since: date, until: date, **only: Any) -> Cells:
    """What the calls of the days from `since` to before `until` add up to, by (day, member's key, model, state).

    One query over those calls; `only` are further conditions on them.
    """
    zone = timezone.get_default_timezone()
    span = days(since, until - timedelta(days=1))
    calls = Call.objects.filter(created_at__gte=span.start, created_at__lt=span.end, **only)
    rows = calls.order_by().annotate(**_FOUND).values_list(*_COLUMNS)
    cells: defaultdict[Key, Figures] = defaultdict(Figures)
    for user, model, state, kind, created, finished, *counted in rows.iterator(2000):
        made = _moment(created)
        local = made.astimezone(zone)
        ended = _moment(finished) if finished else None
        cells[local.date(), user, model, state].count(Line(kind, made, ended, *counted), local)
    return cells


def _moment(text: str) -> datetime:
    """A time as the database writes it, which is in UTC; Django's own reading takes as long as all the counting."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def closed_before(now: datetime) -> date:
    """The first day that is not over yet."""
    return local_day(now - GRACE)


def roll_up(seconds: float = SECONDS) -> int:
    """Fill closed spans that are not filled, the newest first, for about so long; the number of those filled.

    The watch calls it now and then. Nobody depends on it: what is not filled is counted when it is asked for.
    """
    until = time.monotonic() + seconds
    _reopen()
    filled = 0
    for unit, start in _unfilled():
        filled += fill(unit, start)
        if time.monotonic() > until:
            break
    return filled


def _reopen() -> None:
    """The days of another time zone were other days; and a day is not over after all if the clock was set back."""
    wrong = ~Q(zone=timezone.get_default_timezone_name()) | Q(start__gte=closed_before(timezone.now()))
    spans = Span.objects.filter(wrong, filled=True)
    # Asked first, since an update waits for whoever is writing, even if there is nothing to change.
    if spans.exists():
        spans.update(filled=False, stamp=uuid4())


def _unfilled() -> Iterator[tuple[str, date]]:
    first = Call.objects.order_by("created_at").values_list("created_at", flat=True).first()
    if first is None:
        return
    begin, end = local_day(first), closed_before(timezone.now())
    yield from _gaps(Span.Unit.DAY, begin, end, 1)
    yield from _gaps(Span.Unit.WEEK, monday(begin), monday(end), 7)


def _gaps(unit: str, begin: date, end: date, length: int) -> list[tuple[str, date]]:
    """Spans from `begin` that are over at `end` and not filled; newest first."""
    filled = Span.objects.filter(unit=unit, filled=True, start__gte=begin, start__lt=end)
    total = max((end - begin).days // length, 0)
    if filled.count() == total:
        return []
    have = set(filled.values_list("start", flat=True))
    starts = [begin + timedelta(days=length * number) for number in reversed(range(total))]
    return [(unit, start) for start in starts if start not in have]


def fill(unit: str, start: date) -> bool:
    """Count a closed span and keep the result, unless anything about its calls has changed meanwhile."""
    span, _ = Span.objects.get_or_create(
        unit=unit, start=start, defaults={"zone": timezone.get_default_timezone_name()}
    )
    seen, tallies = span.stamp, list(_tallies(span, count(span.start, span.end)))
    return _keep(span, seen, tallies)


@transaction.atomic
def _keep(span: Span, seen: UUID, tallies: list[Tally]) -> bool:
    """Whoever changes a call of the span draws a new stamp first, and holds the row until that is committed."""
    zone = timezone.get_default_timezone_name()
    if not Span.objects.filter(pk=span.pk, stamp=seen).update(filled=True, zone=zone):
        return False
    Tally.objects.filter(span=span).delete()
    Tally.objects.bulk_create(tallies, batch_size=_BATCH)
    return True


def _tallies(span: Span, cells: Cells) -> Iterator[Tally]:
    """The cells, and their sums over members, over models and over both."""
    keep: tuple[tuple[str, bool, bool], ...] = (
        (Tally.By.NOTHING, False, False), (Tally.By.USER, True, False), (Tally.By.MODEL, False, True),
        (Tally.By.BOTH, True, True),
    )  # fmt: skip
    for by, by_user, by_model in keep:
        sums = add_up(((user if by_user else None, model if by_model else "", state), each)
                      for (_, user, model, state), each in cells.items())  # fmt: skip
        for (user, model, state), each in sums.items():
            figures = {name: getattr(each, name) for name in (*SUMS, *COUNTS)}
            yield Tally(span=span, by=by, user_id=user, model=model, state=state, **figures)


def add_up(parts: Iterable[tuple[K, Figures]]) -> dict[K, Figures]:
    """One sum for each key."""
    sums: defaultdict[K, Figures] = defaultdict(Figures)
    for key, part in parts:
        sums[key].add(part)
    return sums
