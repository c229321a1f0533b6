"""Sums over the calls of a question: read off what closed days add up to, and counted where that is not there."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.core.cache import caches
from django.db.models import Aggregate, QuerySet, Sum, TextField
from django.utils import timezone

from gallery.usage.filters import UsageFilter
from gallery.usage.period import Period
from generator.models import Span, Tally
from generator.models.accounting.figures import COUNTS, SUMS, Figures
from generator.models.accounting.periods import Interval, days
from generator.models.accounting.tally import monday
from generator.worker.rollup import Cells, count, reliable, uncovered

Sums = dict[tuple[Any, ...], Figures]
Rows = list[tuple[tuple[Any, ...], dict[str, Any]]]
Counter = Callable[[tuple[Interval, ...]], Cells]
_TEXTS = {"kinds"}
_DAY = timedelta(days=1)
REMEMBERED_SECONDS = 3600


class Filled(NamedTuple):
    """The columns of a span that has been filled."""

    pk: int
    unit: str
    start: date
    number: int
    stamp: UUID
    zone: str


class Cover:
    """Which filled spans a period is made of, parts of days apart from the rest, and what no filled span covers.

    Tallies of a span that is spoilt after this has looked are still there, whole, as they were.
    """

    def __init__(self, spans: Sequence[Filled], period: Period) -> None:
        filled = {(span.unit, span.start): span for span in spans if span.unit != Span.Unit.PART}
        parts: defaultdict[date, list[Filled]] = defaultdict(list)
        for part in spans:
            if part.unit == Span.Unit.PART:
                parts[part.start].append(part)
        self.spans: list[Filled] = []
        self.parts: list[Filled] = []
        self._covers: list[Interval] = []
        day = since = period.first  # everything from `since` to before `day` is covered
        while day <= period.last:
            span = filled.get((Span.Unit.WEEK, day)) if day + 6 * _DAY <= period.last else None
            span = span or filled.get((Span.Unit.DAY, day))
            if span:
                self.spans.append(span)
                day += (7 if span.unit == Span.Unit.WEEK else 1) * _DAY
                continue
            self._cover(since, day)
            if day in parts:
                self._cover_parts(days(day, day), parts[day])
            day = since = day + _DAY
        self._cover(since, day)
        self.gaps = uncovered(days(period.first, period.last), self._covers)

    def _cover(self, since: date, until: date) -> None:
        if since < until:
            self._covers.append(days(since, until - _DAY))

    def _cover_parts(self, whole: Interval, parts: list[Filled]) -> None:
        self.parts += parts
        self._covers += [whole.part(part.number) for part in parts]


def filled_spans(period: Period) -> list[Filled]:
    """Those that may be relied on, and are not spoilt; parts of a day in the order of time."""
    spans = Span.objects.filter(reliable(timezone.now()), filled=True)
    spans = spans.filter(start__gte=monday(period.first), start__lte=period.last).order_by("number")
    return [Filled(*row) for row in spans.values_list(*Filled._fields)]


class Source:
    """Sums over the calls of a question by any of `start`, `user`, `model` and `state`.

    `start` is the first day of the span that was read: a day, or a week where `units` allow it.
    """

    def __init__(self, usage_filter: UsageFilter, spans: list[Filled], counted: Counter) -> None:
        self._usage_filter = usage_filter
        self._cover = Cover(spans, usage_filter.period)
        self._counted = counted

    def sums(self, *dimensions: str, only: Sequence[str] = SUMS) -> Sums:
        """The plain sums, or `only` some of them, added up by the database."""
        found = self._live(dimensions, sums=only)
        for key, figures in self._remembered(self._read_sums, dimensions, only):
            found.setdefault(key, Figures()).add(Figures(**figures), only, ())
        return found

    def calls(self, *dimensions: str) -> dict[tuple[Any, ...], int]:
        """Their number and nothing else, for where there are many keys."""
        found: defaultdict[tuple[Any, ...], int] = defaultdict(int)
        for key, figures in self._live_cells(dimensions):
            found[key] += figures.calls
        for key, numbers in self._remembered(self._read_sums, dimensions, ["calls"]):
            found[key] += numbers["calls"]
        return found

    def counts(self, *dimensions: str, only: Sequence[str] = COUNTS) -> Sums:
        """The distributions, or `only` some of them; the database keeps them as JSON."""
        found = self._live(dimensions, counts=only)
        for key, distributions in self._remembered(self._read_counts, dimensions, only):
            figures = found.setdefault(key, Figures())
            for name, numbers in distributions.items():
                getattr(figures, name).update(numbers)
        return found

    def _remembered(self, read: Callable[..., Rows], dimensions: Sequence[str], only: Sequence[str]) -> Rows:
        """What is read of filled spans, remembered in this process.

        Their tallies are the same for as long as their stamps are; whoever finds other stamps asks the database again.
        """
        # Apart, since a part is often filled while a year is not.
        both = (self._cover.spans, self._cover.parts)
        return [row for spans in both if spans for row in self._remembered_of(spans, read, dimensions, only)]

    def _remembered_of(
        self, spans: list[Filled], read: Callable[..., Rows], dimensions: Sequence[str], only: Sequence[str]
    ) -> Rows:
        stamps = [(span.pk, span.stamp.hex, span.zone) for span in spans]
        asked = self._usage_filter
        users = asked.users if asked.users is None else sorted(asked.users)
        place = (stamps, read.__name__, users, asked.model, asked.state, tuple(dimensions), tuple(only))
        key = f"usage-{hashlib.sha256(repr(place).encode()).hexdigest()}"
        return caches["process"].get_or_set(key, lambda: read(spans, dimensions, only), REMEMBERED_SECONDS) or []

    def _read_sums(self, spans: list[Filled], dimensions: Sequence[str], only: Sequence[str]) -> Rows:
        sums = {f"sum_{name}": Sum(name) for name in only}
        rows = self._tallies(spans, dimensions).values_list(*[_COLUMNS[name] for name in dimensions]).annotate(**sums)
        at = len(dimensions)
        # A sum of whole numbers is a decimal to PostgreSQL.
        return [
            (row[:at], {name: _TYPES[name](value) for name, value in zip(only, row[at:], strict=True)}) for row in rows
        ]

    def _read_counts(self, spans: list[Filled], dimensions: Sequence[str], only: Sequence[str]) -> Rows:
        texts = {f"all_{name}": Texts(name) for name in only}
        rows = self._tallies(spans, dimensions).values_list(*[_COLUMNS[name] for name in dimensions]).annotate(**texts)
        at = len(dimensions)
        return [
            (row[:at], {name: _added(json.loads(f"[{text}]"), name) for name, text in zip(only, row[at:], strict=True)})
            for row in rows
        ]

    @cached_property
    def times(self) -> Sums:
        """How the API's time is distributed, by model."""
        return self.counts("model", only=["elapsed"])

    def _tallies(self, spans: list[Filled], dimensions: Iterable[str]) -> QuerySet[Tally]:
        """The fewest rows that tell these apart; whom the question leaves out is left out."""
        usage_filter, asked = self._usage_filter, set(dimensions)
        by_user = "user" in asked or usage_filter.users is not None
        by_model = "model" in asked or bool(usage_filter.model)
        rows = Tally.objects.filter(span__in=[span.pk for span in spans], by=BY[by_user, by_model])
        if usage_filter.users is not None:
            rows = rows.filter(user__in=usage_filter.users)
        if usage_filter.model:
            rows = rows.filter(model=usage_filter.model)
        return (rows.filter(state=usage_filter.state) if usage_filter.state else rows).order_by()

    def _live(self, dimensions: Iterable[str], sums: Sequence[str] = (), counts: Sequence[str] = ()) -> Sums:
        found: defaultdict[tuple[Any, ...], Figures] = defaultdict(Figures)
        for key, figures in self._live_cells(dimensions):
            found[key].add(figures, sums, counts)
        return dict(found)

    def _live_cells(self, dimensions: Iterable[str]) -> Iterator[tuple[tuple[Any, ...], Figures]]:
        places = [_PLACES[name] for name in dimensions]
        return ((tuple(key[place] for place in places), figures) for key, figures in self._cells.items())

    @cached_property
    def _cells(self) -> Cells:
        return self._counted(tuple(self._cover.gaps))


