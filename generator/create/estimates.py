"""What a wish would take, before anybody sends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from generator.models import Call, Price
from generator.models.accounting.meter import money
from generator.models.accounting.periods import local_day
from generator.models.accounting.reserve import expected, usual_units


@dataclass(frozen=True)
class Estimate:
    """What so many pictures would take; `cost` is in the currency of the instance, and None without a price."""

    pictures: int
    cost: Decimal | None = None

    def __str__(self) -> str:
        """`2 pictures, about 0.08 EUR`, and without a price `2 pictures`."""
        if self.cost is None:
            return ngettext("%(count)s picture", "%(count)s pictures", self.pictures) % {"count": self.pictures}
        told = ngettext("%(count)s picture, about %(cost)s", "%(count)s pictures, about %(cost)s", self.pictures)
        return told % {"count": self.pictures, "cost": money(self.cost)}

    @property
    def about(self) -> str:
        """The money alone: `about 0.08 EUR`; "" without a price."""
        return "" if self.cost is None else gettext("about %(cost)s") % {"cost": money(self.cost)}


# By model, one for each number of pictures from 1.
Estimates = dict[str, list[Estimate]]


def estimates(models: Iterable[str], plans: list[list[int]]) -> Estimates:
    """One query, and another one a minute. `plans` are the pictures of each call made for 1, 2, … pictures."""
    prices = Price.objects.valid_on(local_day(timezone.now()))
    units = usual_units(Call.objects.filter(state=Call.State.SUCCEEDED)) if prices else {}
    return {
        model: [_estimate(plan, prices.get(model) or prices.get(""), units.get(model, 0.0)) for plan in plans]
        for model in models
    }


def _estimate(plan: list[int], price: Price | None, units_each: float) -> Estimate:
    if price is None:
        return Estimate(sum(plan))
    return Estimate(sum(plan), sum((expected(price, units_each, count)["cost"] for count in plan), Decimal(0)))
