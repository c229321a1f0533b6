"""What is liked: pictures kept, rated, taken and thrown away, per model and per member."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from gallery.models import Rating
from gallery.usage.filters import Question
from gallery.usage.source import Source
from gallery.usage.tables import Column, Row, Table, labels_of, people_of, sort
from generator.models import Image
from generator.models.accounting.periods import days

COLUMNS = (
    Column("kept", "Kept"),
    Column("trashed", "Trashed"),
    Column("ratings", "Ratings"),
    Column("stars", "Stars, mean", "mean"),
    Column("downloads", "Downloads"),
    Column("units", "Usage units"),
    Column("stars_per_1000", "Stars per 1,000 units", "mean"),
)
_KEYS = {"model": ("generation__model", "image__generation__model"), "user": ("call__user", "image__call__user")}


def taste(source: Source, question: Question) -> list[Table]:
    """Of the pictures that calls of the period brought. Trashed counts what has been removed for good since, too."""
    tables = [_table(source, question, "Model", "model")]
    return (
        [*tables, _table(source, question, "Member", "user")]
        if question.users is None or len(question.users) > 1
        else tables
    )


def _table(source: Source, question: Question, label: str, dimension: str) -> Table:
    lines = _lines(source, question, dimension)
    people = people_of(lines) if dimension == "user" else {}
    labels = labels_of(people) if people else {key: str(key) for key in lines}
    links = {key: {"member": people[key].username} if people else {"model": str(key)} for key in lines}
    rows = [Row(labels[key], values, links[key]) for key, values in lines.items()]
    return Table("taste", label, COLUMNS, sort(rows, COLUMNS, question.sort))


def _lines(source: Source, question: Question, dimension: str) -> dict[Any, dict[str, Any]]:
    of_image, of_rating = _KEYS[dimension]
    blank = {"kept": 0, "trashed": 0, "ratings": 0, "total": 0, "downloads": 0, "units": 0}
    lines: defaultdict[Any, dict[str, Any]] = defaultdict(blank.copy)
    for (key,), figures in source.sums(dimension, only=["pictures", "units"]).items():
        lines[key] |= {"units": figures.units, "trashed": figures.pictures}
    counts = {"kept": Count("pk", filter=Q(trashed_at=None)), "taken": Sum("downloads")}
    for key, number, taken in images_of(question).values_list(of_image).annotate(**counts):
        lines[key] |= {"kept": number, "downloads": taken, "trashed": max(lines[key]["trashed"] - number, 0)}
    ratings = Rating.objects.filter(_of(question, "image__")).order_by()
    for key, number, stars in ratings.values_list(of_rating).annotate(number=Count("pk"), total=Sum("stars")):
        lines[key] |= {"ratings": number, "total": stars}
    for line in lines.values():
        line["stars"] = line["total"] / line["ratings"] if line["ratings"] else None
        line["stars_per_1000"] = line["total"] * 1000 / line["units"] if line["units"] else None
    return lines


def images_of(question: Question) -> QuerySet[Image]:
    return Image.objects.filter(_of(question, "")).order_by()


def _of(question: Question, prefix: str) -> Q:
    """The pictures of the calls that a question is about."""
    span = days(question.period.first, question.period.last)
    wanted: dict[str, Any] = {
        "call__created_at__gte": span.start,
        "call__created_at__lt": span.end,
    }
    if question.users is not None:
        wanted["call__user__in"] = question.users
    if question.model:
        wanted["generation__model"] = question.model
    if question.state:
        wanted["call__state"] = question.state
    return Q(**{prefix + name: value for name, value in wanted.items()})
