"""The model that the admin gives: a CLIP in two ONNX files, as it is usually exported, with its tokenizer.

Its packages (the extra `semantic`) are imported when something is encoded for the first time, and not before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image

from generator.imaging.copies import on_grey

PACKAGES = ("numpy", "onnxruntime", "tokenizers")
TEXT, VISION, TOKENIZER = "text_model.onnx", "vision_model.onnx", "tokenizer.json"
# Of the pictures and words that CLIP was trained on (openai/CLIP, `clip/clip.py`).
_SIDE, _MOST_TOKENS = 224, 77
_MEAN, _DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def is_ready() -> bool:
    """Whether there is a model and all that it needs."""
    return bool(settings.CLIP_DIR) and not lacking()


def lacking() -> list[str]:
    """Names of the packages, or else of the files, that are not there."""
    packages = [name for name in PACKAGES if find_spec(name) is None]
    return packages or [name for name in (TEXT, VISION, TOKENIZER) if _file(name) is None]


class EncoderError(Exception):
    """The model cannot be used; its reason in words is the packages' own."""


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # the packages and whoever exported the model decide what is raised
        raise EncoderError(str(error) or type(error).__name__) from error


@cache
def encoder() -> Encoder:
    """Made once in a process; what it loads stays: that of words in a web process, that of pictures in a worker."""
    return Encoder()


class Encoder:
    """Vectors of words and of pictures, which lie near each other where one tells of the other."""

    def text(self, words: str) -> Sequence[float]:
        """Raises EncoderError."""
        with _understood():
            return self._text(words)

    def picture(self, image: Image.Image) -> Sequence[float]:
        """Raises EncoderError."""
        square = squared(image)
        with _understood():
            return self._picture(square)

    def _text(self, words: str) -> Sequence[float]:
        import numpy

        tokens = numpy.array([_tokenizer().encode(words).ids[:_MOST_TOKENS]], dtype=numpy.int64)
        given = {"input_ids": tokens, "attention_mask": numpy.ones_like(tokens)}
        return self._run(TEXT, given)

    def _picture(self, square: Image.Image) -> Sequence[float]:
        import numpy

        pixels = numpy.frombuffer(square.tobytes(), dtype=numpy.uint8).reshape(_SIDE, _SIDE, 3) / numpy.float32(255)
        levels = (pixels - numpy.array(_MEAN, numpy.float32)) / numpy.array(_DEVIATION, numpy.float32)
        return self._run(VISION, {"pixel_values": levels.transpose(2, 0, 1)[None].astype(numpy.float32)})

    def _run(self, name: str, given: dict[str, Any]) -> Sequence[float]:
        """The first of the model's answers that is one row of numbers: others tell of each word or patch."""
        session = _session(name)
        wanted = {each.name for each in session.get_inputs()}
        answers = session.run(None, {key: value for key, value in given.items() if key in wanted})
        row = next(answer for answer in answers if answer.ndim == 2)
        return [float(number) for number in row[0]]


def squared(image: Image.Image) -> Image.Image:
    """The middle of it, as large as the model wants it."""
    whole = on_grey(image).convert("RGB")
    side = min(whole.size)
    left, top = (whole.width - side) // 2, (whole.height - side) // 2
    box = (left, top, left + side, top + side)
    return whole.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC, box)


@cache
def _session(name: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the other cores are for others
    return onnxruntime.InferenceSession(str(_file(name)), options, providers=["CPUExecutionProvider"])


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(_file(TOKENIZER)))


def _file(name: str) -> Path | None:
    """In the folder, or where most exports have their models."""
    folder = Path(settings.CLIP_DIR)
    return next((path for path in (folder / name, folder / "onnx" / name) if path.is_file()), None)
