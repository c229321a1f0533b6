"""An API that answers with whatever bytes it is given, and the road from there to a row."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from generator.models import Call, Generation
from generator.worker import tasks
from tests.conftest import Cast

Answer = Callable[..., Call]
TAG = re.compile(r"<[A-Za-z/!?]")


class Liar(HTTPServer):
    """Says `parts`, HTTP head included, to every request."""

    parts: Iterable[bytes] = ()


class _Handler(BaseHTTPRequestHandler):
    server: Liar

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        try:
            for part in self.server.parts:
                self.wfile.write(part)
        except OSError:
            return  # the client has had enough

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def liar(settings: Any) -> Iterator[Liar]:
    with Liar(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        settings.ONLYSQ_API_URL = f"http://127.0.0.1:{server.server_port}/ai/imagen"
        settings.ONLYSQ_API_KEY = ""
        yield server
        server.shutdown()


@pytest.fixture
def says(liar: Liar, cast: Cast, make_generation: Callable[..., Generation]) -> Answer:
    """What becomes of a call that is answered with exactly these parts; the row has been looked over."""

    def work(*parts: bytes, **asked: Any) -> Call:
        liar.parts = parts
        generation = make_generation(cast.owner, **asked)
        tasks.work()
        call = generation.calls.get()
        look_over(call)
        return call

    return work


@pytest.fixture
def answers(says: Answer) -> Answer:
    """The same, for a whole reply under a status of 200: bytes, or an object to be put as JSON."""

    def work(body: Any, status: int = 200, **asked: Any) -> Call:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return says(b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n" % (status, len(data)), data, **asked)

    return work


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def look_over(call: Call) -> None:
    """Whatever was said: the row holds what every page and column can take, and is held by nobody."""
    assert call.lease_until is None
    assert not call.is_running or call.error_kind == "rate"
    assert call.error == "", "that column is for sentences of release 0.1.0"
    assert len(call.error_message) <= 500
    assert call.error_message.isprintable()
    assert not TAG.search(call.error_message)
    for text in (call.reply_id, call.reply_model):
        assert text.isprintable()
        assert len(text) <= 200
    kept = json.dumps(call.reply_extra, allow_nan=False, ensure_ascii=False)
    assert "\0" not in kept
    assert "\\u0000" not in kept
    assert len(kept.encode()) <= 70_000
    assert call.elapsed_time is None or call.elapsed_time >= 0
