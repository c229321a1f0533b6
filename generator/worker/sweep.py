"""Putting right what dead workers left behind, and emptying the trash. Safe to run at any time, any number of times."""

from __future__ import annotations

import logging
import socket
import time
from datetime import timedelta
from uuid import UUID

import psutil
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from generator import store
from generator.models import Call, Image
from generator.models.failure_words import KEPT, PARTIAL, Failure
from generator.models.image_queryset import ImageQuerySet
from generator.replies.spool import Spool
from generator.worker.ingest import discard

log = logging.getLogger(__name__)

# A reply that brings its worker down each time is given up after this many attempts; its bytes are kept, and staff
# may have it stored again.
MAX_INGESTS = 4
GIVEN_UP = Failure(KEPT, "workers")
SILENCE = Failure("silence", "worker")
# What the time between two looks counts for at most. Of a longer one nothing was heard: while the database does not
# answer, the living cannot renew their leases either.
MOST_BETWEEN_LOOKS = 6.0
# Half a reply whose call is settled, or half a thumbnail, is of no use to anybody.
STALE_PART_SECONDS = 3600


class LeaseWatch:
    """Tells living workers from dead ones by their leases: a lease that is not renewed for a while is a dead one's.

    Measured by this process's own steady clock, so that a wall clock that is set forwards or back orphans nobody
    and keeps nobody waiting; and only while it listens.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: dict[tuple[object, ...], float] = {}
        self._looked_at = time.monotonic()
        self._listened = 0.0

    def orphaned(self) -> list[Call]:
        """The calls whose worker is dead: for certain on this host, by its silence elsewhere."""
        held = list(Call.objects.held())
        now = time.monotonic()
        self._listened += min(now - self._looked_at, MOST_BETWEEN_LOOKS)
        self._looked_at = now
        self._seen = {_claim_of(call): self._seen.get(_claim_of(call), self._listened) for call in held}
        return [call for call in held if _is_dead(call) or self._silence_of(call) >= self._seconds]

    def _silence_of(self, call: Call) -> float:
        return self._listened - self._seen[_claim_of(call)]


def _claim_of(call: Call) -> tuple[object, ...]:
    return (call.pk, call.lease, call.lease_until)


def sweep(spool: Spool, lease_watch: LeaseWatch) -> int:
    """Move every call whose worker is gone to where it belongs; the number of calls moved."""
    moved = sum(_rescue(call, spool) for call in lease_watch.orphaned())
    moved += sum(_take_in_late(left.id, spool) for left in spool.leftovers() if left.complete)
    _remove_halves(spool)
    return moved


def _remove_halves(spool: Spool) -> None:
    """Halves that look old and that nobody is at work on; after a clock's jump forwards they all look old."""
    old = [left.id for left in spool.leftovers() if left.halves and left.age_seconds > STALE_PART_SECONDS]
    running = {str(pk) for pk in Call.objects.running().filter(pk__in=old).values_list("pk", flat=True)}
    for pk in old:
        if pk not in running:
            spool.remove_halves(pk)  # not a reply that has become whole since the folder was read


def _is_dead(call: Call) -> bool:
    host, _, pid = call.worker.rpartition(":")
    return host == socket.gethostname()[:50] and pid.isdecimal() and not psutil.pid_exists(int(pid))


def _rescue(call: Call, spool: Spool) -> bool:
    """One orphaned call: finish, send again, or leave to a person, whichever is provably right."""
    if call.state == Call.State.RECEIVED:
        return _release(call)
    if spool.has(str(call.pk)):
        return call.receive(None) and call.release()
    if call.sent_at is None:
        return call.put_back(None)
    log.warning("call %s: lost, its worker %s is gone", call.pk, call.worker)
    return call.lose(SILENCE)


def _release(call: Call) -> bool:
    if call.ingests < MAX_INGESTS:
        return call.release()
    failed = call.fail(GIVEN_UP)
    if failed:
        discard(call)
    return failed


def _take_in_late(pk: str, spool: Spool) -> bool:
    """A whole reply on disk whose call was given up as unknown is taken in after all; a settled one is tidied up."""
    call = Call.objects.filter(pk=pk).first()
    if call is None:
        return False
    if call.state == Call.State.UNKNOWN and not call.is_looked_into:
        return call.receive(None) and call.release()
    if call.state == Call.State.SUCCEEDED and call.error_kind != PARTIAL:
        spool.remove(pk)
    return False


def tidy_media() -> int:
    """Remove what processes that were killed left half-done beside the pictures; the number of files.

    A file gets its own name by a rename when it is whole, so nothing that counts is called `.part`.
    """
    parts = (name for name in store.names() if name.endswith(".part"))
    stale = [name for name in parts if (store.age(name) or 0.0) > STALE_PART_SECONDS]
    store.remove_now(stale)
    return len(stale) + _remove_ended_thumbs()


def _remove_ended_thumbs() -> int:
    """Those whose access version ended just before a process was killed: addresses given out in it open them still."""
    count = 0
    for pk, current in Image.objects.filter(access_version__gt=0).values_list("pk", "access_version").iterator():
        for version in range(current):
            there = [name for name in store.thumbs_of(Image(pk=pk, access_version=version)) if store.exists(name)]
            store.remove_now(there)
            count += len(there)
    return count


def purge_trash() -> int:
    """Remove for good what has lain in the trash for `VITRINE_TRASH_DAYS`; the number of pictures."""
    before = timezone.now() - timedelta(days=settings.TRASH_DAYS)
    doomed = Image.objects.filter(trashed_at__lt=before)
    return sum(_purge(pk, doomed) for pk in list(doomed.values_list("pk", flat=True)[:500]))


def _purge(pk: UUID, doomed: ImageQuerySet) -> bool:
    """Row first, files after the commit: a rolled back deletion keeps its file.

    The row is held from the last look at it, so that nobody takes the picture out of the trash in between.
    """
    with transaction.atomic():
        image = doomed.select_for_update().filter(pk=pk).first()
        if image is None:
            return False
        store.remove(store.files_of(image))
        image.delete()
    return True
