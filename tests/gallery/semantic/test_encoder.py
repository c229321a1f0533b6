"""A folder with a model, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gallery.semantic import encoder
from gallery.semantic.encoder import Encoder, EncoderError, squared
from tests.gallery.semantic import tiny


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Nothing is loaded, before and after."""
    for each in (encoder._session, encoder._tokenizer, encoder.encoder):
        each.cache_clear()
    yield
    for each in (encoder._session, encoder._tokenizer, encoder.encoder):
        each.cache_clear()


def test_the_middle_of_a_picture_is_seen() -> None:
    image = Image.new("RGBA", (600, 200), (0, 0, 255, 255))
    image.paste((255, 0, 0, 255), (200, 0, 400, 200))
    seen = squared(image)
    assert (seen.mode, seen.size, seen.getpixel((1, 1))) == ("RGB", (224, 224), (255, 0, 0))


def test_what_is_missing_is_named(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not encoder.is_ready()
    settings.CLIP_DIR = str(tmp_path)
    monkeypatch.setattr(encoder, "find_spec", lambda name: None if name == "numpy" else name)
    assert encoder.lacking() == ["numpy"]
    monkeypatch.setattr(encoder, "find_spec", str)
    assert encoder.lacking() == ["text_model.onnx", "vision_model.onnx", "tokenizer.json"]
    tiny.write(tmp_path)
    assert encoder.lacking() == []
    assert encoder.is_ready()
    assert encoder.encoder() is encoder.encoder()


def test_whatever_goes_wrong_is_one_error(settings: Any, tmp_path: Path) -> None:
    settings.CLIP_DIR = str(tmp_path)
    for name in ("text_model.onnx", "vision_model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(EncoderError):
        Encoder().text("red")
    with pytest.raises(EncoderError):
        Encoder().picture(Image.new("RGB", (9, 9)))
