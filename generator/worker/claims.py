"""Whose turn it is: the reply that is to be stored next, and the call that is to be sent next."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from generator.models import Call


def next_received() -> Call | None:
    """A reply on disk that nobody holds, taken up; the oldest first."""
    for call in Call.objects.abandoned_replies(timezone.now()).select_related("generation")[:10]:
        if call.take_up(settings.LEASE_SECONDS):
            return call
    return None


def next_queued(most: int = 1) -> list[Call]:
    """The fairest calls that are due, claimed, as long as there is room on disk for their replies."""
    if not has_disk_room():
        return []
    return Call.claim_next(
        settings.ONLYSQ_API_KEY, settings.CONCURRENCY, settings.RATE_PER_MINUTE, settings.LEASE_SECONDS, most
    )


def has_disk_room() -> bool:
    """Whether another reply would fit: what is paid for must not be lost to a full disk."""
    folder = Path(settings.SPOOL_ROOT)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free >= int(settings.MIN_FREE_MB) * 2**20
