"""Replies taken apart without being held: against `json` and `base64`, and against what nobody should send."""

import base64
import hashlib
import json
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.replies import windows
from generator.replies.payload import split
from generator.replies.spelling import Decoded, decode
from generator.replies.windows import PayloadError, Span

PICTURES = [bytes(range(256)) * n for n in (1, 2, 5)]
TEXTS = [base64.b64encode(picture).decode() for picture in PICTURES]


@pytest.fixture
def reply(tmp_path: Path) -> Path:
    return tmp_path / "reply"


@pytest.fixture(params=[1, 2, 3, 7, 64, 2**18])
def window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "WINDOW", request.param)


def texts(path: Path, **limits: int) -> list[str]:
    """What `split` found, as the JSON strings they are."""
    raw = path.read_bytes()
    spans = split(path, **limits).spans
    return [json.loads(b'"' + raw[span.start : span.start + span.length] + b'"') for span in spans]


def decoded(path: Path, text: str | bytes, max_bytes: int = 10**6) -> bytes:
    """The bytes that come out of `text` between two quotes."""
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(b'"' + data + b'"')
    dest = path.with_suffix(".file")
    result = decode(path, Span(1, len(data)), dest, max_bytes)
    assert result == Decoded(dest.stat().st_size, hashlib.sha256(dest.read_bytes()).hexdigest())
    return dest.read_bytes()


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize(
    "style", [{}, {"indent": 2}, {"separators": (",", ":")}, {"sort_keys": True}, {"indent": "\t", "sort_keys": True}]
)
def test_pictures_are_found_in_any_style_and_order(reply: Path, style: dict[str, Any]) -> None:
    fields = {
        "user": 0,
        "files": TEXTS,
        "id": 'a "files": ["x"] \\',
        "size": {"files": ["no"], "a": [["no"]]},
        "é": "ü",
    }
    reply.write_text(json.dumps(fields, **style))
    assert texts(reply) == TEXTS
    assert json.loads(split(reply).skeleton) == fields | {"files": [0, 1, 2]}


@pytest.mark.usefixtures("window")
def test_escapes_within_pictures_and_keys_are_understood(reply: Path) -> None:
    reply.write_text(json.dumps({"files": TEXTS}).replace("/", "\\/").replace("files", "f\\u0069les"))
    assert texts(reply) == TEXTS
    for span, picture in zip(split(reply).spans, PICTURES, strict=True):
        dest = reply.with_suffix(".file")
        decode(reply, span, dest, 10**6)
        assert dest.read_bytes() == picture


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ("null", []),
        ("[]", []),
        ("{}", []),
        ("7", []),
        ('"one"', ["one"]),
        ('["", null, 5, "a", {"b64": "x"}, ["y"], true, "z"]', ["", "a", "y", "z"]),
        ('{"0": "x", "files": ["y"]}', []),
        ('[["x"]]', ["x"]),
        ('["a\\"b", "c\\\\"]', ['a"b', "c\\"]),
    ],
)
def test_every_text_in_the_lists_of_files_is_a_picture(reply: Path, files: str, found: list[str]) -> None:
    reply.write_text('{"a": 1, "files": ' + files + ', "b": "c"}')
    assert texts(reply) == found
    assert json.loads(split(reply).skeleton)["b"] == "c"


@pytest.mark.parametrize(
    "body",
    [
        '{"id": "files"}',
        '{"data": {"files": ["x"]}}',
        '[{"files": ["x"]}]',
        '{"file": ["x"], "filess": "y"}',
        '{"a\\qb": "x"}',
        '{"id": "files", "x": ["files", "y"]}',
        "[]",
        "",
        "no JSON at all",
    ],
)
def test_other_replies_hold_no_pictures_and_stay_as_they_are(reply: Path, body: str) -> None:
    reply.write_text(body)
    assert split(reply).spans == []
    assert split(reply).skeleton == body.encode()


def test_of_two_files_fields_the_last_counts_as_in_json(reply: Path) -> None:
    reply.write_text('{"files": ["a", "b"], "files": ["c"]}')
    assert texts(reply) == ["c"]


def test_pictures_beyond_the_limit_are_dropped(reply: Path) -> None:
    reply.write_text(json.dumps({"files": list("abcde")}))
    assert texts(reply, max_files=2) == ["a", "b"]
    assert json.loads(split(reply, max_files=2).skeleton) == {"files": [0, 1, None, None, None]}


def test_long_text_elsewhere_is_left_out_and_costs_no_picture(reply: Path) -> None:
    reply.write_text(json.dumps({"preview": "x" * 300_000, "files": ["a"], "files2": "y" * 2_000_000}))
    assert texts(reply) == ["a"]
    assert json.loads(split(reply).skeleton)["preview"] == "(a long text was left out)"


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("body", ['{"files": ["abc', '{"files": ["abc\\', '{"id": "a', '"', '{"files": ["abc\\"'])
def test_reply_that_breaks_off_within_a_text_is_an_error(reply: Path, body: str) -> None:
    reply.write_text(body)
    with pytest.raises(PayloadError, match="broken_off"):
        split(reply)


