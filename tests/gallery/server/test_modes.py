"""Who may look into the data folder, whatever the umask is, and what an earlier version left open."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery.doctor import repair
from gallery.server import modes
from generator.models import Image
from tests.conftest import Cast, Folders

ROOT = Path(__file__).resolve().parents[3]
WORK = """
import sys, django; django.setup()
from pathlib import Path
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from generator import store
from generator.replies.spool import Spool
call_command("prepare")
spool, pk = Spool(Path(settings.SPOOL_ROOT)), "0" * 8 + "-0000-0000-0000-" + "0" * 12
with spool.writer(pk) as file:
    file.write(b"x")
spool.work(pk, 0).write_bytes(b"x")
store.publish(spool.work(pk, 0), "originals/ab/x.png")
storages["default"].save("originals/cd/y.png", ContentFile(b"x"))
call_command("backup", Path(settings.DATA_DIR, "backup.tar"))
"""
EXPECTED = {
    ".": 0o750, "media": 0o750, "media/originals": 0o750, "media/originals/ab": 0o750, "media/originals/cd": 0o750,
    "media/originals/ab/x.png": 0o640, "media/originals/cd/y.png": 0o640, "static": 0o750,
    "static/staticfiles.json": 0o640, "spool": 0o700, "spool/00000000-0000-0000-0000-000000000000.reply": 0o600,
    "secret_key": 0o600, "db.sqlite3": 0o600, "backup.tar": 0o600,
}  # fmt: skip


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077])
def test_modes_do_not_depend_on_the_umask(prepared_folder: Path, umask: int) -> None:
    """In the folder of an earlier version, open to everybody; -wal and -shm get the mode of their database."""
    prepared_folder.chmod(0o755)
    (prepared_folder / "db.sqlite3").chmod(0o644)
    place = {
        "VITRINE_DATA_DIR": str(prepared_folder),
        "VITRINE_ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "gallery.settings",
    }
    subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", WORK], cwd=ROOT, env=os.environ | place, umask=umask, check=True, timeout=300
    )
    assert {name: oct(mode(prepared_folder / name)) for name in EXPECTED} == {
        name: oct(expected) for name, expected in EXPECTED.items()
    }


@pytest.fixture
def wide(folders: Folders, settings: Any) -> Folders:
    """As an earlier version left it, with a group that somebody has chosen."""
    settings.STATIC_ROOT = folders.data / "static"
    for folder in (folders.media, folders.spool, settings.STATIC_ROOT):
        folder.mkdir()
        folder.chmod(0o755)
    settings.SECRET_KEY_FILE = folders.data / "secret_key"
    settings.SECRET_KEY_FILE.touch(0o644)
    settings.SECRET_KEY_FILE.chmod(0o644)
    folders.data.chmod(0o2775)
    return folders


def test_what_was_open_is_closed_and_the_groups_bit_stays(wide: Folders, db: None) -> None:
    assert set(modes.narrow()) == {wide.data, wide.media, wide.spool, wide.data / "static", wide.data / "secret_key"}
    assert mode(wide.data) == 0o2750
    assert (mode(wide.media), mode(wide.spool), mode(wide.data / "secret_key")) == (0o750, 0o700, 0o600)
    assert modes.narrow() == []


def test_what_belongs_to_somebody_else_stays_and_is_told(
    wide: Folders, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    assert modes.narrow() == []
    assert next(path for path, _ in modes.too_wide()) == wide.data


def test_the_doctor_closes_each_picture(cast: Cast, make_image: Callable[..., Image], folders: Folders) -> None:
    original = folders.media / make_image(cast.owner, thumbs=True).file.name
    original.chmod(0o644)
    assert "1 picture or folder closed to other users of this machine." in list(repair.repair())
    assert mode(original) == 0o640
