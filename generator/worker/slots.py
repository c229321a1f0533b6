"""Who may be the sender: one process at a time, unless that one has fallen silent.

A slot is a file of the data folder that its holder locks, which ends with the process however that ends. In it stands
when its holder last signed, by the machine's steady clock. Whoever stops the worker says so by another file there.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Self

from django.conf import settings

# One for the sender, and one for whoever takes its place while it is frozen.
SLOTS = 2
_STOPPING = "stopping"
_LENGTH = 20


class Slot:
    """The right to claim calls, held until it is closed."""

    def __init__(self, file: int) -> None:
        self._file = file
        self.sign()

    @classmethod
    def take(cls) -> Self | None:
        """The first one that is free; None if somebody lives in one before it, who has the work of all then."""
        _folder().mkdir(mode=0o700, exist_ok=True)
        for number in range(SLOTS):
            file = os.open(_folder() / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except OSError:
                silence = _silence(file)
                os.close(file)
                if silence <= settings.LEASE_SECONDS:
                    return None
            else:
                return cls(file)
        return None

    def sign(self) -> None:
        """Say that its holder lives."""
        with suppress(OSError):  # a disk without room, at the first time
            os.pwrite(self._file, f"{time.monotonic():0{_LENGTH}.3f}".encode(), 0)

    def close(self) -> None:
        """Leave it to a successor; a second time nothing happens."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _silence(file: int) -> float:
    """Seconds since its holder has signed."""
    try:
        return time.monotonic() - float(os.pread(file, _LENGTH, 0))
    except (OSError, ValueError):
        return 0.0  # it is only just being taken


def begin() -> None:
    """Have senders claim calls, whatever was said before."""
    (_folder() / _STOPPING).unlink(missing_ok=True)


def end() -> None:
    """Have senders claim no more, and end when all is over that they wait for."""
    with suppress(OSError):
        _folder().mkdir(mode=0o700, exist_ok=True)
        (_folder() / _STOPPING).touch()


def is_ending() -> bool:
    return (_folder() / _STOPPING).exists()


def _folder() -> Path:
    return Path(settings.DATA_DIR, "senders")
