"""What a call counts for: reserved when it is made, settled when it ends; and no call that a limit has no room for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.core.cache import caches
from django.db.models import QuerySet
from django.utils import timezone

from generator.models.accounting.limit import Limit
from generator.models.accounting.measure import meters
from generator.models.accounting.meter import LimitError
from generator.models.accounting.periods import local_day
from generator.models.accounting.price import Price
from generator.models.provider import Provider

What = Limit.What
USUAL_SAMPLE, USUAL_LOOKS_BACK, USUAL_CACHE_SECONDS = 20, 500, 60
# Values by the name of the call's column.
Columns = dict[str, Any]


class LedgerLine(Protocol):
    """What is read of a call here."""

    user_id: Any
    generation: Any
    created_at: datetime
    count: int
    pictures: int
    units: int
    cost: Decimal | None


def usual_units(succeeded: QuerySet[Any]) -> dict[str, float]:
    """Usage per picture asked for of each model: the mean of its last successes. One query a minute."""
    cache = caches["process"]
    usual: dict[str, float] | None = cache.get("usual-units")
    if usual is None:
        usual = _measure(succeeded)
        cache.set("usual-units", usual, USUAL_CACHE_SECONDS)
    return usual


def _measure(succeeded: QuerySet[Any]) -> dict[str, float]:
    samples: dict[str, list[tuple[int, int]]] = defaultdict(list)
    rows = succeeded.exclude(usage=None).order_by("-pk").values_list("generation__model", "units", "count")
    for model, units, count in rows[:USUAL_LOOKS_BACK]:
        samples[model].append((units, count))
    latest = {model: found[:USUAL_SAMPLE] for model, found in samples.items()}
    return {model: sum(units for units, _ in found) / sum(n for _, n in found) for model, found in latest.items()}


def expected(price: Price | None, units_each: float, count: int) -> Columns:
    """The columns of a new call of `count` pictures, `units_each` of usage each."""
    units = round(units_each * count)
    return {"pictures": count, "units": units, "cost": price.cost(count, units) if price else None}


def settled(call: LedgerLine, pictures: int, usage: int | None, *, is_charged: bool = True) -> Columns:
    """The columns of a call that has ended, at the price of the day it was made."""
    price = Price.objects.at(call.generation.model, local_day(call.created_at))
    units = max(usage or 0, 0)  # an API that says less than nothing gives nobody more room
    cost = None if price is None else price.cost(pictures, units) if is_charged else Decimal(0)
    return {"pictures": pictures, "units": units, "cost": cost, "settled_at": timezone.now()}


def reserved_again(call: LedgerLine, succeeded: QuerySet[Any]) -> Columns:
    """The columns of a call that has ended and is taken up once more, at the price of the day it was made."""
    price = Price.objects.at(call.generation.model, local_day(call.created_at))
    units = usual_units(succeeded).get(call.generation.model, 0.0)
    return expected(price, units, call.count) | {"settled_at": None}


def not_charged(call: LedgerLine) -> Columns:
    """The columns of a call that has cost nothing, as far as there is money at all."""
    cost = None if call.cost is None else Decimal(0)
    return {"pictures": 0, "units": 0, "cost": cost, "settled_at": timezone.now()}


def make_room(calls: QuerySet[Any], new: Sequence[LedgerLine], *, is_free: bool) -> None:
    """Return if the limits of the new calls' owner leave room for them, else raise LimitError.

    To be called in the transaction that writes them. The provider's row is locked from here until it ends, so that of
    all who ask at the same time each one sums up what those before it have reserved.
    """
    user_id = new[0].user_id
    if not Limit.objects.applying_to(user_id).exists():
        return
    Provider.objects.locked()
    asked = _asked(new, is_free=is_free)
    found = meters(calls, user_id, timezone.now())
    if full := [meter for meter in found if not meter.has_room_for(asked[meter.limit.what])]:
        errors = [LimitError(meter, asked[meter.limit.what] or Decimal(0)) for meter in full]
        raise max(errors, key=_holds_longest)


def _asked(new: Sequence[LedgerLine], *, is_free: bool) -> dict[str, Decimal | None]:
    """How much of each limit these calls would take; None is nothing, for certain."""
    pictures = Decimal(sum(call.pictures for call in new))
    return {
        What.PICTURES_DAY: pictures,
        What.PICTURES_MONTH: pictures,
        What.UNITS_MONTH: Decimal(sum(call.units for call in new)),
        What.MONEY_MONTH: None if is_free else sum((call.cost or Decimal(0) for call in new), Decimal(0)),
        What.IN_FLIGHT: Decimal(len(new)),
    }


def _holds_longest(error: LimitError) -> tuple[bool, float, Decimal]:
    """Of several limits that refuse, people are told of the one they have to wait longest for, if waiting helps."""
    return (error.is_beyond, error.resets_at.timestamp() if error.resets_at else 0.0, -error.meter.left)
