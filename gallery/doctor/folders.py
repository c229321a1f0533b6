"""The data folder and what lies in it: writable, roomy, and key and database for nobody else's eyes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from gallery.doctor.finding import Finding, Level
from gallery.server import modes
from generator import store

AREA = "folders"


def examine() -> Iterator[Finding]:
    yield from _writable(Path(settings.DATA_DIR))
    for folder in (store.folder(), Path(settings.SPOOL_ROOT)):
        if folder.exists():
            yield from _writable(folder)
    yield from _room(Path(settings.DATA_DIR))
    yield from _open_files()


def _writable(folder: Path) -> Iterator[Finding]:
    """Proved by a file of our own: permissions do not tell of a disk that is mounted to be read only."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield Finding(
            Level.TROUBLE,
            AREA,
            f"{folder} cannot be written: {error.strerror}.",
            "Give it to the user that Vitrine runs as, or mount it for writing.",
        )


def _room(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free // 2**20
    if free < settings.MIN_FREE_MB:
        yield Finding(
            Level.TROUBLE,
            AREA,
            f"Only {free:,} MB are free in {folder}: nothing is sent below {settings.MIN_FREE_MB:,} MB.",
            "Make room, or lower VITRINE_MIN_FREE_MB.",
        )


def _open_files() -> Iterator[Finding]:
    for path, _ in modes.too_wide():
        yield Finding(
            Level.TROUBLE,
            AREA,
            f"Other users of this machine may read {path}.",
            "Run manage.py doctor --repair. If somebody may have read it, delete the file secret_key and restart: "
            "people sign in anew.",
        )
