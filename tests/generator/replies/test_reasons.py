"""The reason that an API gives, in every shape, and what is kept of its body."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from generator.replies import scrub
from generator.replies.reasons import kept_body, plain, reason, reason_of
from generator.replies.scrub import Scrubber

NO_SECRET = Scrubber("")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"error": "No such\n <b>model</b>\x00"}, "No such model"),
        ({"error": {"message": "No", "code": "x", "type": "y"}}, "No"),
        ({"error": {"type": "y"}}, "y"),
        ({"detail": ["No", {"msg": "Never", "loc": ["body", 3]}]}, "No; body: Never"),
        ({"detail": {"reason": "No"}}, "No"),
        ({"title": "Bad Request", "status": 400, "detail": "No"}, "No"),
        ({"title": "Bad Request", "status": 400}, "Bad Request"),
        ({"error": "invalid_request", "error_description": "No scope."}, "invalid_request; No scope."),
        ({"error": "No.", "message": "No", "detail": "no more"}, "No.; no more"),
        ({"errors": [{"message": str(n)} for n in range(1000, 2000)]}, "1000; 1001; 1002; 1003; 1004"),
        ({"error": None, "message": "", "detail": []}, ""),
        ({"error": [[[[[[["deep"]]]]]]]}, ""),
        ({"a": 1}, ""),
        ([], ""),
        (7, ""),
        ("Text", "Text"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_reason_is_one_line_of_the_apis_own_words(value: Any, said: str) -> None:
    assert reason(value) == said


@pytest.mark.usefixtures("no_collecting")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", ""),
        (b"  Try again later\r\n", "Try again later"),
        (b"<html><h1>Oops</h1>", ""),
        (b'{"error": ', ""),
        (b"\xff\xfe", ""),
        (b"\x00\x01", ""),
        ('"Ошибка"'.encode(), "Ошибка"),
        (b"[" * 20_000, ""),
        (b'{"detail": "key sq-\\u0031234567 is bad"}', "key *** is bad"),
        (b"key sq-1234567 is bad", "key *** is bad"),
    ],
)
def test_a_body_may_be_json_or_plain_text(body: bytes, said: str) -> None:
    assert reason_of(body, Scrubber("sq-1234567")) == said


def test_a_secret_at_the_end_of_what_is_shown_is_not_cut_in_half() -> None:
    assert reason_of(b"x" * 190 + b" sq-12345678901234567890", Scrubber("sq-12345678901234567890")).endswith(" ***")


@pytest.mark.parametrize(
    "written", ['sq-1"/2345', 'sq-1\\"\\/2345', "sq-1%22%2F2345", "\\u0073\\u0071-1\\u0022\\u002F2345"]
)
def test_a_secret_is_found_however_it_is_written(written: str) -> None:
    assert Scrubber('sq-1"/2345').text(f"a {written} b") == "a *** b"


def test_four_kilobytes_of_a_body_are_kept_as_text() -> None:
    assert kept_body(b'{"a":\n"\\u00e9"}', NO_SECRET) == '{"a": "é"}'
    assert kept_body(b"\x00\xff<p>", NO_SECRET) == "\ufffd<p>"
    assert len(kept_body("é".encode() * 9000, NO_SECRET).encode()) == 4096
    assert kept_body(b"", NO_SECRET) == ""


@pytest.mark.usefixtures("no_collecting")
def test_large_and_deep_bodies_cost_little() -> None:
    started = time.process_time()
    wide = {"errors": [{"errors": [{"x": {"y": ["z"] * 100}} for _ in range(100)]} for _ in range(20)]}
    for body in (json.dumps(wide).encode(), b'{"errors":' * 5000 + b"1" + b"}" * 5000, b'"' + b"<" * 60_000 + b'"'):
        reason_of(body, NO_SECRET)
    assert time.process_time() - started < 5


def test_plain_words_hold_no_tags() -> None:
    assert plain("<<b>script>alert(1)<img src=x onerror=alert(2)") == "< script>alert(1) img src=x onerror=alert(2)"


@pytest.mark.parametrize("piece", [1, 7, 50, 2**18])
def test_a_secret_is_taken_out_of_a_file_wherever_the_pieces_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(scrub, "_PIECE", piece)
    data = b"\xff\r\n" + b"x" * 90 + b"sq-12345 sq-\\u0031\\u0032345" + b"y" * 70 + b" sq-1234"
    (tmp_path / "reply").write_bytes(data)
    clean = b"".join(scrub.without(tmp_path / "reply", "sq-12345"))
    assert clean == b"\xff\r\n" + b"x" * 90 + b"*** ***" + b"y" * 70 + b" sq-1234"
