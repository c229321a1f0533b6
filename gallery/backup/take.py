"""Making a backup while the site runs.

A reply goes from the spool into rows and leaves: so the spool is read first, then the database, then the spool once
more for calls that the database says are open. Originals never change, and go only when the trash is emptied.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.dispatch import Signal
from django.utils import timezone

from gallery import __version__
from gallery.backup.archive import KEY, ArchiveError, Manifest, Writer, unpack
from gallery.backup.scratch import scratch
from gallery.backup.snapshot import Original, Snapshot, take
from generator import store
from generator.models import Call, Image
from generator.replies.spool import Spool, sync_folder

# A reply may be stored, and leave the spool, just while the database is read: then that is read again.
_TRIES = 3
# Sent by the step that comes next: "dump" the database, "add" a picture, "verify" the archive, "sync" its new name.
# In production nobody listens; drills stand still there and are killed (docs/drills.md).
step = Signal()


def back_up(archive: Path) -> Manifest:
    """Write a verified archive; nothing of this name is there unless it is whole.

    The manifest tells what is missing from it: pictures that were removed for good meanwhile (`gone`) and those
    that are missing or not as received (`damaged`). Raises ArchiveError and OSError.
    """
    _check_free(archive)
    with scratch(archive.parent) as folder:
        part = folder / "archive.tar"
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "wb") as sink:  # noqa: PTH123 (mode)
            manifest = _write(Writer(sink), folder)
            sink.flush()
            os.fsync(sink.fileno())
        step.send("verify")
        unpack(part)
        _check_free(archive)
        part.rename(archive)
        step.send("sync")
        sync_folder(archive.parent)
    return manifest


def _check_free(archive: Path) -> None:
    if archive.exists():
        raise ArchiveError(f"{archive} is there already: name another file.")


def _write(writer: Writer, folder: Path) -> Manifest:
    """The members; the database is laid into `folder` on its way."""
    snapshot, damaged = _take_with_replies(writer, folder)
    manifest = Manifest(
        vitrine=__version__,
        vendor=connection.vendor,
        made_at=timezone.now().isoformat(timespec="seconds"),
        migrations=snapshot.migrations,
        rows=snapshot.rows,
        damaged=damaged,
    )
    writer.add_file(snapshot.file.name, snapshot.file)
    snapshot.file.unlink()
    for original in snapshot.originals():
        step.send("add")
        _add_original(writer, original, manifest)
    if settings.SECRET_KEY_FILE.is_file():
        writer.add_file(KEY, settings.SECRET_KEY_FILE)
    writer.finish(manifest)
    return manifest


def _take_with_replies(writer: Writer, folder: Path) -> tuple[Snapshot, list[str]]:
    """A snapshot together with every reply that its calls wait to have stored; and a line for each that is lost."""
    _add_replies(writer, None)
    for _ in range(_TRIES):
        step.send("dump")
        snapshot = take(folder)
        _add_replies(writer, snapshot)
        states = snapshot.open_calls.items()
        waiting = {pk for pk, state in states if state == Call.State.RECEIVED}
        there = {Path(name).stem.replace("-", "") for name in writer.members}
        if waiting <= there:
            break
    return snapshot, [f"the reply to call {pk} is missing" for pk in sorted(waiting - there)]


def _add_replies(writer: Writer, snapshot: Snapshot | None) -> None:
    """Whole replies that are not in the archive yet; with a snapshot only those of calls that it knows as open."""
    spool = Spool(Path(settings.SPOOL_ROOT))
    for item in spool.leftovers():
        name = f"spool/{item.id}.reply"
        is_known = snapshot is None or item.id.replace("-", "") in snapshot.open_calls
        if item.complete and is_known and name not in writer.members:
            try:
                writer.add_file(name, spool.path(item.id))
            except FileNotFoundError:
                continue  # stored meanwhile; the next look at the database tells


def _add_original(writer: Writer, original: Original, manifest: Manifest) -> None:
    """Read before it is written, so that one bad sector costs one picture and not the backup."""
    try:
        with store.open_file(original.name) as file:
            data = file.read()
    except FileNotFoundError:
        if Image.objects.filter(pk=original.id).exists():
            manifest.damaged.append(f"{original.name} is missing")
        else:
            manifest.gone += 1
        return
    except OSError as error:
        manifest.damaged.append(f"{original.name} cannot be read: {error.strerror}")
        return
    checksum = writer.add(f"media/{original.name}", io.BytesIO(data), len(data))
    if checksum != original.sha256:
        manifest.damaged.append(f"{original.name} is not as received")
