"""All limits at once, with what is taken of them: for those who set them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count
from django.utils import timezone

from generator.models import Call, Limit, Meter
from generator.models.accounting.measure import Clock, Use, read, sums_of, use_of, within

What = Limit.What


@dataclass(frozen=True)
class Line:
    """One limit; of one that is for each member by themselves, the meter of `who` has come furthest."""

    limit: Limit
    meter: Meter
    who: str = ""


def overview(limits: Iterable[Limit]) -> list[Line]:
    """A line for each of these limits; four queries, whatever their number."""
    limits, clock = list(limits), Clock.at(timezone.now())
    uses, members = _uses({What(limit.what) for limit in limits}, clock), _members(limits)
    names = dict(get_user_model()._default_manager.filter(pk__in=uses).values_list("pk", "username"))
    return [_line(limit, {pk: uses[pk] for pk in _people(limit, members, uses)}, names, clock) for limit in limits]


def _line(limit: Limit, uses: dict[Any, Use], names: dict[Any, str], clock: Clock) -> Line:
    if not limit.each:
        return Line(limit, read(limit, _together(uses.values()), clock))
    meters = {pk: read(limit, use, clock) for pk, use in uses.items()}
    furthest = max(meters, key=lambda pk: meters[pk].taken, default=None)
    if furthest is None or not meters[furthest].taken:
        return Line(limit, read(limit, {}, clock))
    return Line(limit, meters[furthest], names[furthest])


def _uses(whats: set[Limit.What], clock: Clock) -> dict[Any, Use]:
    """What each person who has used anything in the running periods has used."""
    calls, found = Call.objects.order_by(), defaultdict[Any, Use](dict)
    if sums := sums_of(whats, clock):
        for row in within(calls, whats, clock).values("user").annotate(**sums):
            found[row["user"]] |= use_of(row)
    if What.IN_FLIGHT in whats:
        for row in calls.running().values("user").annotate(in_flight_used=Count("pk")):
            found[row["user"]] |= use_of(row)
    return found


def _members(limits: list[Limit]) -> defaultdict[Any, set[Any]]:
    groups = {limit.group_id for limit in limits if limit.group_id}
    rows = get_user_model()._default_manager.filter(groups__in=groups).values_list("groups", "pk")
    found = defaultdict[Any, set[Any]](set)
    for group, user in rows:
        found[group].add(user)
    return found


def _people(limit: Limit, members: dict[Any, set[Any]], uses: dict[Any, Use]) -> set[Any]:
    """Those of the people who have used anything whom the limit is for."""
    if limit.user_id:
        return uses.keys() & {limit.user_id}
    return uses.keys() & members[limit.group_id] if limit.group_id else set(uses)


def _together(uses: Iterable[Use]) -> Use:
    total = defaultdict[tuple[str, str], Decimal](Decimal)
    for use in uses:
        for key, figure in use.items():
            total[key] += figure
    return total
