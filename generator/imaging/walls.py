"""The walls around a process that decodes pictures: a decoder that is taken over by one finds little to take.

Each holds by itself, where the kernel knows it; where one is missing, as in an old kernel or within a container that
forbids it, decoding goes on without. `manage.py doctor` tells which of them stand. None needs root, and root is held by
them too. Another user for the process would need root, and rights to files that are none of its business otherwise.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from generator.imaging import landlock, seccomp
from generator.imaging.kernel import prctl

_SET_DUMPABLE, _SET_NO_NEW_PRIVS, _GET_NO_NEW_PRIVS = 4, 38, 39
_OPEN_FILES = 64
_LEAST_FILE = 2**20
# What Python reads to load a module or a decoder. Not the folder that the site runs in: `.env` lies there.
_PROGRAM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", sys.prefix, sys.base_prefix)
_OURS = Path(__file__).resolve().parents[1]


def put_up(read: Iterable[Path], write: Iterable[Path], most_bytes: int) -> None:
    """From now on: no new rights, no network, no other process; no files but Python's own and these.

    `write` are folders. No file grows beyond `most_bytes`.
    """
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _lower(resource.RLIMIT_FSIZE, most_bytes)
    prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    landlock.confine([*map(Path, _PROGRAM), _OURS, *read], write)
    seccomp.refuse()


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    with suppress(ValueError, OSError):  # it is lower already
        resource.setrlimit(limit, (value, value if hard == resource.RLIM_INFINITY else min(value, hard)))


def standing() -> Mapping[str, bool]:
    """Put them up around this process, which is to end after that, and try each: which ones hold."""
    put_up([], [], _LEAST_FILE)
    return {
        "privileges": prctl(_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
        "files": _is_refused(lambda: list(Path("/").iterdir())),
        "network": _is_refused(_open_socket),
        "processes": _is_refused(_fork),
    }


def _is_refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PermissionError:
        return True
    return False


def _open_socket() -> None:
    import socket  # of no use where pictures are decoded, and a millisecond each time

    socket.socket().close()


def _fork() -> None:
    if not (child := os.fork()):
        os._exit(0)
    os.waitpid(child, 0)
