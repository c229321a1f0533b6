"""What is handed to the packages of the extra `semantic`, and taken from them, with a tiny model: `make semantic`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gallery.semantic.encoder import Encoder
from gallery.semantic.vectors import kept, likeness
from tests.gallery.semantic import tiny


@pytest.mark.parametrize("colour", ["red", "green", "blue"])
def test_words_are_near_the_pictures_that_they_tell_of(tmp_path: Path, settings: Any, colour: str) -> None:
    settings.CLIP_DIR = str(tmp_path)
    tiny.write(tmp_path)
    said = kept(Encoder().text(f"something {colour}"))
    near = {
        name: likeness(said.steps, kept(Encoder().picture(Image.new("RGB", (64, 48), name))).steps)
        for name in ("red", "lime", "blue")
    }
    assert max(near, key=lambda name: near[name]) == ("lime" if colour == "green" else colour)
