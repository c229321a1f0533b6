"""Money and figures of limits as people read them."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils import timezone

from generator.models.accounting.meter import money as _money

register = template.Library()


@register.filter
def money(amount: Decimal | None) -> str:
    """`0.08 EUR`; nothing where there is no price."""
    return "" if amount is None else _money(amount)


@register.simple_tag
def zone_of_days() -> str:
    """In which time zone days and months begin."""
    return timezone.get_default_timezone_name()
