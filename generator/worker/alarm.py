"""What wakes the watch, and how often it does its chores."""

from __future__ import annotations

import math
import os
import signal
import time
from contextlib import suppress

from generator.worker.bells import Bell, Name

# Seconds between two looks while there is something to be seen to.
TICK = 1.0


class Alarm:
    """What ends the watch's sleep: a bell, a signal, or the end of the process that started it."""

    def __init__(self) -> None:
        self._bell = Bell(Name.WATCH)
        self._signalled, self._signal = os.pipe()
        for end in (self._signalled, self._signal):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._signal, warn_on_full_buffer=False)
        # The cluster has ended: it is enough to be woken for that.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._others = [self._signalled]
        with suppress(OSError, AttributeError):  # an old kernel, or none of Linux
            self._others.append(os.pidfd_open(os.getppid()))

    @property
    def is_deaf(self) -> bool:
        return self._bell.is_deaf

    def wait(self, seconds: float) -> None:
        self._bell.wait(seconds, self._others)
        with suppress(BlockingIOError):
            os.read(self._signalled, 2**16)

    def close(self) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.let_go()
        self._bell.close()

    def let_go(self) -> None:
        """Close its handles. In a child that is all: whoever lives with the bell is its parent."""
        signal.set_wakeup_fd(-1)
        self._bell.let_go()
        for end in (*self._others, self._signal):
            os.close(end)


class Chore:
    """Something that is done each so many seconds, by a clock that nobody sets; and at the first look."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._done_at = -math.inf

    def is_due(self) -> bool:
        """Whether it is to be done now. A look that comes a little early is as good as the next one."""
        now = time.monotonic()
        if now - self._done_at < self._seconds - TICK / 2:
            return False
        self._done_at = now
        return True
