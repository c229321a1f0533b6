"""Sortable tables of usage: a line for each model, member or group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma

from gallery.models import User
from gallery.usage.filters import NOBODYS, UsageFilter
from gallery.usage.source import Source, Sums
from generator.models import Call
from generator.models.accounting.figures import SUMS, Figures, quantile
from generator.models.model_names import model_name
from generator.templatetags.picture import seconds

State = Call.State
NO_GROUP = "In no group"


@dataclass(frozen=True)
class Column:
    """`kind` says how its values are written: `count`, `seconds`, `money` or `mean`."""

    name: str
    label: str
    kind: str = "count"


@dataclass(frozen=True)
class Row:
    """`link` is what a question says about these calls alone, to be added to an address."""

    label: str
    values: Mapping[str, Any]
    link: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    name: str
    label: str
    columns: Sequence[Column]
    rows: Sequence[Row]

    def shown(self) -> list[tuple[Row, list[str]]]:
        return [(row, [written(row.values[column.name], column.kind) for column in self.columns]) for row in self.rows]

    def plain(self, heads: Iterable[str]) -> Iterable[dict[str, Any]]:
        """The lines as files hold them; of `heads`, what the lines are about, one is this table's."""
        for row in self.rows:
            about = {head: row.label if head == self.label.lower() else "" for head in heads}
            yield about | {column.name: row.values[column.name] for column in self.columns}


def written(value: Any, kind: str) -> str:
    """A figure as people read it."""
    if value is None:
        return "\N{EN DASH}"
    if kind == "seconds":
        return seconds(value)
    if kind == "mean":
        return f"{value:.2f}"
    if kind == "money":
        return f"{Decimal(value):,.2f}"
    return str(intcomma(value))


COLUMNS = (
    Column("calls", "Calls"),
    Column("succeeded", "Done"),
    Column("failed", "Failed"),
    Column("unknown", "Unknown"),
    Column("other", "Other"),
    Column("pictures", "Pictures"),
    Column("units", "Usage units"),
    Column("reserved_units", "Units reserved"),
)
MEANS = (Column("elapsed", "API time, mean", "seconds"), Column("waited", "Waited, mean", "seconds"))
QUANTILES = (Column("median", "API time, median", "seconds"), Column("p95", "95 % within", "seconds"))


def by_model(source: Source, usage_filter: UsageFilter, *, money: bool) -> Table:
    """With the distribution of the API's time, which is kept for each model."""
    spreads = source.times
    rows = []
    for model, values in _pivot(source.sums("model", "state")).items():
        elapsed = spreads[model,].elapsed
        values |= {"median": quantile(elapsed, 0.5), "p95": quantile(elapsed, 0.95)}
        rows.append(Row(model_name(model), values, {"model": model}))
    columns = (*_columns(money=money), *QUANTILES)
    return Table("models", "Model", columns, sort(rows, columns, usage_filter.sort))


def by_member(source: Source, usage_filter: UsageFilter, *, money: bool) -> Table:
    sums = _pivot(source.sums("user", "state"))
    people = people_of(sums)
    labels = labels_of(people)
    rows = [Row(labels[pk], values, {"member": people[pk].username}) for pk, values in sums.items()]
    columns = _columns(money=money)
    return Table("members", "Member", columns, sort(rows, columns, usage_filter.sort))


def by_group(source: Source, usage_filter: UsageFilter, *, money: bool) -> Table:
    """By who is in a group now. Whoever is in several counts in each of them, or in the one that is asked for."""
    wanted = usage_filter.said.get("group", "")
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for pk, name in User.groups.through.objects.values_list("user_id", "group__name"):
        groups[pk].append(name)
    sums: Sums = {}
    for (pk, state), figures in source.sums("user", "state").items():
        for name in [wanted] if wanted and wanted != NOBODYS else groups.get(pk) or [NO_GROUP]:
            sums.setdefault((name, state), Figures()).add(figures, SUMS, ())
    rows = [
        Row(name, values, {"group": name if name != NO_GROUP else NOBODYS}) for name, values in _pivot(sums).items()
    ]
    columns = _columns(money=money)
    return Table("groups", "Group", columns, sort(rows, columns, usage_filter.sort))


MAKERS: dict[str, Callable[..., Table]] = {"models": by_model, "members": by_member, "groups": by_group}


def people_of(keys: Iterable[Any]) -> dict[Any, User]:
    return User.objects.only("username", "first_name", "last_name", "left_at").in_bulk(list(keys))


def labels_of(people: Mapping[Any, User]) -> dict[Any, str]:
    """What each is called, with the username where two are called the same; whoever has left is no longer named."""
    often = Counter(str(person) for person in people.values())
    return {
        pk: f"{person} ({person.username})" if often[str(person)] > 1 and not person.left_at else str(person)
        for pk, person in people.items()
    }


def money_label() -> str:
    return f"Money, {settings.CURRENCY}" if settings.CURRENCY else "Money"


def _columns(*, money: bool) -> tuple[Column, ...]:
    return (*COLUMNS, *([Column("cost", money_label(), "money")] if money else []), *MEANS)


def _pivot(sums: Sums) -> dict[Any, dict[str, Any]]:
    """Figures by (key, state) as one line for each key."""
    totals: defaultdict[Any, Figures] = defaultdict(Figures)
    states: defaultdict[Any, dict[str, int]] = defaultdict(dict)
    for (key, state), figures in sums.items():
        totals[key].add(figures, SUMS, ())
        states[key][state] = figures.calls
    return {key: _line(total, states[key]) for key, total in totals.items()}


def _line(total: Figures, states: Mapping[str, int]) -> dict[str, Any]:
    ended = {name: states.get(name, 0) for name in (State.SUCCEEDED.value, State.FAILED.value, State.UNKNOWN.value)}
    return {
        "calls": total.calls, **ended, "other": total.calls - sum(ended.values()), "pictures": total.pictures,
        "units": total.units, "reserved_units": total.reserved_units, "cost": total.cost,
        "elapsed": mean(total.elapsed_sum, total.elapsed_count), "waited": mean(total.waited_sum, total.waited_count),
    }  # fmt: skip


def mean(total: float, number: int) -> float | None:
    return total / number if number else None


def sort(rows: list[Row], columns: Sequence[Column], wish: str) -> list[Row]:
    """As wished, such as `-calls` or `name`; by the first column, largest first, if that is no column here."""
    name = wish.lstrip("-")
    rows = sorted(rows, key=lambda row: row.label.casefold())
    if name == "name":
        return rows[::-1] if wish.startswith("-") else rows
    if name not in {column.name for column in columns}:
        name, wish = columns[0].name, "-"
    known = [row for row in rows if row.values[name] is not None]
    known.sort(key=lambda row: row.values[name], reverse=wish.startswith("-"))
    return known + [row for row in rows if row.values[name] is None]
