"""The charts of the page: which figures, in which order, under which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Any

from django.utils.formats import date_format

from gallery.usage import svg
from gallery.usage.filters import CHARTS, UsageFilter
from gallery.usage.period import GRAINS, start_of
from gallery.usage.source import Sums
from gallery.usage.tables import labels_of, people_of
from generator.models.accounting.figures import RATIO, SHORTEST
from generator.models.model_names import model_name
from generator.progress.tiles import TITLES

# So many buckets of the ledger's distributions make one column: each column's times are 1.4 times the one before.
_BUCKETS = 7
_FORMATS = {"day": "j M", "week": "j M Y", "month": "M Y"}
# So many colours can be told apart; what is less comes together as the last one.
SERIES = 6
OTHERS = "Others"
Draw = Callable[[str, Sequence[str], svg.Series, int], svg.Drawing]


@dataclass(frozen=True)
class Chart:
    """`wide` and, for phones, `tall` are its drawing, None if there is nothing to draw; `head` and `rows` its table."""

    title: str
    caption: str
    head: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]
    legend: Sequence[str]
    wide: svg.Drawing | None = None
    tall: svg.Drawing | None = None


def by_step(calls: Mapping[tuple[Any, ...], int], usage_filter: UsageFilter) -> Chart:
    """`calls` by (first day of a span, model or member)."""
    grain, steps = usage_filter.period.grain, usage_filter.period.steps()
    places = {start: place for place, start in enumerate(steps)}
    columns: dict[Any, Counter[int]] = {}
    for (start, key), number in calls.items():
        columns.setdefault(key, Counter())[places[start_of(start, grain)]] += number
    names = _names(columns, usage_filter.chart)
    labels = [date_format(start, _FORMATS[grain]) for start in steps]
    series = _series(columns, names, range(len(steps)))
    title = f"Calls by {CHARTS[usage_filter.chart].lower()}"
    caption = f"Calls, each bar {GRAINS[grain]}."
    first = {"day": "Day", "week": "Week of", "month": "Month"}[grain]
    return _chart(title, caption, labels, series, first, svg.WIDE)


def _names(columns: Mapping[Any, Any], chart: str) -> dict[Any, str]:
    if chart != "member":
        return {key: model_name(str(key)) for key in columns}
    return labels_of(people_of(columns))


def _series(
    columns: Mapping[Any, Counter[int]], names: Mapping[Any, str], places: Sequence[int]
) -> dict[str, list[int]]:
    """The leading ones by themselves, the rest together."""
    first = leading({key: counts.total() for key, counts in columns.items()})
    series: dict[str, list[int]] = {}
    for key in [*first, *(key for key in columns if key not in first)]:
        values = series.setdefault(names[key] if key in first else OTHERS, [0] * len(places))
        for at, place in enumerate(places):
            values[at] += columns[key][place]
    return series


def by_time(counts: Sums) -> Chart:
    """`counts` by model, with the distribution of the API's time."""
    columns = {model: _columns(figures.elapsed) for (model,), figures in counts.items() if figures.elapsed}
    occupied = {place for column in columns.values() for place in column}
    # Room on either side: a few answers alike are a hill, not a wall.
    places = range(max(min(occupied) - 2, 0), max(occupied) + 3) if occupied else range(0)
    series = _series(columns, {model: model_name(model) for model in columns}, places)
    labels = [f"{_edge(place)}\N{EN DASH}{_edge(place + 1)} s" for place in places]
    title = "How long the API took, by model"
    return _chart(title, "Answers by the seconds that the API says it took.", labels, series, "Seconds", svg.NARROW)


def _columns(buckets: Counter[int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for bucket, number in buckets.items():
        found[bucket // _BUCKETS] += number
    return found


def lower_edge(place: int) -> float:
    """Seconds at which a column of the distribution begins."""
    return SHORTEST * exp((place * _BUCKETS - 0.5) * log(RATIO)) if place else 0.0


def _edge(place: int) -> str:
    return f"{lower_edge(place):.2g}" if lower_edge(place) < 100 else f"{lower_edge(place):.0f}"


def by_kind(kinds: Mapping[str, int], before: Mapping[str, int]) -> Chart:
    """Failures by the word of the ledger, beside those of the period before; the most frequent first."""
    now, earlier = _titled(kinds), _titled(before)
    labels = sorted({*now, *earlier}, key=lambda label: (-now[label], -earlier[label], label))
    series = {"Now": [now[label] for label in labels], "Before": [earlier[label] for label in labels]}
    title = "Failures by kind"
    caption = "Failed calls by what went wrong, beside the period before."
    return _chart(title, caption, labels, series, "Kind", svg.NARROW, svg.rows)


def _titled(kinds: Mapping[str, int]) -> Counter[str]:
    """Two kinds may have the same words."""
    found: Counter[str] = Counter()
    for kind, number in kinds.items():
        found[TITLES.get(kind, kind)] += number
    return +found


def leading(totals: Mapping[Any, int]) -> list[Any]:
    """The keys with the largest figures, of which a chart can show so many."""
    ranked = sorted(totals, key=lambda key: (-totals[key], str(key)))
    return ranked if len(ranked) <= SERIES else ranked[: SERIES - 1]


def _chart(
    title: str,
    caption: str,
    labels: list[str],
    series: dict[str, list[int]],
    first: str,
    width: int,
    draw: Draw = svg.columns,
) -> Chart:
    head, legend = [first, *series], list(series)
    if not any(map(sum, series.values())):
        return Chart(title, caption, head, [], legend)
    lines = [(label, [values[place] for values in series.values()]) for place, label in enumerate(labels)]
    wide, tall = (draw(title, labels, series, each) for each in (width, svg.TALL))
    return Chart(title, caption, head, lines, legend, wide, tall)
