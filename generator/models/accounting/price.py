"""What a call costs."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.core.validators import MinValueValidator
from django.db import models

_SMALLEST = Decimal("0.0001")
_MOST = Decimal("99999999.9999")  # what the column of a call can hold


def rounded(amount: Decimal | float) -> Decimal:
    """An amount of money as the ledger keeps it: four places, half up."""
    return Decimal(amount).quantize(_SMALLEST, ROUND_HALF_UP)


def _amount(label: str | None = None) -> models.DecimalField:  # type: ignore[type-arg]  # not subscriptable at run time
    return models.DecimalField(label, max_digits=12, decimal_places=6, default=0, validators=[MinValueValidator(0)])


class PriceQuerySet(models.QuerySet["Price"]):
    def at(self, model: str, day: date) -> Price | None:
        """What this model costs on this day: its own latest price, else the latest of every model."""
        valid = self.filter(model__in=(model, ""), valid_from__lte=day)
        return valid.order_by("-model", "-valid_from").first()

    def valid_on(self, day: date) -> dict[str, Price]:
        """The price of this day by model; that of "" is of every model without one of its own. One query."""
        valid = self.filter(valid_from__lte=day).order_by("valid_from")
        return {price.model: price for price in valid}


class Price(models.Model):
    """What a model costs from a day on, in the one currency of the instance. Without any price there is no money."""

    model = models.CharField(max_length=100, blank=True, help_text="empty: every model without a price of its own")
    valid_from = models.DateField()
    per_call = _amount()
    per_picture = _amount()
    per_unit = _amount("per usage unit")

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering = ["model", "-valid_from"]
        constraints = [models.UniqueConstraint(fields=["model", "valid_from"], name="price_once_a_day")]

    def __str__(self) -> str:
        return f"{self.model or 'every model'} from {self.valid_from}"

    @property
    def is_free(self) -> bool:
        return not (self.per_call or self.per_picture or self.per_unit)

    def cost(self, pictures: int, units: int) -> Decimal:
        """Of one call; never more than the ledger can hold, whatever the API says it has used."""
        return rounded(min(self.per_call + self.per_picture * pictures + self.per_unit * units, _MOST))
