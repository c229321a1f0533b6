"""Linux's Landlock: from now on this process opens no files but those that it names, and no connection by TCP.

Three system calls, which Python's standard library does not have. The packages that wrap them are alphas or stopped
early, and do no more than this.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from generator.imaging.kernel import syscall

# The same numbers on every processor.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_REG, _TRUNCATE = 1 << 5, 1 << 8, 1 << 14
_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _WRITE_FILE | _REMOVE_FILE | _MAKE_REG | _TRUNCATE
# Of each version of Landlock, all that it can forbid about files; what is not granted below is then forbidden.
_OF_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_OF_TCP = 0b11  # bind and connect, from version 4 on
_SCOPES = 0b11  # sockets by an abstract name and signals, to processes outside; from version 6 on


def version() -> int:
    """Of Landlock in this kernel; 0 if there is none, or nobody may use it."""
    return max(0, syscall(_CREATE_RULESET, None, 0, _ASK_VERSION))


def confine(read: Iterable[Path], write: Iterable[Path]) -> bool:
    """Open nothing any more but these, or what lies in them; False if this kernel does not know how.

    `write` are folders. Needs `no_new_privs`. Files that are open stay so.
    """
    known = version()
    if not known:
        return False
    files = _OF_FILES[min(known, max(_OF_FILES))]
    attributes = struct.pack("=QQQ", files, _OF_TCP if known >= 4 else 0, _SCOPES if known >= 6 else 0)
    rules = syscall(_CREATE_RULESET, ctypes.create_string_buffer(attributes), len(attributes), 0)
    if rules < 0:
        return False
    try:
        for paths, rights in ((read, _READ), (write, _WRITE)):
            for path in paths:
                _allow(rules, path, rights & files)
        return syscall(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    """What is not there needs no permission."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():  # of which there is nothing to list
            rights &= ~_READ_DIR
        syscall(_ADD_RULE, rules, _PATH_BENEATH, ctypes.create_string_buffer(struct.pack("=Qi", rights, place)), 0)
    finally:
        os.close(place)
