"""A site worth a backup, a sound archive, and an empty folder to restore into."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from gallery.backup import archive, restore, snapshot
from gallery.backup.archive import Manifest
from gallery.models import Favourite
from generator.models import Call, Generation, Image, Provider
from generator.sandbox import SandboxServer
from generator.worker import tasks
from tests.conftest import Cast, Folders

State = Call.State
CONTENTS = {
    "media/originals/aa/1.png": b"a picture",
    "spool/00000000-0000-0000-0000-000000000005.reply": b"{}",
    "secret_key": b"secret\n",
}


@pytest.fixture
def site(
    folders: Folders, transactional_db: None, cast: Cast, make_generation: Callable[..., Generation], settings: Any
) -> Folders:
    """Three pictures, a kept reply, a waiting call, and a key. All committed: a backup has its own connection."""
    settings.SECRET_KEY_FILE = folders.data / "secret_key"
    settings.SECRET_KEY_FILE.write_text("secret\n")
    settings.SECRET_KEY_FILE.chmod(0o600)
    settings.MIN_FREE_MB, settings.ONLYSQ_API_KEY = 1, ""
    with SandboxServer(latency=0) as sandbox:
        settings.ONLYSQ_API_URL = sandbox.url
        make_generation(cast.owner, prompt="A fox", width=64, height=64, count=3)
        tasks.work()
        make_generation(cast.owner, prompt="Noise")
        sandbox.faults.set("garbage", times=1)
        tasks.work()
    make_generation(cast.member, prompt="A wish")
    tasks.forget_wakes()
    Provider.objects.current().learn_models([])
    Favourite.objects.bulk_create(Favourite(image=image, user=cast.member) for image in Image.objects.all())
    assert (Image.objects.count(), Call.objects.queued().count()) == (3, 1)
    return folders


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere") / "site.tar"


def members_of(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.getnames()


def contents_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refuse(path: Path, data: Path, sentence: str) -> None:
    """It is refused with this sentence, and the folder is as empty as before."""
    with pytest.raises(CommandError, match=sentence):
        call_command("restore", str(path), stdout=io.StringIO())
    assert not data.exists() or list(data.iterdir()) == []


@pytest.fixture
def restored(tmp_path_factory: pytest.TempPathFactory, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Restores of this process go here; its database stays as it is."""
    data = tmp_path_factory.mktemp("restored") / "data"
    settings.DATA_DIR, settings.MEDIA_ROOT, settings.SPOOL_ROOT = data, data / "media", data / "spool"
    settings.SECRET_KEY_FILE = data / "secret_key"
    if connection.vendor == "sqlite":
        monkeypatch.setattr(restore, "_sqlite_file", lambda: data / "db.sqlite3")
    else:
        monkeypatch.setattr(snapshot, "is_empty", lambda: True)
        monkeypatch.setattr(snapshot, "load", lambda dump: None)
    return data


@pytest.fixture
def backup(target: Path) -> Path:
    """A sound archive; what its database holds does not matter here."""
    with target.open("wb") as sink:
        writer = archive.Writer(sink)
        database = gzip.compress(b"rows")
        for name, data in {archive.DATABASES[connection.vendor]: database, **CONTENTS}.items():
            writer.add(name, io.BytesIO(data), len(data))
        writer.finish(Manifest(vitrine="0.1.0", vendor=connection.vendor, made_at="", migrations=[], rows={}))
    return target