@pytest.mark.parametrize(
    "body",
    ["[" * 2**14, " " * 2**14, '"' * 2**14, '{"files": [' + '"",' * 2**13, '{"files": [' + "[]," * 2**13, "x" * 2**14],
)
def test_far_more_than_pictures_is_an_error(reply: Path, body: str) -> None:
    reply.write_text(body)
    with pytest.raises(PayloadError, match="oversized") as caught:
        split(reply, max_skeleton=2**12)
    assert caught.value.reason == str(caught.value)


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 1000, 1001, 1002])
def test_base64_of_any_length_is_decoded(reply: Path, size: int) -> None:
    picture = random.Random(size).randbytes(size)
    text = base64.b64encode(picture).decode()
    lines = "\\r\\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    slashes = text.replace("/", "\\/").replace("+", "\\u002B")
    for variant in (text, text.rstrip("="), lines, slashes, f"\n {text}\t", f"{text[:1]}\n{text[1:]}"):
        assert decoded(reply, variant) == picture


@pytest.mark.parametrize(
    "prefix", ["data:image/png;base64,", " data:;base64,", "data:image/svg+xml;charset=utf-8;base64, "]
)
def test_data_prefix_is_stripped(reply: Path, prefix: str) -> None:
    assert decoded(reply, prefix + TEXTS[0]) == PICTURES[0]


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AA=A",
        "AA==AAAA",
        "AAA=AA==",
        "====",
        "AAAA====",
        "AA*A",
        "AAAA\\",
        "AA\\qA",
        "AAAé",
        "AA\\u00e9A",
        'AA\\"A',
        "AA\\u00",
        "<svg/>",
        "AAAA\\u3",
        "AA\\\\A",
    ],
)
def test_what_is_not_base64_is_an_error_and_leaves_no_file(reply: Path, text: str) -> None:
    with pytest.raises(PayloadError, match="base64") as caught:
        decoded(reply, text)
    assert caught.value.reason == str(caught.value)
    assert not reply.with_suffix(".file").exists()


@pytest.mark.parametrize("text", ["", "  \\n ", "data:image/png;base64,"])
def test_empty_picture_is_an_error_and_leaves_no_file(reply: Path, text: str) -> None:
    with pytest.raises(PayloadError, match="empty"):
        decoded(reply, text)
    assert not reply.with_suffix(".file").exists()


def test_picture_over_the_limit_is_an_error_and_leaves_no_file(reply: Path) -> None:
    assert decoded(reply, TEXTS[0], max_bytes=256) == PICTURES[0]
    with pytest.raises(PayloadError, match="too_large") as caught:
        decoded(reply, TEXTS[0], max_bytes=255)
    assert caught.value.values == {"limit": 255}
    assert not reply.with_suffix(".file").exists()


@pytest.mark.parametrize(
    "filling", [b"A" * 2**24, b'\\"' * 2**22, b"\\\\" * 2**22, b"\\u0041" * 2**21, b" " * 2**23, b"A\\n" * 2**21]
)
def test_memory_does_not_grow_with_the_reply(reply: Path, filling: bytes) -> None:
    reply.write_bytes(b'{"files": ["' + filling + b'"]}')
    tracemalloc.start()
    try:
        span = split(reply).spans[0]
        try:
            decode(reply, span, reply.with_suffix(".file"), 2**30)
        except PayloadError:
            assert not reply.with_suffix(".file").exists()
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def flat(files: Any) -> Iterator[str]:
    """The texts of a list, and of the lists in it."""
    for item in files if isinstance(files, list) else ():
        yield from flat(item) if isinstance(item, list) else [item] * isinstance(item, str)
    yield from [files] * isinstance(files, str)


KEYS = st.sampled_from(["files", "id", 'a"b', "\\", "é", "fil\nes"])
VALUES = st.recursive(
    st.none() | st.integers() | st.text(alphabet='ab"\\/{}[],: é\n', max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)


@settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(KEYS, VALUES), st.sampled_from([1, 2, 3, 5, 16]), st.sampled_from([None, 1]), st.booleans())
def test_any_json_is_split_as_json_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: Any, size: int, indent: int | None, plain: bool
) -> None:
    monkeypatch.setattr(windows, "WINDOW", size)
    path = tmp_path / "reply"
    path.write_text(json.dumps(fields, indent=indent, ensure_ascii=plain))
    assert texts(path) == list(flat(fields.get("files")))
    rest = json.loads(split(path).skeleton)
    assert {**rest, "files": 0} == {**fields, "files": 0}


@settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet='{}[]":,\\ files', max_size=60), st.sampled_from([1, 3, 2**18]))
def test_any_garbage_is_split_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, size: int) -> None:
    monkeypatch.setattr(windows, "WINDOW", size)
    path = tmp_path / "reply"
    path.write_text(body)
    try:
        spans = split(path).spans
    except PayloadError:
        return
    assert all(span.start + span.length < len(body) for span in spans)
