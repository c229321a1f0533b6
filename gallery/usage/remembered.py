"""What a process remembers of closed days: nothing that could have changed since.

The tallies of a filled span are the same for as long as its stamp is. So what they add up to is kept under their
stamps, and whoever finds other stamps asks the database again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.core.cache import caches

from generator.models import Span

SECONDS = 3600


def remembered(spans: Iterable[Span], asked: object, make: Callable[[], list[Any]]) -> list[Any]:
    """What `make` finds in these spans, remembered for whoever asks the same in this process."""
    stamps = ",".join(f"{span.pk}:{span.stamp.hex}:{span.zone}" for span in spans)
    if not stamps:
        return []
    key = f"usage-{hashlib.sha256(f'{stamps} {asked!r}'.encode()).hexdigest()}"
    cache = caches["process"]
    found: list[Any] | None = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, SECONDS)
    return found
