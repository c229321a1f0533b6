"""The one door to the bytes of pictures: originals, and the thumbnails made of them.

Files have names, such as `originals/3f/….png`; where they lie is known here only. Originals lie where
`STORAGES["default"]` says, thumbnails always on a disk of this machine: they are asked for forty at a time, and may be
lost at any time, for a worker makes them again when they are asked for.

Bytes first, row second: what is published is durable before a row names it. Files change after the commit: a rolled
back deletion keeps its files, and what is left by a process that dies between the two is found by `tidy_media` (a
thumbnail that nobody may see any more) and the doctor (a file of no picture).
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from django.dispatch import receiver

from generator.imaging.thumbnails import rethumb
from generator.models import Image
from generator.models.image import access_renewed
from generator.replies.spool import make_folder, sync_file, sync_folder

log = logging.getLogger(__name__)

_THUMBS = "thumbs/"
_PIECE = 64 * 1024
_PICTURE_MODE = 0o640


class DiskStorage(FileSystemStorage):
    """Django's storage in a folder, and a way into it for files that are finished.

    `save` would copy the bytes, into a file that has its name before it is whole, sync nothing, and call the second of
    two files of one name something else. Here a file is moved, and is there for good or not at all.
    """

    def publish(self, work: Path, name: str) -> None:
        dest = Path(self.path(name))
        make_folder(dest.parent)
        if not work.exists() and dest.exists():
            return
        _let_group_read(work, dest.parent)
        sync_file(work)
        try:
            work.replace(dest)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy_over(work, dest)
        sync_folder(dest.parent)


def _let_group_read(file: Path, folder: Path) -> None:
    """A file that is moved keeps the mode and the group of where it was made; the folder's may be a proxy's."""
    file.chmod(_PICTURE_MODE)
    with suppress(OSError):  # a group that we are not in
        os.chown(file, -1, folder.stat().st_gid)


def _copy_over(work: Path, dest: Path) -> None:
    part = dest.with_name(f"{dest.name}.{secrets.token_hex(4)}.part")
    try:
        shutil.copyfile(work, part)
        _let_group_read(part, dest.parent)
        sync_file(part)
        part.replace(dest)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    work.unlink()


_disk = DiskStorage()


def _storage(name: str) -> Storage:
    return _disk if name.startswith(_THUMBS) else storages["default"]


# What belongs to a picture


def files_of(image: Image) -> list[str]:
    """The names of all files of a picture, whether they are there or not.

    Of one that has no row yet, and may never get one, the original under each name that it can have.
    """
    forms = Image.Format.values
    originals = [image.file.name] if image.file else [Image.original_name(image.pk, form) for form in forms]
    return [*originals, *thumbs_of(image)]


def thumbs_of(image: Image) -> list[str]:
    """Those of its access version, and under the names that release 0.1.0 gave them."""
    now = [image.thumb_name(width) for width in settings.THUMB_WIDTHS]
    return now + [_older(name) for name in now[:-1]]


def _older(name: str) -> str:
    """Of the same thumbnail in release 0.1.0: a JPEG. It is shown no more, and goes when there is a new one."""
    return f"{name.removesuffix('.webp')}.jpg"


def thumb_path(image: Image, width: int) -> Path:
    """Where a thumbnail is to be written, whole or not at all."""
    return Path(_disk.path(image.thumb_name(width)))


# Putting in and taking out


def publish(work: Path, name: str) -> None:
    """Move a finished file of this disk into its place, durably and in one step: without a copy within a file system.

    Idempotent: a file that an earlier, killed run has already moved is left as it is, and one of the same name is
    replaced, for it holds the same picture. Raises FileNotFoundError if there is neither, and OSError as the disk
    does; what was there before is then as it was.
    """
    storage = _storage(name)
    if isinstance(storage, DiskStorage):
        storage.publish(work, name)
    elif work.exists() or not storage.exists(name):
        with work.open("rb") as file:
            saved = storage.save(name, File(file))
        if saved != name:  # a storage that replaces nothing, and has it already
            storage.delete(saved)
        work.unlink()


def remove(names: Iterable[str]) -> None:
    """Remove files after the commit, or at once where there is no transaction. Those that cannot be are logged."""
    doomed = list(names)
    transaction.on_commit(lambda: _remove_each(doomed), robust=True)


def remove_now(names: Iterable[str]) -> None:
    """Remove files that no row names. Raises OSError as the disk does; what is gone already is no error."""
    for name in names:
        _storage(name).delete(name)


def _remove_each(names: list[str]) -> None:
    for name in names:
        try:
            remove_now([name])
        except OSError as error:
            log.error("%s should be deleted, and cannot be: %s", name, error)


# Looking


def open_file(name: str) -> File[bytes]:
    """For reading. Raises OSError if it is not there."""
    return _storage(name).open(name)


def pieces(name: str) -> Iterator[bytes]:
    """The bytes, a piece at a time; opened when the first is asked for."""
    with open_file(name) as file:
        yield from file.chunks(_PIECE)


def size(name: str) -> int:
    """In bytes. Raises OSError if it is not there."""
    return _storage(name).size(name)


def exists(name: str) -> bool:
    return _storage(name).exists(name)


def age(name: str) -> float | None:
    """Seconds since it was written; None if it is not there."""
    try:
        return time.time() - _storage(name).get_modified_time(name).timestamp()
    except OSError:
        return None


def names() -> Iterator[str]:
    """Of every file there is, a picture's or not. A folder is read at a time, and no more held in memory."""
    originals = storages["default"]
    yield from _names_in(originals, "")
    if not isinstance(originals, DiskStorage):
        yield from _names_in(_disk, "")


