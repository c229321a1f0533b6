"""Who on this machine may look into the data folder: ourselves, and for pictures and static files our group, too.

New files and folders get their modes by the umask that the settings set, whatever it was before. What an earlier
version left open is closed here: the folders on top, which close all that lies in them, and the files that are secret.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from generator import store

_OTHERS, _ALL_BUT_US = 0o027, 0o077


def too_wide() -> Iterator[tuple[Path, int]]:
    """What more people may look at than need to, with the mode that it should have. A group and its bit stay."""
    data = Path(settings.DATA_DIR)
    for folder in (data, store.folder(), settings.STATIC_ROOT, data / "quarantine", data / "scratch"):
        yield from _narrower(Path(folder), _OTHERS)
    for private in (settings.SPOOL_ROOT, data / "lost", data / "bells", data / "senders"):
        yield from _narrower(Path(private), _ALL_BUT_US)
    for file in _secrets():
        yield from _narrower(file, _ALL_BUT_US)


def _secrets() -> list[Path]:
    """Files with which one could pass for somebody else."""
    files = [Path(settings.SECRET_KEY_FILE)]
    if connection.vendor == "sqlite":
        files += [Path(f"{connection.settings_dict['NAME']}{more}") for more in ("", "-wal", "-shm")]
    return [file for file in files if file.is_file()]


def _narrower(path: Path, forbidden: int) -> Iterator[tuple[Path, int]]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return
    if mode & forbidden:
        yield path, mode & ~forbidden


def narrow() -> list[Path]:
    """Close what is too wide; what belongs to somebody else stays as it is, and the doctor tells of it."""
    return [path for path, mode in too_wide() if _changed(path, mode)]


def narrow_pictures() -> int:
    """The same for each picture, which is needless below a closed folder, and takes its time: how many changed."""
    changed = 0
    for folder, _, names in os.walk(store.folder()):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            for _, mode in _narrower(path, _OTHERS):
                changed += _changed(path, mode)
    return changed


def _changed(path: Path, mode: int) -> bool:
    try:
        path.chmod(mode)
    except OSError:
        return False
    return True
