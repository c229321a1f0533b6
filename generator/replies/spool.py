"""Raw replies on disk, from the first byte received to the last row committed.

`<id>.<random>.part` is being received, `<id>.reply` is complete and fsynced, `<id>.<random>.<index>.file` is one of its
pictures being worked on. A file is only ever made whole by a rename, so a kill at any moment leaves no half of anything
that counts.
"""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OURS_ALONE = 0o700
_PART, _REPLY, _FILE = ".part", ".reply", ".file"


class Leftover(NamedTuple):
    """What the spool holds for one call. The age is that of its newest file; complete means a whole reply, halves
    that there is something else, alone or beside it."""

    id: str
    age_seconds: float
    complete: bool
    halves: bool


class Spool:
    """One flat folder, files named by call ids (lower-case UUIDs). Any other id is a ValueError.

    What is worked on belongs to one such object, one for each time a worker takes a call up: whoever was taken for dead
    and goes on writes into no file of its successor, which may be finishing the same reply.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._hand = secrets.token_hex(4)

    @contextmanager
    def writer(self, call_id: str) -> Iterator[BinaryIO]:
        """A file for a reply: whole and durable after a clean exit, gone after an exception.

        Raises FileExistsError, before anything is sent, if this call's reply is here already: it was paid for. The
        name is this writer's own: one that was taken for dead, and gives up late, takes nothing from its successor.
        """
        part, reply = self._file(call_id, f".{secrets.token_hex(4)}{_PART}"), self.path(call_id)
        if reply.exists():
            raise FileExistsError(f"the reply to {call_id} is in the spool already")
        make_folder(self._root, _OURS_ALONE)
        try:
            with open(part, "wb", opener=_for_us_alone) as handle:
                yield handle
                handle.flush()
                os.fsync(handle.fileno())
            part.replace(reply)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_folder(self._root)

    @property
    def is_there(self) -> bool:
        """Whether there is a folder at all; a disk that is not mounted has lost nothing."""
        return self._root.is_dir()

    def has(self, call_id: str) -> bool:
        """Whether the whole reply is here."""
        return self.path(call_id).exists()

    def path(self, call_id: str) -> Path:
        """Where the whole reply is, or would be."""
        return self._file(call_id, _REPLY)

    def work(self, call_id: str, index: int) -> Path:
        """A place of our own for the picture number `index` of a reply, on the spool's file system."""
        return self._file(call_id, f".{self._hand}.{int(index)}{_FILE}")

    def remove(self, call_id: str) -> None:
        """Forget a call. The reply goes last, so that a kill on the way leaves one that can be finished again."""
        self.remove_halves(call_id)
        self.path(call_id).unlink(missing_ok=True)

    def remove_halves(self, call_id: str) -> None:
        """Remove all that never became a whole reply; one that did stays."""
        self._remove_all(call_id, _FILE)
        self._remove_all(call_id, _PART)

    def clear_work(self, call_id: str) -> None:
        """Remove what is left of the pictures that we worked on; the reply stays, and so does what others work on."""
        self._remove_all(call_id, f".{self._hand}.*{_FILE}")

    def _remove_all(self, call_id: str, suffix: str) -> None:
        for file in self._root.glob(f"{_checked(call_id)}*{suffix}"):
            file.unlink(missing_ok=True)

    def leftovers(self) -> list[Leftover]:
        """Every call that has any file here, oldest first. Other files in the folder are not ours and not listed."""
        newest: dict[str, float] = {}
        complete: set[str] = set()
        halves: set[str] = set()
        for entry in os.scandir(self._root) if self._root.is_dir() else ():
            call_id, _, rest = entry.name.partition(".")
            modified = _modified(entry)
            if not _ID.fullmatch(call_id) or modified is None:
                continue
            newest[call_id] = max(newest.get(call_id, 0.0), modified)
            (complete if f".{rest}" == _REPLY else halves).add(call_id)
        now = time.time()
        return [
            Leftover(id_, max(0.0, now - modified), id_ in complete, id_ in halves)
            for id_, modified in sorted(newest.items(), key=lambda item: item[1])
        ]

    def _file(self, call_id: str, suffix: str) -> Path:
        return self._root / f"{_checked(call_id)}{suffix}"


def _checked(call_id: str) -> str:
    if not _ID.fullmatch(call_id):
        raise ValueError("a call's id is a lower-case UUID")
    return call_id


def _modified(entry: os.DirEntry[str]) -> float | None:
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:
        return None  # finished and removed by another worker since the folder was read


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def make_folder(folder: Path, mode: int = 0o750) -> None:
    """Create a folder and its parents, each made durable in the one above."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: what was renamed into it stays so after a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
