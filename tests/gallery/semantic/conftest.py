"""A model that knows three colours, in place of one that knows the world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from gallery.semantic import embedding, encoder, finding
from gallery.semantic.encoder import EncoderError


class Eyes:
    """Words and pictures as how red, green and blue they are."""

    def text(self, words: str) -> Sequence[float]:
        if words == "broken":
            raise EncoderError("no such thing")
        return [1 if colour in words.split() else -0.5 for colour in ("red", "green", "blue")]

    def picture(self, image: Image.Image) -> Sequence[float]:
        levels = ImageStat.Stat(image.convert("RGB")).mean
        return [level - sum(levels) / 3 + 0.01 for level in levels]


@pytest.fixture
def eyes(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Eyes]:
    """A site with that model."""
    made = Eyes()
    settings.CLIP_DIR = str(tmp_path)
    monkeypatch.setattr(encoder, "lacking", list)
    for module in (embedding, finding):
        monkeypatch.setattr(module, "encoder", lambda: made)
    finding._vector.cache_clear()
    yield made
    finding._vector.cache_clear()
