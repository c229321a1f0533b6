"""Counting calls: at once for whoever asks, ten minutes at a time while a day lasts, and for good once it is over."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from generator.models import Call, Span, Tally
from generator.models.accounting.figures import COUNTS, SUMS, Figures, Line
from generator.models.accounting.periods import Interval, days, local_day, part_of
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
# A part of a day is filled only once it has been over, and nothing about its calls has changed, for so long. Until
# then, as many calls are counted each time somebody asks; so few are counted sooner than kept.
CALM = timedelta(minutes=2)
FEW = 500
SECONDS = 0.3
_BATCH = 500


def count(intervals: Sequence[Interval], **only: Any) -> Cells:
    """What the calls made in these intervals add up to, by (day, member's key, model, state).

    One query over those calls, none without intervals; `only` are further conditions on them.
    """
    if not intervals:
        return {}
    zone = timezone.get_default_timezone()
    calls = Call.objects.filter(_made_in(intervals), **only)
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


def _made_in(intervals: Iterable[Interval]) -> Q:
    return reduce(or_, (Q(created_at__gte=each.start, created_at__lt=each.end) for each in intervals))


def closed_before(now: datetime) -> date:
    """The first day that is not over yet."""
    return local_day(now - GRACE)


def reliable(now: datetime) -> Q:
    """Spans that may have been filled: of this time zone, days and weeks that are over, and parts of those that are
    not. A clock that was set back has made others filled too early.
    """
    closed, (day, number) = closed_before(now), part_of(now - CALM)
    is_whole = ~Q(unit=Span.Unit.PART) & Q(start__lt=closed)
    is_part = Q(unit=Span.Unit.PART, start__gte=closed) & (Q(start__lt=day) | Q(start=day, number__lt=number))
    return Q(zone=timezone.get_default_timezone_name()) & (is_whole | is_part)


def roll_up(seconds: float = SECONDS) -> int:
    """Fill closed spans that are not filled, the newest first, for about so long; the number of those filled.

    The watch calls it now and then. Nobody depends on it: what is not filled is counted when it is asked for.
    """
    until = time.monotonic() + seconds
    _reopen()
    filled = 0
    for span in chain(_unfilled_parts(), _unfilled()):
        filled += fill(*span)
        if time.monotonic() > until:
            break
    return filled


def _reopen() -> None:
    """The days of another time zone were other days; and a day is not over after all if the clock was set back."""
    spans = Span.objects.filter(~reliable(timezone.now()), filled=True)
    # Asked first, since an update waits for whoever is writing, even if there is nothing to change.
    if spans.exists():
        spans.update(filled=False, stamp=uuid4())


def _unfilled() -> Iterator[tuple[str, date, int]]:
    first = Call.objects.order_by("created_at").values_list("created_at", flat=True).first()
    if first is None:
        return
    begin, end = local_day(first), closed_before(timezone.now())
    yield from _gaps(Span.Unit.DAY, begin, end, 1)
    yield from _gaps(Span.Unit.WEEK, monday(begin), monday(end), 7)


def _gaps(unit: str, begin: date, end: date, length: int) -> list[tuple[str, date, int]]:
    """Spans from `begin` that are over at `end` and not filled; newest first."""
    filled = Span.objects.filter(unit=unit, filled=True, start__gte=begin, start__lt=end)
    total = max((end - begin).days // length, 0)
    if filled.count() == total:
        return []
    have = set(filled.values_list("start", flat=True))
    starts = [begin + timedelta(days=length * number) for number in reversed(range(total))]
    return [(unit, start, 0) for start in starts if start not in have]


def _unfilled_parts() -> Iterator[tuple[str, date, int]]:
    """Parts that are over and calm, newest first, for as long as there are more than a few calls in them."""
    while len(found := list(_made_in_parts(timezone.now()))) == FEW:
        for day, number in dict.fromkeys(map(part_of, found)):
            yield Span.Unit.PART, day, number


def _made_in_parts(now: datetime) -> QuerySet[Call, datetime]:
    """When the newest of the calls were made that could be counted for a while, and are not."""
    calm = now - CALM
    first, (day, number) = closed_before(now), part_of(calm)
    known = Span.objects.filter(Q(filled=True) | Q(changed_at__gt=calm), unit=Span.Unit.PART, start__gte=first)
    whole = Interval(days(first, first).start, days(day, day).part(number).start)
    left = uncovered(whole, [span.interval for span in known.order_by("start", "number")])
    calls = Call.objects.filter(_made_in(left)) if left else Call.objects.none()
    return calls.order_by("-created_at").values_list("created_at", flat=True)[:FEW]


def uncovered(whole: Interval, covers: Iterable[Interval]) -> list[Interval]:
    """What these covers, in the order of time, leave of the whole."""
    found, at = [], whole.start
    for cover in covers:
        if cover.start > at:
            found.append(Interval(at, min(cover.start, whole.end)))
        at = max(at, cover.end)
    return [*found, Interval(at, whole.end)] if at < whole.end else found


def fill(unit: str, start: date, number: int = 0) -> bool:
    """Count a span that is over and keep the result, unless anything about its calls has changed meanwhile."""
    span, _ = Span.objects.get_or_create(
        unit=unit, start=start, number=number, defaults={"zone": timezone.get_default_timezone_name()}
    )
    seen, tallies = span.stamp, list(_tallies(span, count([span.interval])))
    return _keep(span, seen, tallies)


@transaction.atomic
def _keep(span: Span, seen: UUID, tallies: list[Tally]) -> bool:
    """Whoever changes a call of the span draws a new stamp first, and holds the row until that is committed."""
    zone = timezone.get_default_timezone_name()
    if not Span.objects.filter(pk=span.pk, stamp=seen).update(filled=True, zone=zone):
        return False
    Tally.objects.filter(span=span).delete()
    if span.unit == Span.Unit.DAY:
        Span.objects.filter(unit=Span.Unit.PART, start=span.start).delete()
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
