"""Any bytes at all, and any reply at all, at the parsers' doors."""

from __future__ import annotations

import base64
import binascii
import json
import re
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator.imaging.formats import STREAMED
from generator.imaging.thumbnails import ImagingError, render_here, render_mended
from generator.models.failure_words import UNREADABLE, WORDS
from generator.onlysq.failure import retry_after
from generator.replies import windows
from generator.replies.payload import MOST_FILES, split
from generator.replies.reasons import plain
from generator.replies.receipt import Reply, ReplyError, parse
from generator.replies.spelling import decode
from generator.replies.windows import PayloadError
from tests.generator.hostile.conftest import TAG
from tests.generator.hostile.files import KEPT, PNG, REFUSED, chunk

many = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))

TEXTS = st.text(max_size=40) | st.sampled_from(["files", "id", "<b>", "\x00", "\ud800", "data:image/png;base64,AAAA"])
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**30, -(2**63), 253402300800, 1e308])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=20,
)
NAMES = ["id", "created", "model", "count", "size", "ratio", "elapsed-time", "usage", "user", "error", "files", "new"]
REPLIES = st.dictionaries(st.sampled_from(NAMES) | TEXTS, VALUES)
PICTURES = st.lists(st.binary(max_size=200), max_size=20) | st.just([b"x"] * 70)
SEEDS = [data for data, *_ in KEPT.values()] + [data for data, _ in REFUSED.values() if len(data) < 20_000]


def judge(error: PayloadError | ReplyError | ImagingError) -> None:
    assert error.reason in WORDS[UNREADABLE]


def read(path: Path) -> tuple[Reply, list[windows.Span]] | None:
    """The two parsers one behind the other; None if one of them said no in its own words."""
    try:
        found = split(path)
        return parse(found.skeleton), found.spans
    except (PayloadError, ReplyError) as error:
        judge(error)
        return None


def assert_storable(reply: Reply) -> None:
    kept = json.dumps(reply.extra, allow_nan=False, ensure_ascii=False).encode()
    assert len(kept) < 70_000
    # A null, which PostgreSQL takes in no text; behind a backslash that stands for itself it is six letters.
    assert not re.search(rb"(?<!\\)(?:\\\\)*\\u0000", kept)
    for text in (reply.id, reply.model, reply.ratio, reply.error or ""):
        assert len(text) <= 200
        assert text.isprintable()
    for number in (reply.usage, reply.api_user):
        assert number is None or -(2**63) <= number < 2**63
    assert not TAG.search(reply.error or "")


@many
@given(st.binary(max_size=400) | REPLIES.map(lambda fields: json.dumps(fields).encode()), st.integers(1, 40))
@example(b"{" * 3000, 7)
@example(rb'{"":{"\\u0000":null}}', 1)
@example(rb'{"":{"\u0000":null}}', 1)
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes, window: int) -> None:
    path = tmp_path / "reply"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "WINDOW", window)
        found = read(path)
        if not found:
            return
        assert_storable(found[0])
        for span in found[1]:
            try:
                decode(path, span, tmp_path / "file", 10**6)
            except PayloadError:
                assert not (tmp_path / "file").exists()


@many
@given(REPLIES, PICTURES, st.integers(1, 300), st.sampled_from([None, 0, 2]), st.booleans())
def test_pictures_of_any_reply_come_out_as_json_and_base64_read_them(
    tmp_path: Path, fields: dict[str, Any], pictures: list[bytes], window: int, indent: int | None, ascii_: bool
) -> None:
    path = tmp_path / "reply"
    fields = fields | {"files": [base64.b64encode(picture).decode() for picture in pictures]}
    path.write_bytes(json.dumps(fields, indent=indent, ensure_ascii=ascii_).encode("utf-8", "replace"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "WINDOW", window)
        spans = split(path).spans
        assert len(spans) == min(len(pictures), MOST_FILES)
        for span, picture in zip(spans, pictures, strict=False):
            if picture:
                decode(path, span, tmp_path / "file", 10**6)
                assert (tmp_path / "file").read_bytes() == picture


@many
@given(st.text(alphabet="AZaz09+/=-_ \n*é", max_size=60))
def test_any_text_is_decoded_as_base64_reads_it_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "reply"
    path.write_bytes(json.dumps({"files": [text]}).encode())
    bare = "".join(text.split())
    try:
        expected = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        expected = b""
    try:
        decode(path, split(path).spans[0], tmp_path / "file", 10**6)
    except PayloadError:
        return
    if expected and " " not in text.strip():  # which may stand for a plus
        assert (tmp_path / "file").read_bytes() == expected


@many
@given(
    st.binary(max_size=200)
    | st.builds(
        lambda seed, place, junk: seed[:place] + junk + seed[place + len(junk) :],
        st.sampled_from(SEEDS), st.integers(0, 3000), st.binary(max_size=30),
    )
    | st.builds(
        lambda kind, data, seed: PNG + seed[8:33] + chunk(kind, data) + seed[33:],
        st.sampled_from([b"iCCP", b"eXIf", b"tRNS", b"PLTE", b"acTL", b"fcTL", b"iTXt", b"zTXt", b"gAMA", b"cHRM"]),
        st.binary(max_size=60), st.sampled_from([seed for seed in SEEDS if seed[:4] == b"\x89PNG"]),
    ),
    st.sampled_from([STREAMED, ("PNG",), ("JPEG",), ("WEBP",), ("AVIF",), ("GIF",), ("BMP",), ("TIFF",)]),
    st.booleans(),
)  # fmt: skip
def test_any_file_is_developed_or_refused(
    tmp_path: Path, data: bytes, formats: tuple[str, ...], is_mended: bool
) -> None:
    path = tmp_path / "picture"
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            act = render_mended if is_mended else render_here
            picture = act(path, {32: tmp_path / "32.webp"}, 100_000, formats)
        except ImagingError as error:
            judge(error)
            return
    assert picture.width * picture.height <= 100_000
    assert (tmp_path / "32.webp").stat().st_size


@many
@given(st.text(max_size=80) | st.text(alphabet="<>/!? abimgscript='", max_size=80))
@example("<<b>script>alert(1)<img src=x onerror=alert(2)")
def test_any_text_becomes_plain_words(text: str) -> None:
    for words in (plain(text), parse(json.dumps({"error": text}).encode()).error or ""):
        assert words.isprintable()
        assert not TAG.search(words)


@many
@given(
    st.text(max_size=30)
    | st.datetimes(timezones=st.just(UTC)).map(lambda at: datetime.strftime(at, "%a, %d %b %Y %H:%M:%S GMT"))
    | st.text(alphabet="0123456789+-:, GMTJanSunZ.", max_size=40)
)
def test_any_retry_after_is_seconds_or_nothing(value: str) -> None:
    response = requests.Response()
    response.headers["Retry-After"] = value
    seconds = retry_after(response)
    assert seconds is None or 0 <= seconds <= 3600
