"""Requests that no honest client sends."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from tests.generator.sandbox.conftest import SMALL, ask

if TYPE_CHECKING:
    from generator.sandbox import SandboxServer


def _raw(sandbox: SandboxServer, data: bytes) -> bytes:
    """Send bytes, then nothing more, and read to the end."""
    address = urlsplit(sandbox.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.usefixtures("no_collecting")
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"model": "flux", "prompt": "' + b"\xc3" + b'"}', b"1" * 9000],
)
def test_a_body_that_is_no_json_is_400(sandbox: SandboxServer, body: bytes) -> None:
    response = requests.post(sandbox.url, data=body, timeout=10)
    assert (response.status_code, response.json()) == (
        400,
        {"error": {"message": "The request body is not valid JSON."}},
    )


@pytest.mark.parametrize("body", [b"[]", b'"Cat"', b"null", b"7"])
def test_a_body_that_is_no_object_is_400(sandbox: SandboxServer, body: bytes) -> None:
    response = requests.post(sandbox.url, data=body, timeout=10)
    assert response.json() == {"error": {"message": "The request body must be a JSON object."}}


def test_a_body_of_more_than_a_mebibyte_is_413_and_the_answer_arrives(sandbox: SandboxServer) -> None:
    response = requests.post(sandbox.url, json=SMALL | {"prompt": "x" * 3_000_000}, timeout=10)
    assert response.status_code == 413


def test_a_long_prompt_below_the_limit_is_drawn_and_cut_short_in_the_charges(sandbox: SandboxServer) -> None:
    assert ask(sandbox, prompt="кот " * 40_000).status_code == 200
    assert len(sandbox.charged[0]["prompt"]) == 500


@pytest.mark.parametrize("prompt", ["\ud800", "\x00", "🐈" * 300, "{}%s<script>", "ﷺ" * 50])
def test_odd_characters_in_a_prompt_are_drawn(sandbox: SandboxServer, prompt: str) -> None:
    assert ask(sandbox, prompt=prompt).status_code == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /ai/imagen HTTP/1.1\r\nHost: x\r\n\r\n", b" 411 "),
        (b"POST /ai/imagen HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b" 411 "),
        (b"POST /ai/imagen HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b" 400 "),
        (b"POST /ai/imagen HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", b" 400 "),
        (b"POST /ai/imagen HTTP/1.1\r\nHost: x\r\nContent-Length: \xb2\r\n\r\n", b" 400 "),
        (b"PATCH /ai/imagen HTTP/1.1\r\nHost: x\r\n\r\n", b" 501 "),
        (b"GET /ai/imagen HTTP/9.9\r\n\r\n", b"Invalid HTTP version"),
        (b"nonsense\r\n\r\n", b"error"),
    ],
)
def test_broken_http_is_refused_in_json_without_a_traceback(sandbox: SandboxServer, head: bytes, status: bytes) -> None:
    answer = _raw(sandbox, head)
    assert status in answer
    assert b'{"error": {"message": ' in answer
    assert b"Traceback" not in answer


def test_a_client_that_leaves_in_mid_request_is_forgotten_quietly(
    sandbox: SandboxServer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _raw(sandbox, b"POST /ai/imagen HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{") == b""
    assert ask(sandbox).status_code == 200
    assert capfd.readouterr() == ("", "")


def test_unknown_addresses_and_methods_are_refused(sandbox: SandboxServer) -> None:
    assert requests.get(f"{sandbox.base_url}/", timeout=10).status_code == 404
    assert requests.get(sandbox.url, timeout=10).status_code == 405
    assert requests.post(sandbox.models_url, json={}, timeout=10).status_code == 405
    assert requests.delete(sandbox.url, timeout=10).status_code == 405


def test_one_connection_serves_many_requests(sandbox: SandboxServer) -> None:
    with requests.Session() as session:
        answers = [session.post(sandbox.url, json=body, timeout=10) for body in (SMALL, {}, SMALL)]
    assert [answer.status_code for answer in answers] == [200, 400, 200]
    assert all(answer.headers.get("Connection") != "close" for answer in answers)
