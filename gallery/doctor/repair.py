"""Puts right what is safe to: nothing here deletes what could be of use, and all of it may be repeated."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from gallery.doctor import files, months, numbers, spooled, words
from gallery.doctor.finding import counted
from gallery.doctor.worker import stuck_calls
from gallery.server import modes
from generator import store
from generator.imaging.thumbnails import ImagingError
from generator.models import Call, Image
from generator.replies.spool import Spool
from generator.worker import tasks
from generator.worker.sweep import LeaseWatch, sweep


def repair(*, deep: bool = False) -> Iterator[str]:
    """Do it, and say in a sentence each what was done."""
    yield from _close_files()
    try:
        yield from _sweep()
        yield from _tidy_spool()
        yield from _store_again()
        yield from _mend_files(deep=deep)
        yield from words.repair(deep=deep)
        yield from numbers.repair()
        yield from months.repair(deep=deep)
    except DatabaseError:
        yield "The database cannot be read: nothing more can be repaired."
    except OSError as error:
        yield f"The disk does not allow more to be repaired: {error.strerror}, {error.filename}."


def _close_files() -> Iterator[str]:
    for path in modes.narrow():
        yield f"{path} can be read by nobody else now."
    if number := modes.narrow_pictures():
        yield f"{counted(number, 'picture or folder', 'pictures and folders')} closed to other users of this machine."


def _sweep() -> Iterator[str]:
    """Free the calls of dead workers. One on another host is dead if it stays silent while we look on."""
    spool, lease_watch = Spool(Path(settings.SPOOL_ROOT)), LeaseWatch(settings.LEASE_SECONDS)
    before = Counter(kind for kind, _ in spooled.leftovers())
    moved = sweep(spool, lease_watch)
    if stuck_calls():
        time.sleep(settings.LEASE_SECONDS)
        moved += sweep(spool, lease_watch)
    if moved:
        yield f"{counted(moved, 'call')} freed from workers that are gone, or taken in late."
    tidied = before - Counter(kind for kind, _ in spooled.leftovers())
    if stale := tidied[spooled.Kind.STALE]:
        yield f"{counted(stale, 'leftover')} removed from the spool."


def _tidy_spool() -> Iterator[str]:
    spool = Spool(Path(settings.SPOOL_ROOT))
    orphans = [item.id for kind, item in spooled.leftovers() if kind == spooled.Kind.ORPHAN]
    for call_id in orphans:
        _quarantine(spool.path(call_id))
    if orphans:
        yield f"{counted(len(orphans), 'reply', 'replies')} to unknown calls moved to {_quarantine_folder()}."


def _store_again() -> Iterator[str]:
    """What was paid for and could not be stored is tried once more, by a worker as soon as one runs."""
    kept = [item.id for kind, item in spooled.leftovers() if kind in (spooled.Kind.GIVEN_UP, spooled.Kind.KEPT)]
    calls = Call.objects.select_related("generation").filter(pk__in=kept)
    if number := sum(tasks.store_again(call) for call in calls):
        yield f"{counted(number, 'kept reply', 'kept replies')} to be stored again by the worker."


def _mend_files(*, deep: bool) -> Iterator[str]:
    done: Counter[files.Kind] = Counter()
    for damage in files.damages(deep=deep):
        if _mend(damage):
            done[damage.kind] += 1
    if number := done[files.Kind.THUMB]:
        yield f"{counted(number, 'thumbnail')} made again."
    if number := done[files.Kind.ORPHAN]:
        yield f"{counted(number, 'file')} of no picture moved to {_quarantine_folder()}."
    if number := done[files.Kind.PART]:
        yield f"{counted(number, 'half-written file')} removed."


def _mend(damage: files.Damage) -> bool:
    """Whether there was something to do about it, and it was done."""
    if damage.kind == files.Kind.THUMB and damage.image:
        return _make_thumb(damage.image, damage.width)
    if damage.kind == files.Kind.ORPHAN and (path := store.local_path(damage.name)):
        _quarantine(path)
        return True
    if damage.kind == files.Kind.PART:
        store.remove_now([damage.name])
        return True
    return False


def _make_thumb(image: Image, width: int) -> bool:
    try:
        store.heal(image, [width])
    except ImagingError:
        return False  # the original is damaged, which has its own finding
    return True


def _quarantine_folder() -> Path:
    return Path(settings.DATA_DIR, "quarantine", timezone.localdate().isoformat())


def _quarantine(path: Path) -> None:
    """Move a file aside under its path in the data folder; a second one of the same name gets a number."""
    target = _quarantine_folder() / path.relative_to(settings.DATA_DIR)
    target.parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while target.exists():
        number += 1
        target = target.with_name(f"{number}-{path.name}")
    shutil.move(os.fspath(path), target)