class Texts(Aggregate):
    """Pieces of JSON one after the other: much faster to read in one piece than row by row."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "STRING_AGG((%(expressions)s)::text, ',')"
        return self.as_sql(compiler, connection, template=template, **more)


def _added(pieces: list[dict[str, int]], name: str) -> dict[Any, int]:
    """One distribution; keys of JSON are texts, and become what they were."""
    found: defaultdict[str, int] = defaultdict(int)
    for piece in pieces:
        for key, number in piece.items():
            found[key] += number
    return dict(found) if name in _TEXTS else {int(key): number for key, number in found.items()}


def counter(usage_filter: UsageFilter) -> Counter:
    """Counts the calls of the question that no filled span covers, those of the same time once however often asked."""
    only = {} if usage_filter.users is None else {"user__in": usage_filter.users}
    known: dict[tuple[Interval, ...], Cells] = {}

    def counted(gaps: tuple[Interval, ...]) -> Cells:
        if gaps not in known:
            # Model and state are sorted out here, lest the database prefer their index to that of time.
            cells = count(gaps, **only)
            known[gaps] = {
                key: figures
                for key, figures in cells.items()
                if key[2] == (usage_filter.model or key[2]) and key[3] == (usage_filter.state or key[3])
            }
        return known[gaps]

    return counted


_PLACES = {"start": 0, "user": 1, "model": 2, "state": 3}
_COLUMNS = {"start": "span__start", "user": "user", "model": "model", "state": "state"}
BY = {
    (False, False): Tally.By.NOTHING, (True, False): Tally.By.USER, (False, True): Tally.By.MODEL,
    (True, True): Tally.By.BOTH,
}  # fmt: skip
_TYPES: dict[str, Callable[[Any], Any]] = {name: type(getattr(Figures(), name)) for name in SUMS}
