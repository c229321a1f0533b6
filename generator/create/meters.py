"""What people are told about limits and prices: how much is left of each, and what a wish would take."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from generator.models import Call, Meter
from generator.models.accounting.measure import meters as _meters


def meters(user: Any) -> list[Meter]:
    """A meter for each limit that applies to this person, the tightest one first; at most nine queries.

    `templates/generator/_meters.html` shows them, in a page that links `css/meters.css`.
    """
    return _meters(Call.objects.all(), user.pk, timezone.now())
