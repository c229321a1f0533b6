"""Where a picture from outside lies, where its thumbnails go, and another program in the darkroom's place."""

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
    return lambda width: tmp_path / "thumbs" / f"{width}.jpg"


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Puts another program under the name of the darkroom; it finds `json`, `resource` and `sys` imported."""

    def put(program: str) -> None:
        package = tmp_path / "stand-in" / "generator"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "darkroom.py").write_text(f"import json, resource, sys\n{program}")
        monkeypatch.setattr(subprocess_decode, "_ROOT", package.parent)

    return put