def _names_in(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except OSError:
        return  # not there, or nobody's to read, such as `lost+found`
    yield from (f"{folder}{name}" for name in files)
    for name in folders:
        yield from _names_in(storage, f"{folder}{name}/")


# Files as files of this machine


def folder() -> Path:
    """The folder of this disk that is written to. It need not be there yet."""
    return Path(_disk.location)


def local_path(name: str) -> Path | None:
    """Where a file lies on this machine, for those who can read it faster there; None if it lies elsewhere."""
    storage = _storage(name)
    return Path(storage.path(name)) if isinstance(storage, FileSystemStorage) else None


@contextmanager
def local_copy(name: str) -> Iterator[Path]:
    """A file on this machine, not to be changed: where it lies or, if that is elsewhere, a copy for the time being."""
    if path := local_path(name):
        yield path
        return
    with tempfile.NamedTemporaryFile() as copy:
        with open_file(name) as file:
            shutil.copyfileobj(file, copy)
        copy.flush()
        yield Path(copy.name)


# Thumbnails, whose names end with their access version


def lost_widths(image: Image) -> list[int]:
    """Widths of the copies that should be there and are not; an empty file, which a power cut leaves, is none."""
    return [width for width in image.thumb_widths if not _is_there(image.thumb_name(width))]


def remaining_thumbs(image: Image, width: int) -> Iterator[str]:
    """Names of the copies that are there, the best in place of one of this width first: larger, and as near as can be.

    Those of release 0.1.0 are among them.
    """
    widths = sorted(settings.THUMB_WIDTHS, key=lambda other: (other < width, abs(other - width)))
    now = [image.thumb_name(other) for other in widths]
    return (name for name in [*now, *map(_older, now)] if _is_there(name))


def _is_there(name: str) -> bool:
    try:
        return size(name) > 0
    except OSError:
        return False


def heal(image: Image, widths: Iterable[int]) -> None:
    """Make lost thumbnails again, in a process of its own: never from a page.

    Raises ImagingError if the original cannot be read any more, and OSError.
    """
    thumbs = {width: thumb_path(image, width) for width in widths}
    with local_copy(image.file.name) as original:
        picture = rethumb(original, thumbs)
    # Nobody asked for these before release 0.2.0.
    if any(getattr(image, column) != found for column, found in picture.looks.items()):
        Image.objects.all().describe([Image(pk=image.pk, **picture.looks)], *picture.looks)
    _remove_each([_older(image.thumb_name(width)) for width in thumbs])
    settle(image)


def settle(image: Image) -> None:
    """After thumbnails were written: take them back if their access version ended meanwhile."""
    if not Image.objects.filter(pk=image.pk, access_version=image.access_version).exists():
        _remove_each(thumbs_of(image))


@receiver(access_renewed)
def move_thumbs(pk: UUID, ended: int, **_: Any) -> None:
    """After the commit: give the thumbnails of an ended access version the names of the next one.

    Should that one have ended too, they go; and so do those that cannot be moved.
    """
    before, now = (Image(pk=pk, access_version=version) for version in (ended, ended + 1))
    for old, new in zip(thumbs_of(before), thumbs_of(now), strict=True):
        with suppress(OSError):
            os.rename(_disk.path(old), _disk.path(new))  # noqa: PTH104 (text, as storages have it)
    _remove_each(thumbs_of(before))
    settle(now)
