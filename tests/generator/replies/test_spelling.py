"""Base64 as it is written by all kinds of programs."""

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from generator.replies import windows
from generator.replies.spelling import begins_picture, decode
from generator.replies.windows import PayloadError, Span

PNG = b"\x89PNG\r\n\x1a\n"
PICTURE = PNG + random.Random(1).randbytes(3000)
TEXT = base64.b64encode(PICTURE).decode()
LINES = base64.encodebytes(PICTURE).decode()

SPELLINGS: dict[str, Callable[[], str]] = {
    "plain": lambda: TEXT,
    "url-safe": lambda: base64.urlsafe_b64encode(PICTURE).decode(),
    "without padding": lambda: TEXT.rstrip("="),
    "in lines": lambda: LINES,
    "in lines of DOS": lambda: LINES.replace("\n", "\r\n"),
    "in indented lines": lambda: LINES.replace("\n", "\n    "),
    "in pieces between spaces": lambda: LINES.replace("\n", " "),
    "data URL": lambda: f"data:image/png;base64,{TEXT}",
    "data URL in capitals": lambda: f"DATA:IMAGE/PNG;BASE64,{TEXT}",
    "Python's bytes": lambda: str(base64.b64encode(PICTURE)),
    "Python's bytes in lines": lambda: str(base64.encodebytes(PICTURE)),
    "Python's bytes of a data URL": lambda: str(f"data:image/png;base64,{TEXT}".encode()),
    "in quotes": lambda: f'"{TEXT}"',
    "in single quotes": lambda: f"'{TEXT}'",
    "JSON within JSON": lambda: json.dumps(TEXT).replace("/", "\\/"),
    "%2B": lambda: TEXT.replace("+", "%2B"),
    "quoted for an address": lambda: quote(TEXT, safe=""),
    "data URL quoted for an address": lambda: quote(f"data:image/png;base64,{TEXT}", safe=""),
    "spaces for +": lambda: TEXT.replace("+", " "),
    "data URL with spaces for +": lambda: f"data:image/png;base64,{TEXT}".replace("+", " "),
    "spaces for + in lines": lambda: LINES.replace("+", " "),
}  # fmt: skip


def written(path: Path, text: str) -> Span:
    data = json.dumps(text).encode()
    path.write_bytes(data)
    return Span(1, len(data) - 2)


@pytest.mark.parametrize("window", [1, 5, 4096, 2**18])
@pytest.mark.parametrize("name", SPELLINGS)
def test_a_picture_is_read_in_any_spelling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, window: int
) -> None:
    monkeypatch.setattr(windows, "WINDOW", window)
    span = written(tmp_path / "reply", SPELLINGS[name]())
    decode(tmp_path / "reply", span, tmp_path / "file", 10**6)
    assert (tmp_path / "file").read_bytes() == PICTURE


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_beginning_is_enough_to_know_a_picture(name: str) -> None:
    assert begins_picture(json.dumps(SPELLINGS[name]()).encode()[1:200])


@pytest.mark.parametrize(
    "text", [b"", b"A cat in the sun", b"iVBORw0K", b"\\", b"\xff\xfe", b"data:,", b"b'", b"%89PNG"]
)
def test_other_texts_begin_no_picture(text: bytes) -> None:
    assert not begins_picture(text)


@pytest.mark.parametrize("more", ["*", "A", "==AAAA", "}", "é", "<br>"])
def test_what_ends_a_picture_too_early_leaves_it_to_its_pixels(tmp_path: Path, more: str) -> None:
    span = written(tmp_path / "reply", TEXT[:400] + more)
    assert decode(tmp_path / "reply", span, tmp_path / "file", 10**6).bytes >= 294
    assert PICTURE.startswith((tmp_path / "file").read_bytes()[:294])


def test_what_begins_no_picture_must_be_base64_to_its_end(tmp_path: Path) -> None:
    span = written(tmp_path / "reply", base64.b64encode(bytes(300)).decode() + "*")
    with pytest.raises(PayloadError, match="base64"):
        decode(tmp_path / "reply", span, tmp_path / "file", 10**6)
    assert not (tmp_path / "file").exists()
