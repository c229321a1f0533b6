"""The way to system calls of Linux that Python's standard library does not have."""

from __future__ import annotations

import ctypes
import errno
import sys
from functools import cache


def syscall(number: int, *arguments: int | ctypes.Array[ctypes.c_char] | None) -> int:
    """What the kernel answers; the negative number of the error where it refuses, and everywhere but on Linux."""
    return _call("syscall", ctypes.c_long(number), *arguments)


def prctl(option: int, *arguments: int | ctypes.Array[ctypes.c_char]) -> int:
    """The same for an operation on this process."""
    return _call("prctl", ctypes.c_long(option), *arguments)


def _call(name: str, *arguments: ctypes.c_long | int | ctypes.Array[ctypes.c_char] | None) -> int:
    if sys.platform != "linux":
        return -errno.ENOSYS
    # All as wide as a register: of what is narrower, the rest would be whatever was there before.
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    answer = int(_library()[name](*wide))
    return -ctypes.get_errno() if answer < 0 else answer


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
