"""How many calls are under way: the badge in the header of every page, and what is asked again and again."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery, Value

from generator.models import Call
from generator.models.compiled import Compiled


def running_counts(user: Any) -> dict[str, int]:
    """How many calls this person, and everybody, is waiting for; one query."""
    _, mine, everybody = _RUNNING.row(user.pk) or (1, 0, 0)
    return {"queue_mine": mine, "queue_all": everybody}


def running_columns(person: int) -> list[Subquery]:
    """The same two numbers as columns of another question; null for none."""
    counted = _running(person)
    return [Subquery(counted.values_list(name)) for name in ("queue_mine", "queue_all")]


def _running(person: int) -> QuerySet[Call, Any]:
    """One look at the calls that run: two would have the database read all that one person ever asked for."""
    one = Call.objects.all().running().order_by().values(one=Value(1))
    counted = one.annotate(queue_mine=Count("pk", filter=Q(user=person)), queue_all=Count("pk"))
    return counted.values_list("one", "queue_mine", "queue_all")


_RUNNING = Compiled(_running)
