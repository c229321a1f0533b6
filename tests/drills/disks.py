"""Small disks that a drill fills or makes read-only; only root may mount them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def mount(folder: Path, megabytes: int = 8, owner: int = 0) -> None:
    """A file system of its own in the folder; nobody but its owner may enter."""
    assert os.geteuid() == 0, "The drills with full disks mount small ones, which only root may: run them as root."
    folder.mkdir(parents=True, exist_ok=True)
    _do("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700,uid={owner}", "drill", str(folder))


def unmount(folder: Path) -> None:
    """If it is mounted; it goes with the folder, whoever has a file open there."""
    if folder.is_mount():
        _do("umount", "--lazy", str(folder))
    if folder.exists():
        folder.rmdir()


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Not a byte is free on the folder's disk."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(*folders: Path) -> Iterator[None]:
    for folder in folders:
        _do("mount", "-o", "remount,ro", str(folder))
    try:
        yield
    finally:
        for folder in folders:
            _do("mount", "-o", "remount,rw", str(folder))


def _do(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own command line
