"""HTTP that wants the worker's memory or patience: heads, chunks, compression, and more than the cap."""

from __future__ import annotations

import gzip
import itertools
import resource
from collections.abc import Iterator
from typing import Any

import pytest

from generator.models import Call
from tests.conftest import Folders
from tests.generator.hostile.conftest import Answer

State = Call.State
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MB = bytes(2**20)


def grown(before: int) -> float:
    """MiB by which this process has been larger than ever before."""
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ([HEAD + b"X: " + b"x" * 200_000 + b"\r\n\r\n"], "silence"),
        ([HEAD + b"X: x\r\n" * 5000 + b"\r\n"], "silence"),
        ([b"HTTP/9.9 -7 <script>\r\n\r\n"], "silence"),
        ([b"<html>no HTTP at all</html>\r\n\r\n"], "silence"),
        ([HEAD + b"Content-Length: 99\r\n\r\n{}"], "silence"),
        ([HEAD + b"Content-Length: -5\r\n\r\n{}"], "unreadable"),
        ([HEAD + b"Content-Length: 5, 7\r\n\r\n{}"], "silence"),
        ([CHUNKED + b"zz\r\n{}"], "silence"),
        ([CHUNKED + b"-5\r\n{}"], "silence"),
        ([CHUNKED + b"5;" + b"x" * 200_000], "silence"),
        ([CHUNKED + b"FFFFFFFFFFFFFFFFFF\r\n{}"], "silence"),
        ([CHUNKED + b"2\r\n{}\r\n0\r\n" + b"x" * 200_000], "silence"),
        ([HEAD + b"Content-Encoding: gzip\r\n\r\nno gzip"], "silence"),
        ([HEAD + b"Content-Encoding: " + b"gzip," * 50 + b"gzip\r\n\r\nno gzip"], "silence"),
        ([HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b'{"files": []}')[:-9]], "unreadable"),
    ],
)
def test_broken_http_is_silence_or_unreadable(says: Answer, parts: list[bytes], kind: str) -> None:
    call = says(*parts)
    assert call.state in (State.UNKNOWN, State.FAILED)
    assert call.error_kind in (kind, "provider", "silence")


def test_a_chunk_of_less_than_nothing_is_not_read_to_the_end(says: Answer) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call = says(CHUNKED + b"-1\r\n", *itertools.repeat(MB, 100))
    assert (call.state, call.error_kind) == (State.UNKNOWN, "silence")
    assert grown(before) < 40


def test_a_compressed_bomb_ends_at_the_cap(says: Answer, settings: Any, folders: Folders) -> None:
    settings.ONLYSQ_MAX_REPLY_MB = 8
    data = gzip.compress(gzip.compress(bytes(200 * 2**20)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call = says(HEAD + b"Content-Encoding: gzip, gzip\r\n\r\n", data)
    assert (call.state, call.error_kind) == (State.UNKNOWN, "silence")
    assert call.error_message == "The API's reply is larger than 8 MiB and was not taken in."
    assert grown(before) < 40
    assert list(folders.spool.iterdir()) == []


@pytest.mark.parametrize("head", [HEAD + b"Content-Length: 999999999999\r\n\r\n", HEAD + b"\r\n"])
def test_more_than_256_mib_are_not_taken_in(says: Answer, folders: Folders, head: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call = says(head, b'{"files": ["', *itertools.repeat(b"A" * 2**20, 257))
    assert (call.state, call.error_kind, call.http_status) == (State.UNKNOWN, "silence", 200)
    assert call.error_message == "The API's reply is larger than 256 MiB and was not taken in."
    assert grown(before) < 40
    assert list(folders.spool.iterdir()) == []


def test_a_whole_reply_just_below_256_mib_is_taken_in(says: Answer, folders: Folders) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call = says(HEAD + b'Connection: close\r\n\r\n{"files": ["', *itertools.repeat(b"A" * 2**20, 255), b'"]}')
    assert (call.state, call.error_kind) == (State.FAILED, "unreadable")
    assert call.error_message == (
        "The file is not a picture: neither PNG, JPEG, WebP, AVIF, GIF, BMP, TIFF nor JPEG 2000."
    )
    assert grown(before) < 40
    assert max(path.stat().st_size for path in folders.spool.iterdir()) == 255 * 2**20 + 15


def test_a_worker_that_was_lied_to_goes_on(says: Answer) -> None:
    def lies() -> Iterator[bytes]:
        yield CHUNKED + b"-1\r\n"

    assert says(*lies()).state == State.UNKNOWN
    assert says(HEAD + b"Content-Length: 13\r\n\r\n", b'{"files": []}').error_kind == "provider"
