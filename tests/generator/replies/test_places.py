"""Pictures found wherever a reply holds them, and nothing else taken for one."""

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest

from generator.replies import windows
from generator.replies.payload import Payload, split

PICTURE = b"\xff\xd8\xff\xe0" + random.Random(2).randbytes(500)
OTHER = b"\x89PNG\r\n\x1a\n" + random.Random(3).randbytes(90)
A, B = (base64.b64encode(data).decode() for data in (PICTURE, OTHER))
RAW = base64.b64encode(random.Random(4).randbytes(600)).decode()  # base64, and of no picture

HOLDING: dict[str, tuple[Any, list[str]]] = {
    "OpenAI": ({"created": 1, "data": [{"b64_json": A, "revised_prompt": "a cat"}, {"b64_json": B}]}, [A, B]),
    "image": ({"image": A}, [A]),
    "images": ({"images": [A, B]}, [A, B]),
    "images as objects": ({"images": [{"base64": A, "seed": 3}]}, [A]),
    "files as objects": ({"files": [{"b64_json": A}, {"b64_json": B}]}, [A, B]),
    "files in lists": ({"files": [[A], [[B]]]}, [A, B]),
    "files by name": ({"files": {"a.jpg": A, "b.png": B}}, [A, B]),
    "result": ({"status": "ok", "result": {"files": [A, B]}}, [A, B]),
    "deep": ({"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": B}}]}}]}, [B]),
    "a list": ([{"b64_json": A}], [A]),
    "a text": (A, [A]),
    "a field nobody knows": ({"whatever": B, "more": {"of": [A]}}, [B, A]),
    "files and a preview": ({"files": [A], "preview": B}, [A, B]),
    "a broken picture where one belongs": ({"images": [RAW, A]}, [RAW, A]),
}
HOLDING_NONE: dict[str, Any] = {
    "a name": {"image": "cat.png", "images": ["a", "b"], "b64_json": None},
    "a long text": {"output": "A cat sits in the sun and sees nothing of it. " * 40},
    "a token": {"token": RAW, "id": "imagen_" + "x" * 48},
    "a name of a field": {A: 1, B: []},
    "an error": {"error": {"image": RAW}},
    "a short base64": {"data": [{"b64_json": "AAAA"}]},
}


def reply(tmp_path: Path, body: Any) -> tuple[Payload, list[str]]:
    """What `split` finds, and its pictures as the texts they are."""
    path = tmp_path / "reply"
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    path.write_bytes(data)
    found = split(path)
    return found, [data[span.start : span.start + span.length].decode("latin-1") for span in found.spans]


@pytest.mark.parametrize("window", [1, 7, 2**18])
@pytest.mark.parametrize("name", HOLDING)
def test_pictures_are_found_wherever_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, window: int
) -> None:
    monkeypatch.setattr(windows, "WINDOW", window)
    body, pictures = HOLDING[name]
    assert reply(tmp_path, body)[1] == pictures


@pytest.mark.parametrize("name", HOLDING_NONE)
def test_other_texts_are_no_pictures_and_stay_as_they_are(tmp_path: Path, name: str) -> None:
    found, pictures = reply(tmp_path, HOLDING_NONE[name])
    assert pictures == []
    assert json.loads(found.skeleton) == HOLDING_NONE[name]
    assert found.addresses == []


@pytest.mark.parametrize(
    "body",
    [
        {"files": ["https://example.org/x.png"]},
        {"data": [{"url": "https://example.org/x.png"}]},
        {"images": [{"url": "https://example.org/x.png", "width": 8}]},
        {"image_url": "https://example.org/x.png"},
        {"result": {"image": "'https://example.org/x.png'"}},
        b'{"files": ["https:\\/\\/example.org\\/x.png"]}',
    ],
)
def test_addresses_where_pictures_belong_are_told(tmp_path: Path, body: Any) -> None:
    found, pictures = reply(tmp_path, body)
    assert (found.addresses, pictures) == (["https://example.org/x.png"], [])


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "See https://example.org/", "url": "https://example.org/"}},
        {"documentation_url": "https://example.org/", "id": "https://example.org/"},
        {"https://example.org/": 1},
    ],
)
def test_other_addresses_are_none_of_pictures(tmp_path: Path, body: Any) -> None:
    assert reply(tmp_path, body)[0].addresses == []


def test_a_body_that_is_a_picture_is_one(tmp_path: Path) -> None:
    found, _ = reply(tmp_path, PICTURE)
    assert [(span.start, span.length, span.is_raw) for span in found.spans] == [(0, len(PICTURE), True)]
    assert found.skeleton == b"{}"


def test_whole_pictures_are_kept_of_a_reply_that_breaks_off(tmp_path: Path) -> None:
    assert reply(tmp_path, f'{{"files": ["{A}", "{B}", "half of a'.encode())[1] == [A, B]
    assert reply(tmp_path, f'{{"files": ["{A}'.encode())[1] == [A], "how much of it came is for its pixels to say"


def test_pictures_deeper_than_anybody_writes_are_not_looked_for(tmp_path: Path) -> None:
    assert reply(tmp_path, b"[" * 64 + f'"{A}"'.encode() + b"]" * 64)[1] == [A]
    assert reply(tmp_path, b"[" * 65 + f'"{A}"'.encode() + b"]" * 65)[1] == []


def test_pictures_beyond_the_most_are_counted(tmp_path: Path) -> None:
    found, pictures = reply(tmp_path, {"images": [A] * 70})
    assert (len(pictures), found.left_out) == (64, 6)
