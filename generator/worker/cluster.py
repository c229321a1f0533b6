"""The queue's processes as a child of the watch, in a process group of their own.

They are forked and not started anew, so that they share with the watch all that it has loaded. That is safe because
the watch has no thread beside its main one: nobody else can hold a lock at that moment, which no process of the child
would ever let go of.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path

import psutil
from django.core.cache import close_caches
from django.db import connections

from generator.worker import slots, tasks
from generator.worker.bells import Name, ring
from generator.worker.patience import be_patient

# What the watch answers to in a way of its own, and its child as any process does.
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
# By this command, the queue's own, the watch of 0.1 started its cluster, which had none of its files.
_OLD_COMMAND = "qcluster"


class AlreadyRunningError(Exception):
    """Another worker holds this data folder."""


class Cluster:
    """The queue's processes, in a process group of their own so that they can be ended together."""

    # What else of the watch's a child is to let go of.
    in_child: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, lock: Path) -> None:
        self._lock = lock.open("a+")
        try:
            flock(self._lock, LOCK_EX | LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise AlreadyRunningError from error
        _end_leftover(lock)
        self._scratch = lock.with_name("scratch")
        self._process: ForkProcess | None = None
        # The end of a pipe at whose other end the cluster is told to stop by its being closed.
        self._stop = -1

    def start(self) -> None:
        """The processes that were killed before left their temporary files in the scratch folder."""
        with suppress(OSError):
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch.mkdir()
        slots.begin()
        self._process = self._fork()
        self._lock.seek(0)
        self._lock.truncate()
        self._lock.write(str(self._process.pid))
        self._lock.flush()

    def _fork(self) -> ForkProcess:
        tasks.get_ready()
        connections.close_all()
        close_caches()
        share()
        told, self._stop = os.pipe()
        process = get_context("fork").Process(target=self._run, args=(told,))
        try:
            with _signals_held():
                process.start()
        finally:
            os.close(told)
        return process

    def _run(self, told: int) -> None:
        """In the child: let go of what is the watch's, and be the head of the queue's processes."""
        os.setsid()
        lock = self._lock.name
        self._lock.close()  # or the next watch would find it held
        with suppress(OSError):  # somebody may have removed it
            os.open(lock, os.O_RDONLY)  # without holding it: a leftover is known by that
        self._tell()
        self.in_child()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        be_patient()
        os.environ["TMPDIR"] = str(self._scratch)
        tempfile.tempdir = None  # found anew
        tasks.run_cluster(told)

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def stop(self, patience: float, hurry: threading.Event) -> None:
        """Let running calls finish for `patience` seconds at most, or until `hurry`; then end what is left."""
        if self._process is None:
            return
        slots.end()
        self._tell()
        until = time.monotonic() + patience
        while self.is_alive and time.monotonic() < until and not hurry.wait(0.05):
            ring(Name.QUEUE, Name.SENDER)  # whoever sleeps there looks only then whether it is to end
        self.kill()

    def kill(self) -> None:
        """End every process of the group at once."""
        if self._process is not None and self._process.pid:
            self._process.kill()  # it may have no group of its own yet
            _kill_group(self._process.pid)
            self._process.join()
            self._process = None
        self._tell()

    def _tell(self) -> None:
        """Have the queue's processes end when they have done what they are at."""
        if self._stop >= 0:
            os.close(self._stop)
            self._stop = -1

    def close(self) -> None:
        """Let go of the data folder."""
        self._lock.close()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Those that come meanwhile come at the end. A child begins without them, and lets them in when it is ready."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def share() -> None:
    """Keep the garbage collector from what is loaded: it writes to what it looks at, and each process would get a copy
    of all that."""
    gc.collect()
    gc.freeze()


def processes(lock: Path) -> list[psutil.Process]:
    """Those of the cluster that belongs to this lock file, in no order.

    Its group stands there, which may be somebody else's by now; but nobody else has opened the file, or is a cluster of
    before 0.2 that a killed watch has left behind.
    """
    group, opened = lock.read_text().strip() if lock.exists() else "", str(lock.resolve())
    found = []
    for process in psutil.process_iter() if group.isdecimal() else ():
        with suppress(psutil.Error, OSError):
            if os.getpgid(process.pid) == int(group) and _is_of_cluster(process, opened):
                found.append(process)
    return found


def _is_of_cluster(process: psutil.Process, lock: str) -> bool:
    return _OLD_COMMAND in process.cmdline() or any(file.path == lock for file in process.open_files())


def _end_leftover(lock: Path) -> None:
    """A watch that was killed leaves its cluster behind."""
    if processes(lock):
        _kill_group(int(lock.read_text()))


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
