"""Whether a worker lives, and whether calls get on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from gallery.doctor.finding import Finding, Level, counted, lasting
from generator.models import Call, Event, Provider
from generator.worker.bells import Name, is_held
from generator.worker.tasks import has_disk_room

# The watch beats every thirty seconds, or every five minutes if its bell can be seen; a locked database may hold it up
# for twenty seconds.
SILENT_SECONDS, SEEN_SILENT_SECONDS = 60, 360
STANDSTILL_SECONDS = 300
LONG_WAIT_SECONDS = 1800
# A reply on disk is stored in seconds; one that waits so long cannot be.
UNSTORED_SECONDS = 600


def since_watched() -> float | None:
    """Seconds since a watch last gave a sign of life; nothing if none ever did.

    One that seems to come from the future counts by its distance: the clock was set back.
    """
    at = Provider.objects.filter(pk=1).values_list("watched_at", flat=True).first()
    return abs((timezone.now() - at).total_seconds()) if at else None


def is_watched() -> bool:
    """Whether a watch lives and does not stand still, as far as can be seen from here."""
    seconds = since_watched()
    return seconds is not None and seconds <= (SEEN_SILENT_SECONDS if is_held(Name.WATCH) else SILENT_SECONDS)


def examine() -> Iterator[Finding]:
    yield from _worker()
    yield from _oldest()
    yield from _stuck()
    yield from _unstored()
    yield from _unknown()


def _worker() -> Iterator[Finding]:
    if is_watched():
        return
    seconds = since_watched()
    yield Finding(
        Level.TROUBLE,
        "worker",
        "No worker has ever run." if seconds is None else f"The last sign of a worker is {lasting(seconds)} old.",
        "Start it: make run, or manage.py worker; its log says what stopped it.",
    )


def _oldest() -> Iterator[Finding]:
    now = timezone.now()
    oldest = Call.objects.due(now).order_by("pk").first()
    if not oldest:
        return
    waited = (now - max(oldest.created_at, oldest.not_before or oldest.created_at)).total_seconds()
    if waited > STANDSTILL_SECONDS and _stands_still():
        yield Finding(
            Level.TROUBLE,
            "queue",
            f"Nothing moves: the oldest call is due for {lasting(waited)}.",
            "Restart the worker; its log says what holds it up.",
        )
    elif waited > LONG_WAIT_SECONDS:
        yield Finding(
            Level.NOTICE,
            "queue",
            f"The oldest call is due for {lasting(waited)}.",
            "If that is usual, raise VITRINE_CONCURRENCY as far as the API allows.",
        )


def _stands_still() -> bool:
    """Calls could be sent, and nothing has happened to any for a while. A pause or a full disk has its own finding."""
    provider = Provider.objects.filter(pk=1).first()
    if (provider and provider.is_paused(settings.ONLYSQ_API_KEY)) or not has_disk_room():
        return False
    newest = Event.objects.order_by("-pk").first()
    return newest is None or newest.at < timezone.now() - timedelta(seconds=STANDSTILL_SECONDS)


def stuck_calls() -> int:
    """Calls in the hands of a worker that has not renewed its lease for long."""
    before = timezone.now() - timedelta(seconds=2 * settings.LEASE_SECONDS)
    return Call.objects.held().filter(lease_until__lt=before).count()


def _stuck() -> Iterator[Finding]:
    if number := stuck_calls():
        yield Finding(
            Level.TROUBLE,
            "queue",
            f"{counted(number, 'call')} held by a worker that has fallen silent.",
            "A running worker frees them; so does manage.py doctor --repair.",
        )


def _unstored() -> Iterator[Finding]:
    before = timezone.now() - timedelta(seconds=UNSTORED_SECONDS)
    waiting = Call.objects.filter(Q(state=Call.State.RECEIVED), received_at__lt=before)
    if number := waiting.count():
        noted = waiting.exclude(error="", error_reason="").first()
        reason = noted.error_message if noted else "No reason was noted."
        yield Finding(
            Level.TROUBLE,
            "queue",
            f"{counted(number, 'reply', 'replies')} on disk not stored yet. {reason}",
            "They are paid for and kept; they are stored as soon as a worker can write the pictures.",
        )


def _unknown() -> Iterator[Finding]:
    if number := Call.objects.filter(state=Call.State.UNKNOWN, dismissed_at=None, retry=None).count():
        yield Finding(
            Level.NOTICE,
            "queue",
            f"{counted(number, 'call')} may have been charged, and the outcome is unknown.",
            "Their owners decide whether to send again; staff finds them in the ledger under Outcome unknown.",
        )
