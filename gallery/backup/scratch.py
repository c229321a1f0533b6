"""A folder beside the archive for what is not whole yet, and the end of those that a killed backup left behind.

Its lock is the kernel's: it goes with its process however that ends, and is seen from other containers too.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from stat import S_ISDIR
from typing import BinaryIO

PREFIX = ".vitrine-backup-"
_LOCK = "lock"


@contextmanager
def scratch(room: Path) -> Iterator[Path]:
    """An empty folder in `room` for its owner alone, gone in the end. Raises OSError as the disk does."""
    remove_abandoned(room)
    folder, lock = _make(room)
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(room: Path) -> None:
    """Remove the folders of ours in which nobody works any more; one that cannot be looked at stays."""
    for folder in room.glob(PREFIX + "*"):
        # Whoever else may write here could lead us anywhere with a folder or a link of that name.
        with suppress(OSError):
            if _is_ours(folder) and (lock := _lock(folder)):
                with lock:
                    shutil.rmtree(folder, ignore_errors=True)


def _make(room: Path) -> tuple[Path, BinaryIO]:
    """A new folder and its lock. Another backup may take it for abandoned just before it is locked: then one more."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=room))
        with suppress(FileNotFoundError):
            if lock := _lock(folder):
                return folder, lock


def _is_ours(folder: Path) -> bool:
    found = folder.lstat()
    return S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _lock(folder: Path) -> BinaryIO | None:
    """The folder's lock, to be closed; None if somebody has it. A file, as folders cannot be locked over NFS."""
    path = folder / _LOCK
    lock = path.open("ab")
    with suppress(BlockingIOError, FileNotFoundError):
        flock(lock, LOCK_EX | LOCK_NB)
        # Its owner may have removed it between opening and locking.
        if os.path.samestat(path.stat(), os.fstat(lock.fileno())):
            return lock
    lock.close()
    return None
