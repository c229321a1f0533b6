"""A site in good health, and the ways in which it comes to harm."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gallery import doctor
from generator.models import Call, Generation, Image, Provider
from generator.replies.spool import Spool
from generator.sandbox import SandboxServer
from generator.worker import tasks
from tests.conftest import Cast, Folders

State = Call.State
HOUR = timedelta(hours=1)


@pytest.fixture
def site(folders: Folders, cast: Cast, make_generation: Callable[..., Generation], settings: Any) -> Image:
    """One picture that came the whole way, a worker that lives, a key that is kept; its picture.

    It is hardly larger than a picture must be to have three thumbnails: drawing it costs more than all the rest.
    """
    settings.SECRET_KEY_FILE = folders.data / "secret_key"
    settings.SECRET_KEY_FILE.write_text("secret")
    settings.SECRET_KEY_FILE.chmod(0o600)
    settings.MIN_FREE_MB, settings.ONLYSQ_API_KEY = 1, ""
    with SandboxServer(latency=0) as sandbox:
        settings.ONLYSQ_API_URL = sandbox.url
        make_generation(cast.owner, width=704, height=64)
        tasks.work()
    provider = Provider.objects.current()
    provider.beat()
    provider.learn_models([])
    return Image.objects.get()


def all_findings(*, deep: bool = True) -> list[doctor.Finding]:
    return [*doctor.examine(), *doctor.examine_files(deep=deep)]


def only_finding(*, deep: bool = False) -> doctor.Finding:
    found = all_findings(deep=deep)
    assert len(found) == 1, found
    assert found[0].sentence.endswith(".")
    assert found[0].advice.endswith(".")
    return found[0]


def age(path: Path, seconds: float = 7200) -> Path:
    os.utime(path, (time.time() - seconds,) * 2)
    return path


def lay(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return age(path)


def change_call(**values: Any) -> Call:
    Call.objects.update(**values)
    return Call.objects.get()


def original_of(image: Image, folders: Folders) -> Path:
    return folders.media / image.file.name


@pytest.fixture
def spool(folders: Folders) -> Spool:
    return Spool(folders.spool)


def kept_reply(spool: Spool, call_id: Any) -> Path:
    with spool.writer(str(call_id)) as sink:
        sink.write(b"{}")
    return age(spool.path(str(call_id)))


def findings_on(area: str) -> list[doctor.Finding]:
    return [finding for finding in doctor.examine() if finding.area == area]
