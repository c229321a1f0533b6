"""Where a picture from outside lies, where its thumbnails go, and another program in the decode child's place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.imaging import subprocess_decode

StandIn = Callable[[str], None]


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return tmp_path / "0.file"


@pytest.fixture
def thumb(tmp_path: Path) -> Callable[[int], Path]:
    return lambda width: tmp_path / "thumbs" / f"{width}.webp"


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Puts another program under the name of the decode child; it finds `json`, `resource` and `sys` imported."""

    def put(program: str) -> None:
        root = tmp_path / "stand-in"
        room = root / "generator" / "imaging"
        room.mkdir(parents=True)
        for package in (room.parent, room):
            (package / "__init__.py").touch()
        (room / "decode_child.py").write_text(f"import json, resource, sys\n{program}")
        monkeypatch.setattr(subprocess_decode, "_ROOT", root)

    return put
