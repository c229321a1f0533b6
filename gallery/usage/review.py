"""Everything the page of usage shows for one question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gallery.usage import charts
from gallery.usage.charts import Chart
from gallery.usage.filters import UsageFilter
from gallery.usage.period import Period
from gallery.usage.source import Source, counter, filled_spans
from gallery.usage.tables import MAKERS, Table, money_label, written
from gallery.usage.taste import taste
from generator.models import Call, Price, Span
from generator.models.accounting.figures import COUNTS, SUMS, Figures, quantile

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LEVELS = 5


@dataclass(frozen=True)
class Total:
    """A figure beside what it was in the period before. `change` is in per cent, None if that says nothing."""

    label: str
    now: str
    before: str
    change: int | None
    note: str = ""

    @property
    def changed(self) -> str:
        """The change as people read it: with a sign, and a minus as long as the plus."""
        if self.change is None:
            return ""
        sign = "+" if self.change > 0 else "\N{MINUS SIGN}" if self.change < 0 else ""
        return f"{sign}{abs(self.change)}\N{NO-BREAK SPACE}%"


class Review:
    """Figures are read when they are asked for, and once."""

    def __init__(self, usage_filter: UsageFilter) -> None:
        self.usage_filter = usage_filter
        whole = Period(min(usage_filter.period.first, usage_filter.before.first), usage_filter.period.last)
        self._spans = filled_spans(whole)
        self._counted = counter(usage_filter)

    def _of(self, period: Period) -> Source:
        return Source(self.usage_filter.within(period), self._spans, self._counted)

    @cached_property
    def source(self) -> Source:
        return self._of(self.usage_filter.period)

    @cached_property
    def has_money(self) -> bool:
        return Price.objects.exists()

    @cached_property
    def figures(self) -> tuple[Figures, Figures]:
        """All calls of the period, and of the one before."""
        return self._figures_by_state[0], self._figures_by_state[1]

    @cached_property
    def _figures_by_state(self) -> tuple[Figures, Figures, Counter[str], Counter[str], Counter[str], Counter[str]]:
        now, states, kinds = _whole(self.source)
        before, states_before, kinds_before = _whole(self._of(self.usage_filter.before), ("elapsed", "waited", "kinds"))
        return now, before, states, states_before, kinds, kinds_before

    @property
    def states(self) -> tuple[Counter[str], Counter[str]]:
        """Calls by state, now and before."""
        return self._figures_by_state[2], self._figures_by_state[3]

    @property
    def kinds(self) -> tuple[Counter[str], Counter[str]]:
        """Failures by kind, now and before."""
        return self._figures_by_state[4], self._figures_by_state[5]

    @cached_property
    def totals(self) -> list[Total]:
        now, before, states, states_before, *_ = self._figures_by_state
        found = [
            _total("Calls", now.calls, before.calls),
            _total("Pictures", now.pictures, before.pictures, note=_reserved(now.reserved_pictures)),
            _total("Usage units", now.units, before.units, note=_reserved(now.reserved_units)),
        ]
        if self.has_money:
            note = f"and {written(now.reserved_cost, 'money')} reserved" if now.reserved_cost else ""
            found.append(_total(money_label(), now.cost, before.cost, "money", note))
        for label, state in (("Failed", Call.State.FAILED), ("Outcome unknown", Call.State.UNKNOWN)):
            found.append(_total(label, states[state], states_before[state]))
        return found

    @cached_property
    def times(self) -> list[tuple[str, Total, Total]]:
        """Quantiles of the API's own time, and of the time that members waited."""
        pairs = zip(self.quantiles, _quantiles(self.figures[1]), strict=True)
        return [
            (
                label,
                _total("API time", elapsed, elapsed_before, "seconds"),
                _total("Waited", waited, waited_before, "seconds"),
            )
            for (label, elapsed, waited), (_, elapsed_before, waited_before) in pairs
        ]

    @property
    def quantiles(self) -> list[tuple[str, float | None, float | None]]:
        """What it is, and the seconds of the API and those by the clock."""
        return _quantiles(self.figures[0])

    @cached_property
    def by_step(self) -> Chart:
        """Calls by day, week or month, stacked by model or by member."""
        period, dimension = self.usage_filter.period, "user" if self.usage_filter.chart == "member" else "model"
        source = self.source
        if period.grain != "week":
            days = [span for span in self._spans if span.unit != Span.Unit.WEEK]
            source = Source(self.usage_filter, days, self._counted)
        return charts.by_step(source.calls("start", dimension), self.usage_filter)

    @cached_property
    def by_time(self) -> Chart:
        """How the API's time is distributed, by model."""
        return charts.by_time(self.source.times)

    @cached_property
    def by_kind(self) -> Chart:
        return charts.by_kind(*self.kinds)

    @cached_property
    def week(self) -> list[tuple[str, list[tuple[int, int]]]]:
        """The heat map: for each weekday and hour a level, from 0 for nothing to the busiest, and the calls."""
        hours = self.figures[0].hours
        most = max(hours.values(), default=0)
        counts = [hours[hour] for hour in range(7 * 24)]
        cells = [(level(count, most), count) for count in counts]
        return [(day, cells[at * 24 : at * 24 + 24]) for at, day in enumerate(DAYS)]

    @cached_property
    def tables(self) -> Sequence[Table]:
        make: Callable[..., Any] | None = MAKERS.get(self.usage_filter.table)
        if make is None:
            return taste(self.source, self.usage_filter)
        return [make(self.source, self.usage_filter, money=self.has_money)]


def _whole(source: Source, counts: Sequence[str] = COUNTS) -> tuple[Figures, Counter[str], Counter[str]]:
    """All calls together, their number by state, and failures by kind."""
    whole, states, kinds = Figures(), Counter[str](), Counter[str]()
    for (state,), figures in source.sums("state").items():
        whole.add(figures, SUMS, ())
        states[state] = figures.calls
    for (state,), figures in source.counts("state", only=counts).items():
        whole.add(figures, ())
        if state == Call.State.FAILED:
            kinds = figures.kinds
    return whole, states, kinds


def _quantiles(figures: Figures) -> list[tuple[str, float | None, float | None]]:
    shares = (("Median", 0.5), ("95 % within", 0.95))
    return [(label, quantile(figures.elapsed, share), quantile(figures.waited, share)) for label, share in shares]


def _total(label: str, now: Any, before: Any, kind: str = "count", note: str = "") -> Total:
    change = round((float(now) / float(before) - 1) * 100) if now is not None and before else None
    return Total(label, written(now, kind), written(before, kind), change if abs(change or 0) < 1000 else None, note)


def _reserved(number: int) -> str:
    return f"and {written(number, 'count')} reserved" if number else ""


def level(count: int, most: int) -> int:
    return -(-count * LEVELS // most) if most else 0
