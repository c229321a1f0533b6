"""A real sandbox API over loopback, and the write side pointed at it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.replies.spool import Spool
from generator.sandbox import SandboxServer
from tests.conftest import Folders


@pytest.fixture
def sandbox(settings: Any) -> Iterator[SandboxServer]:
    with SandboxServer(latency=0) as server:
        settings.ONLYSQ_API_URL = server.url
        settings.ONLYSQ_API_KEY = ""
        yield server


@pytest.fixture
def spool(folders: Folders) -> Spool:
    return Spool(Path(folders.spool))


@pytest.fixture
def no_collecting() -> Iterator[None]:
    """What is collected where no call goes any deeper cannot be let go of, and is told as an error of the test."""
    gc.disable()
    yield
    gc.enable()
