"""What a wish would take, in words, before anybody sends it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

from generator.models import Call, Price
from generator.models.accounting.meter import money
from generator.models.accounting.periods import local_day
from generator.models.accounting.reserve import expected, usual_units

# By model, a sentence for each number of pictures from 1.
Estimates = dict[str, list[str]]


def estimates(models: Iterable[str], plans: list[list[int]]) -> Estimates:
    """`2 pictures, about 0.08 EUR`, and without a price `2 pictures`. One query, and another one a minute.

    `plans` are the pictures of each call that would be made for 1, 2, … pictures.
    """
    prices = Price.objects.valid_on(local_day(timezone.now()))
    units = usual_units(Call.objects.filter(state=Call.State.SUCCEEDED)) if prices else {}
    return {
        model: [_estimate(plan, prices.get(model) or prices.get(""), units.get(model, 0.0)) for plan in plans]
        for model in models
    }


def costs(told: Iterable[str]) -> list[str]:
    """The money in each of these estimates: `about 0.08 EUR`; nothing at all without a price."""
    return [money for _, _, money in (text.partition(", ") for text in told) if money]


def _estimate(plan: list[int], price: Price | None, units_each: float) -> str:
    pictures = f"{sum(plan)} picture{'' if sum(plan) == 1 else 's'}"
    if price is None:
        return pictures
    cost = sum((expected(price, units_each, count)["cost"] for count in plan), Decimal(0))
    return f"{pictures}, about {money(cost)}"
