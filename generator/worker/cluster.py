"""The queue's processes as one child process, in a group of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess  # nosec B404 # our own command line, never a shell
import sys
import threading
import time
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

import psutil

from generator.worker import tasks
from generator.worker.bells import Name, ring


class AlreadyRunningError(Exception):
    """Another worker holds this data folder."""


class Cluster:
    """The queue's processes, in a process group of their own so that they can be ended together."""

    def __init__(self, lock: Path) -> None:
        self._lock = lock.open("a+")
        try:
            flock(self._lock, LOCK_EX | LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise AlreadyRunningError from error
        self._end_leftover()
        self._scratch = lock.with_name("scratch")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """The processes that were killed before left their temporary files in the scratch folder."""
        with suppress(OSError):
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch.mkdir()
        command = [sys.executable, sys.argv[0], tasks.CLUSTER_COMMAND, "--skip-checks"]
        env = os.environ | {"TMPDIR": str(self._scratch)}
        self._process = subprocess.Popen(command, env=env, start_new_session=True)  # noqa: S603 - our own command line # nosec B603
        self._lock.seek(0)
        self._lock.truncate()
        self._lock.write(str(self._process.pid))
        self._lock.flush()

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, patience: float, hurry: threading.Event) -> None:
        """Let running calls finish for `patience` seconds at most, or until `hurry`; then end what is left."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()  # only its main process: a signal to the group would cut the calls
        until = time.monotonic() + patience
        while self.is_alive and time.monotonic() < until and not hurry.wait(0.05):
            ring(Name.QUEUE)  # whoever sleeps there looks only then whether it is to end
        self.kill()

    def kill(self) -> None:
        """End every process of the group at once."""
        if self._process is not None:
            _kill_group(self._process.pid)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Let go of the data folder."""
        self._lock.close()

    def _end_leftover(self) -> None:
        """A worker that was killed leaves its cluster behind: the lock file tells which."""
        self._lock.seek(0)
        text = self._lock.read().strip()
        if not text.isdecimal():
            return
        for process in psutil.process_iter(["cmdline"]):
            with suppress(psutil.Error, ProcessLookupError):
                ours = tasks.CLUSTER_COMMAND in (process.info["cmdline"] or [])
                if ours and os.getpgid(process.pid) == int(text):
                    _kill_group(int(text))
                    return


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
