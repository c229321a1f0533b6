"""Linux's seccomp: system calls that a decoder has no use for are refused from now on, as if it had no right to them.

A list of what is refused and not of what is allowed: Python, C libraries and decoders change what they call with every
version. `libseccomp`, which is written for this, would be one more library to install for forty comparisons.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator

from generator.imaging.kernel import prctl

# What AUDIT_ARCH is called in <linux/audit.h>, and the place of this processor's number in the table.
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_NONE = -1
_REFUSED = {
    # Anything that leads out of this machine, or to another program on it.
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206), "sendmsg": (46, 211),
    "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199), "accept4": (288, 242),
    # Another program, another process; threads are let through below.
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, _NONE), "vfork": (58, _NONE),
    # Other processes of the same user.
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "prlimit64": (302, 261),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    # Large parts of the kernel, in which mistakes are found each year.
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219),
    # What only root may do, should it be root.
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "init_module": (175, 105),
    "finit_module": (313, 273),
}  # fmt: skip
_CLONE, _CLONE3 = (56, 220), 435
_CLONE_THREAD = 0x10000
_X32 = 0x40000000  # another set of numbers on x86_64

# The words of the filter's language (classic BPF): load, compare, return; and where the kernel lays what it asks about.
_LOAD, _EQUALS, _AT_LEAST, _HAS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000

_SET_SECCOMP, _FILTER = 22, 2


def refuse() -> bool:
    """Refuse them in this process, whatever it does later; False if this kernel or processor is not known for it.

    Needs `no_new_privs`.
    """
    machine = os.uname().machine
    if machine not in _ARCHITECTURES:
        return False
    filter_ = b"".join(_filter(*_ARCHITECTURES[machine]))
    kept = ctypes.create_string_buffer(filter_)
    program = struct.pack("HP", len(filter_) // 8, ctypes.addressof(kept))
    return prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(program), 0, 0) == 0


def _filter(architecture: int, column: int) -> Iterator[bytes]:
    yield _step(_LOAD, _ARCHITECTURE)
    yield from _unless(_EQUALS, architecture, _ERROR | errno.EPERM)
    yield _step(_LOAD, _NUMBER)
    yield from _if(_AT_LEAST, _X32, _ERROR | errno.EPERM)
    for numbers in _REFUSED.values():
        if numbers[column] != _NONE:
            yield from _if(_EQUALS, numbers[column], _ERROR | errno.EPERM)
    # Its flags lie where no filter can look: C libraries then use the older one.
    yield from _if(_EQUALS, _CLONE3, _ERROR | errno.ENOSYS)
    yield _step(_EQUALS, _CLONE[column], otherwise=3)
    yield _step(_LOAD, _FIRST_ARGUMENT)
    yield from _unless(_HAS, _CLONE_THREAD, _ERROR | errno.EPERM)
    yield _step(_RETURN, _ALLOW)


def _if(comparison: int, value: int, answer: int) -> Iterator[bytes]:
    yield _step(comparison, value, otherwise=1)
    yield _step(_RETURN, answer)


def _unless(comparison: int, value: int, answer: int) -> Iterator[bytes]:
    yield _step(comparison, value, then=1)
    yield _step(_RETURN, answer)


def _step(word: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; `then` and `otherwise` are how many of the next ones are left out."""
    return struct.pack("=HBBI", word, then, otherwise, value)
