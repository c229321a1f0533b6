"""Thumbnails that are not there: pages ask for them, a worker makes them again.

A file in `lost` of the data folder stands for a picture that was asked for in vain; its name is the picture's id, so
that a thousand requests are one file. What the queue carries says only that there are some. One worker at a time sees
to them, whatever their number: the others are for calls.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import Error

from generator import store
from generator.imaging.thumbnails import ImagingError
from generator.models import Image
from generator.worker.tasks import hand_over, outliving_outages

log = logging.getLogger(__name__)

TASK = "generator.worker.lost_thumbs.heal_lost"
# So many pictures wait at the most; others are asked for again by the next page.
MOST = 1000
# When it is worth asking again.
SOON_SECONDS = 5
# A worker goes back to its calls after so long; the watch calls one again.
ROUND_SECONDS = 60
# A picture of which none can be made is left alone for so long.
HOPELESS_SECONDS = 600
_LOST, _HOPELESS, _LOCK = ".lost", ".hopeless", "lock"
_NAME = re.compile(rf"[0-9a-f]{{32}}({re.escape(_LOST)}|{re.escape(_HOPELESS)})")


def ask(image: Image) -> bool:
    """Have a worker make this picture's lost thumbnails again; False if that is in vain for now."""
    original = store.local_path(image.file.name)
    if (original and not original.exists()) or _age(_file(image.pk, _HOPELESS)) < HOPELESS_SECONDS:
        return False
    try:
        if not _note(_file(image.pk, _LOST)):
            return True
    except OSError as error:
        log.warning("a lost thumbnail of %s cannot be asked for: %s", image.pk, error)
        return True
    with suppress(Error):  # the watch says it again
        hand_over(TASK)
    return True


def look() -> None:
    """What the watch does about them, each few seconds."""
    for name in _names(_HOPELESS):
        if _age(_folder() / name) >= HOPELESS_SECONDS:
            (_folder() / name).unlink(missing_ok=True)
    if _names(_LOST):
        hand_over(TASK)


@outliving_outages
def heal_lost() -> None:
    """Make all again that were asked for, if no other worker is at it."""
    with _alone() as is_alone:
        until = time.monotonic() + ROUND_SECONDS
        while is_alone and time.monotonic() < until and (waiting := _names(_LOST)):
            _heal(_folder() / min(waiting))


def _heal(note: Path) -> None:
    image = Image.objects.filter(pk=UUID(hex=note.stem)).first()
    try:
        if image and (widths := store.lost_widths(image)):
            store.heal(image, widths)
    except (OSError, ImagingError) as error:
        log.warning("no thumbnails of %s can be made: %s", note.stem, error)
        note.with_suffix(_HOPELESS).touch()
    note.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.DATA_DIR, "lost")


def _file(pk: UUID, suffix: str) -> Path:
    return _folder() / f"{pk.hex}{suffix}"


def _note(file: Path) -> bool:
    """Whether it is one more that waits."""
    if file.exists() or len(_names(_LOST)) >= MOST:
        return False
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileExistsError):
        file.touch(exist_ok=False)
        return True
    return False


def _names(suffix: str) -> list[str]:
    """Of notes only, whatever else lies there."""
    with suppress(OSError):
        names = (file.name for file in _folder().iterdir())
        return [name for name in names if name.endswith(suffix) and _NAME.fullmatch(name)]
    return []


def _age(file: Path) -> float:
    """In seconds; of what is not there, without end."""
    try:
        return abs(time.time() - file.stat().st_mtime)
    except OSError:
        return float("inf")


@contextmanager
def _alone() -> Iterator[bool]:
    _folder().mkdir(mode=0o700, exist_ok=True)
    with (_folder() / _LOCK).open("a") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
