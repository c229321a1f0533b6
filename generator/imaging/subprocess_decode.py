"""The caller's side of `decode_child`: one process a picture, without our environment, within an allowance of time."""

import errno
import json
import math
import os
import resource
import signal
import subprocess  # nosec B404 # our own program, never a shell
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

# Four pictures of 20 megapixels, the most that the API sends, take a second or so each; and a call must be over in ten.
PICTURE_SECONDS = 5
REPLY_SECONDS = 6.0
_PATIENCE = 60.0  # by the clock, which runs faster than the processor's where there is much else to do
_ROOT = Path(__file__).resolve().parents[2]
# Why a file is no picture that we take.
ImagingReason = Literal[
    "format", "heic", "jxl", "damaged", "pixels", "bloated", "passes", "memory", "slow", "all_slow", "unshowable"
]  # fmt: skip

# One at a time in each process, for the memory; and so that what was used meanwhile was used by that one.
_turn = threading.Lock()


class DecodeProcessError(OSError):
    """The process could not be run, which is not the picture's fault."""

    def __init__(self) -> None:
        super().__init__(errno.EIO, "the process for pictures could not be run")


def standing_walls() -> dict[str, bool]:
    """Which of the decode child's walls hold on this machine, tried by one without a picture; none if it cannot run."""
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        said: dict[str, bool] = json.loads(_child([], _PATIENCE).stdout)
        return said
    return {}


class Allowance:
    """Time that may be spent on all pictures of one reply: REPLY_SECONDS of the processor, a minute by the clock."""

    def __init__(self) -> None:
        self._spent: list[float] = []
        self._until = time.monotonic() + _PATIENCE

    @property
    def is_used_up(self) -> bool:
        return self._left <= 0 or time.monotonic() > self._until

    @contextmanager
    def metered(self, clock: Callable[[], float] = time.thread_time) -> Iterator[None]:
        """Count the seconds of the processor that this thread spends here, or that another clock shows."""
        start = clock()
        try:
            yield
        finally:
            self._spent.append(clock() - start)

    def render(self, path: Path, max_pixels: int, thumbs: Mapping[int, Path]) -> dict[str, Any]:
        """What the decode child says of the picture, or that it is `refused` for having been ended or for lack of time.

        Raises OSError if the process could not be run.
        """
        with _turn:
            if self.is_used_up:
                return _refused("all_slow")
            seconds = min(PICTURE_SECONDS, max(1, math.ceil(self._left)))
            with self.metered(_clock_of_children):
                return _said(path, max_pixels, seconds, thumbs, self._until - time.monotonic())

    @property
    def _left(self) -> float:
        return REPLY_SECONDS - sum(self._spent)


def _clock_of_children() -> float:
    """Seconds of the processor that all children of this process took which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _said(path: Path, max_pixels: int, seconds: int, thumbs: Mapping[int, Path], patience: float) -> dict[str, Any]:
    """Run the decode child; a picture that was only given what the others had left was not slow by itself."""
    slow = _refused("slow" if seconds == PICTURE_SECONDS else "all_slow")
    try:
        done = _run(path, max_pixels, seconds, thumbs, patience)
    except subprocess.TimeoutExpired:
        return slow
    if done.returncode < 0:  # ended by a signal: the limit of time, or a decoder that crashed
        return slow if done.returncode == -signal.SIGXCPU else _refused("damaged")
    if done.returncode:
        raise DecodeProcessError
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _refused(reason: ImagingReason) -> dict[str, Any]:
    return {"refused": reason}


def _run(
    path: Path, max_pixels: int, seconds: int, thumbs: Mapping[int, Path], patience: float
) -> subprocess.CompletedProcess[bytes]:
    names = json.dumps({width: os.fspath(dest.absolute()) for width, dest in thumbs.items()})
    return _child([os.fspath(path.absolute()), str(max_pixels), str(seconds), names], patience)


def _child(arguments: list[str], patience: float) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "generator.imaging.decode_child", *arguments]
    return subprocess.run(  # noqa: S603 (paths are made of ids) # nosec B603
        command, cwd=_ROOT, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False
    )
