"""From an archive to an installation, in two steps that may be interrupted anywhere.

`.restoring` in the data folder is being unpacked and worth nothing; it is thrown away at the next try. `.restored`
is whole and verified, and only has to be put in its place, which the next try finishes. Both lie in the data folder
itself, as that may be a volume, which cannot be renamed.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_q.models import OrmQ

from gallery.backup import snapshot
from gallery.backup.archive import DATABASES, KEY, MANIFEST, ArchiveError, Manifest, unpack
from gallery.models import Mail
from generator import store
from generator.models import Call, Image
from generator.models.failure_words import Failure
from generator.replies.spool import Spool

UNPACKING, UNPACKED = ".restoring", ".restored"
# What a fresh volume may hold.
_HARMLESS = {"lost+found", UNPACKING}
MAY_BE_CHARGED = Failure("silence", "restored")


def restore(archive: Path) -> bool:
    """Fill the empty data folder and the empty database; whether it finished an earlier, interrupted restore.

    Call `finish` when the tables have been brought up to date. Raises ArchiveError and OSError.
    """
    ready = Path(settings.DATA_DIR) / UNPACKED
    is_continued = ready.is_dir()
    if not is_continued:
        _check_empty_folder()
        _check_empty_database()
        _unpack(archive)
    _put_in_place(ready)
    return is_continued


def _check_empty_folder() -> None:
    data = Path(settings.DATA_DIR)
    data.mkdir(parents=True, exist_ok=True)
    found = sorted({path.name for path in data.iterdir()} - _HARMLESS)
    if found:
        raise ArchiveError(
            f"The data folder {data} is not empty, it holds {found[0]}: name an empty one with VITRINE_DATA_DIR."
        )


def _check_empty_database() -> None:
    if connection.vendor != "sqlite":
        if not snapshot.is_empty():
            raise ArchiveError("The database has tables already: name an empty one with DATABASE_URL.")
    elif _sqlite_file().parent != Path(settings.DATA_DIR):
        raise ArchiveError("DATABASE_URL names a file outside the data folder: leave it out to restore.")


def _sqlite_file() -> Path:
    return Path(connection.settings_dict["NAME"])


def _unpack(archive: Path) -> None:
    staging = Path(settings.DATA_DIR) / UNPACKING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    try:
        manifest = unpack(archive, staging)
        _check_fits(manifest)
        if connection.vendor == "sqlite":
            _inflate(staging / DATABASES["sqlite"], staging / _sqlite_file().name)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    (staging / MANIFEST).write_text(json.dumps({"made_at": manifest.made_at}))
    os.sync()
    staging.rename(staging.with_name(UNPACKED))


def _check_fits(manifest: Manifest) -> None:
    """The backup is of the same kind of database, and of no newer version than this one."""
    if manifest.vendor != connection.vendor or DATABASES[connection.vendor] not in manifest.members:
        raise ArchiveError(f"The backup is of {manifest.vendor}, the configured database is {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).graph.nodes}
    ours = {name for name in map(str, manifest.migrations) if name.startswith(("gallery.", "generator."))}
    unknown = sorted(ours - known)
    if unknown:
        raise ArchiveError(
            f"The backup was made by Vitrine {manifest.vitrine}, which knows more than this version "
            f"({unknown[0]}): install that version first."
        )


def _inflate(packed: Path, plain: Path) -> None:
    plain.touch(mode=0o600, exist_ok=False)
    with gzip.open(packed) as source, plain.open("wb") as target:
        shutil.copyfileobj(source, target, 2**20)
    packed.unlink()


def _put_in_place(ready: Path) -> None:
    """The database last: without it, there is no installation yet."""
    dump = ready / DATABASES["postgresql"]
    names = ["media", "spool", KEY]
    if connection.vendor == "sqlite":
        names.append(_sqlite_file().name)
    for name in names:
        _move(ready / name, Path(settings.DATA_DIR) / name)
    if dump.exists():
        if snapshot.is_empty():
            snapshot.load(dump)
        dump.unlink()


def _move(source: Path, target: Path) -> None:
    if not source.exists():
        return  # not in the backup, or moved by the try before
    if target.exists():
        raise ArchiveError(f"{target} is in the way: remove it, or restore into another folder.")
    source.rename(target)


def finish() -> int:
    """Leave to people what may have been sent since the backup; the number of such calls.

    The site that was backed up may have gone on: what was waiting in the backup may be paid for by now, and is
    never sent a second time without a person.
    """
    _believe_no_row()
    spool = Spool(Path(settings.SPOOL_ROOT))
    waiting = Call.objects.filter(state__in=(Call.State.QUEUED, Call.State.SENDING))
    left = sum(_leave_to_a_person(call) for call in waiting if not spool.has(str(call.pk)))
    shutil.rmtree(Path(settings.DATA_DIR) / UNPACKED, ignore_errors=True)
    return left


def _leave_to_a_person(call: Call) -> bool:
    """The usual way of a call that was sent and then fell silent."""
    if call.state == Call.State.QUEUED:
        call.claim(0)
    call.mark_sent()
    return call.lose(MAY_BE_CHARGED)


def _believe_no_row() -> None:
    """What works by itself does not come from an archive: nothing cached, queued or on its way by mail, and nobody
    signed in; and files of pictures lie where their own ids say, whatever a row says."""
    cache.clear()
    OrmQ.objects.all().delete()
    Mail.objects.all().leave_unsent()
    UserSession.objects.all().delete()
    Session.objects.all().delete()
    for image in Image.objects.only("pk", "file", "format").iterator():
        named, known = Image.original_name(image.pk, ""), _format_of(image)
        is_named = image.file.name.startswith(named) and image.file.name.removeprefix(named).isalnum()
        if not is_named or known != image.format:
            Image.objects.filter(pk=image.pk).update(file=Image.original_name(image.pk, known), format=known)


def _format_of(image: Image) -> str:
    """That of its row if there is such a format, else that of the file that is there."""
    if image.format in Image.Format.values:
        return image.format
    there = (known for known in Image.Format.values if store.exists(Image.original_name(image.pk, known)))
    return next(there, Image.Format.PNG)
