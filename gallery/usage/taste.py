"""What is liked: pictures kept, rated, made a favourite, taken and thrown away, per model and per member."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from gallery.models import Favourite, Rating
from gallery.usage.filters import UsageFilter
from gallery.usage.source import Source
from gallery.usage.tables import Column, Row, Table, labels_of, people_of, sort
from generator.models import Image
from generator.models.accounting.periods import days
from generator.models.model_names import model_name

COLUMNS = (
    Column("kept", "Kept"),
    Column("trashed", "Trashed"),
    Column("ratings", "Ratings"),
    Column("stars", "Stars, mean", "mean"),
    Column("favourites", "Favourites"),
    Column("downloads", "Downloads"),
    Column("units", "Usage units"),
    Column("stars_per_1000", "Stars per 1,000 units", "mean"),
)
_KEYS = {"model": ("generation__model", "image__generation__model"), "user": ("call__user", "image__call__user")}


def taste(source: Source, usage_filter: UsageFilter) -> list[Table]:
    """Of the pictures that calls of the period brought. Trashed counts what has been removed for good since, too."""
    tables = [_table(source, usage_filter, "Model", "model")]
    return (
        [*tables, _table(source, usage_filter, "Member", "user")]
        if usage_filter.users is None or len(usage_filter.users) > 1
        else tables
    )


def _table(source: Source, usage_filter: UsageFilter, label: str, dimension: str) -> Table:
    lines = _lines(source, usage_filter, dimension)
    people = people_of(lines) if dimension == "user" else {}
    labels = labels_of(people) if people else {key: model_name(str(key)) for key in lines}
    links = {key: {"member": people[key].username} if people else {"model": str(key)} for key in lines}
    rows = [Row(labels[key], values, links[key]) for key, values in lines.items()]
    return Table("taste", label, COLUMNS, sort(rows, COLUMNS, usage_filter.sort))


def _lines(source: Source, usage_filter: UsageFilter, dimension: str) -> dict[Any, dict[str, Any]]:
    of_image, of_said = _KEYS[dimension]
    blank = {"kept": 0, "trashed": 0, "ratings": 0, "total": 0, "favourites": 0, "downloads": 0, "units": 0}
    lines: defaultdict[Any, dict[str, Any]] = defaultdict(blank.copy)
    for (key,), figures in source.sums(dimension, only=["pictures", "units"]).items():
        lines[key] |= {"units": figures.units, "trashed": figures.pictures}
    counts = {"kept": Count("pk", filter=Q(trashed_at=None)), "taken": Sum("downloads")}
    for key, number, taken in images_of(usage_filter).values_list(of_image).annotate(**counts):
        lines[key] |= {"kept": number, "downloads": taken, "trashed": max(lines[key]["trashed"] - number, 0)}
    ratings = Rating.objects.filter(_of(usage_filter, "image__")).order_by()
    for key, number, stars in ratings.values_list(of_said).annotate(number=Count("pk"), total=Sum("stars")):
        lines[key] |= {"ratings": number, "total": stars}
    favourites = Favourite.objects.filter(_of(usage_filter, "image__")).order_by()
    for key, number in favourites.values_list(of_said).annotate(number=Count("pk")):
        lines[key] |= {"favourites": number}
    for line in lines.values():
        line["stars"] = line["total"] / line["ratings"] if line["ratings"] else None
        line["stars_per_1000"] = line["total"] * 1000 / line["units"] if line["units"] else None
    return lines


def images_of(usage_filter: UsageFilter) -> QuerySet[Image]:
    return Image.objects.filter(_of(usage_filter, "")).order_by()


def _of(usage_filter: UsageFilter, prefix: str) -> Q:
    """The pictures of the calls that a question is about."""
    span = days(usage_filter.period.first, usage_filter.period.last)
    wanted: dict[str, Any] = {
        "call__created_at__gte": span.start,
        "call__created_at__lt": span.end,
    }
    if usage_filter.users is not None:
        wanted["call__user__in"] = usage_filter.users
    if usage_filter.model:
        wanted["generation__model"] = usage_filter.model
    if usage_filter.state:
        wanted["call__state"] = usage_filter.state
    return Q(**{prefix + name: value for name, value in wanted.items()})
