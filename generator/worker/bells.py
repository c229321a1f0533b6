"""Bells: how a process that sleeps is told at once that there is something for it to do.

A bell is a named pipe in the folder `bells` of the data folder. Whoever has written something down rings all bells of
that name, which says nothing more. Nobody depends on hearing one: a ring is lost where the two do not share a kernel,
or a folder in which pipes can be made, so that whoever sleeps looks again after a while in any case.
"""

from __future__ import annotations

import os
import secrets
import select
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Self

from django.conf import settings

# Whoever could not make a pipe is never rung for, and looks so often.
DEAF_SECONDS = 0.2


class Name(StrEnum):
    """Who sleeps."""

    QUEUE = "queue"  # which hands wake-ups to the workers
    SENDER = "sender"  # which holds the calls that wait for the API
    WATCH = "watch"


def _folder() -> Path:
    return Path(settings.DATA_DIR, "bells")


def ring(*names: Name) -> None:
    """Wake those who sleep by a bell of such a name, and forget bells of the dead."""
    for name in names:
        for pipe in _folder().glob(f"{name}.*"):
            _ring(pipe)


def is_held(name: Name) -> bool:
    """Whether a process that shares this kernel and this folder lives that would hear a bell of this name."""
    for pipe in _folder().glob(f"{name}.*"):
        with suppress(OSError):
            os.close(_open(pipe))
            return True
    return False


def _open(pipe: Path) -> int:
    """An error if nobody holds its other end any more."""
    return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)


def _ring(pipe: Path) -> None:
    try:
        handle = _open(pipe)
    except OSError:
        with suppress(OSError):
            pipe.unlink()
        return
    try:
        os.write(handle, b"!")
    except OSError:
        pass  # it is full of rings
    finally:
        os.close(handle)


class Bell:
    """One that is heard by this process alone; to be made where it is waited for, after every fork."""

    def __init__(self, name: Name) -> None:
        self._path = _folder() / f"{name}.{secrets.token_hex(8)}"
        self._pipe = -1
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            # Under another name until somebody listens: else it would be taken for one of the dead.
            draft = self._path.with_name(f".{self._path.name}")
            os.mkfifo(draft, 0o600)
            # For writing too, or it would seem to be rung without end as soon as somebody else has let go of it.
            self._pipe = os.open(draft, os.O_RDWR | os.O_NONBLOCK)
            draft.rename(self._path)

    @property
    def is_deaf(self) -> bool:
        """Whether no pipe could be made for it."""
        return self._pipe < 0

    def wait(self, seconds: float, others: Sequence[int] = ()) -> bool:
        """Sleep until it is rung, one of the `others` can be read, or so many seconds are over; whether it was rung.

        What was rung since the last wait counts. One that is deaf was rung whenever it has waited.
        """
        is_deaf = self.is_deaf
        poll = select.poll()
        for handle in [*others] if is_deaf else [self._pipe, *others]:
            poll.register(handle, select.POLLIN)
        ready = poll.poll(1000 * min(seconds, DEAF_SECONDS if is_deaf else seconds))
        if is_deaf or self._pipe not in dict(ready):
            return is_deaf
        with suppress(BlockingIOError):
            os.read(self._pipe, 2**16)
        return True

    def let_go(self) -> None:
        """Hear it no more, and leave it to whoever else does."""
        if not self.is_deaf:
            os.close(self._pipe)
            self._pipe = -1

    def close(self) -> None:
        self.let_go()
        with suppress(OSError):
            self._path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
