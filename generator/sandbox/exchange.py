"""Reading requests and sending answers, well or badly as the faults say. Knows HTTP, nothing of pictures."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from generator.sandbox import bodies
from generator.sandbox.contract import RefusalError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from generator.sandbox.bodies import Body, Plain
    from generator.sandbox.faults import Fault

MAX_BODY = 1024 * 1024
_DRAINED = 16 * MAX_BODY
_DRIP_STEP = 0.05


class HangUpError(Exception):
    """Close the connection without another byte."""


class Exchange(BaseHTTPRequestHandler):
    """HTTP/1.1 with keep-alive. Every answer has a Content-Length unless a fault takes it away."""

    protocol_version = "HTTP/1.1"
    server_version = "VitrineSandbox"
    sys_version = ""
    timeout = 60
    stopping: threading.Event
    over: threading.Event
    """Set when a fault that takes its time has to end."""
    report: Callable[[str], None] | None = None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server passes
        if self.report is not None:
            self.report(f"{self.client_address[0]} {format % args}")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server itself refuses (a broken request line, an unknown method) is refused in JSON too."""
        self.close_connection = True
        self.send(code, bodies.error_body(explain or message or "The request cannot be answered."))

    def read_body(self) -> bytes:
        """The whole request body; raises RefusalError 400, 411 or 413 and gives up the connection, body unread."""
        length = self.headers.get("Content-Length", "0" if self.command != "POST" else "")
        if not length or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise RefusalError(411, "The request needs a Content-Length.")
        if not (length.isascii() and length.isdecimal()) or len(length) > 18:
            self.close_connection = True
            raise RefusalError(400, "The Content-Length is not a number.")
        if int(length) > MAX_BODY:
            self.close_connection = True
            raise RefusalError(413, "The request body is larger than 1 MiB.")
        data = self.rfile.read(int(length))
        if len(data) < int(length):
            raise HangUpError
        return data

    def send(self, status: int, body: Body | Plain, fault: Fault | None = None, location: str = "") -> None:
        """One answer. `fault` matters if it is early, half, stall, drip, chunked, or a status with a Retry-After."""
        bent = fault.name if fault else ""
        if bent == "early":
            self.send_response_only(103, "Early Hints")
            self.send_header("Link", "</style.css>; rel=preload; as=style")
            self.end_headers()
        self.send_response(status)
        self.send_header("Content-Type", body.kind)
        framing = ("Transfer-Encoding", "chunked") if bent == "chunked" else ("Content-Length", str(body.length))
        self.send_header(*framing)
        if fault and fault.retry_after is not None:
            self.send_header("Retry-After", str(fault.retry_after))
        if location:
            self.send_header("Location", location)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        for piece in self._bent(body, fault):
            self.wfile.write(piece)
        if self.close_connection:
            self._drain()

    def _bent(self, body: Body | Plain, fault: Fault | None) -> Iterator[bytes]:
        """The pieces of a body as the fault lets them through."""
        if fault and fault.name == "half":
            yield from _first(body, body.length // 2)
            raise HangUpError
        if fault and fault.name == "stall":
            yield from self._halves(body, fault.seconds)
        elif fault and fault.name == "drip":
            yield from self._drops(body, fault.rate)
        elif fault and fault.name == "chunked":
            yield from (b"%x\r\n%b\r\n" % (len(piece), piece) for piece in body if piece)
            yield b"0\r\n\r\n"
        else:
            yield from body

    def _halves(self, body: Body | Plain, seconds: float) -> Iterator[bytes]:
        whole = b"".join(body)
        yield whole[: body.length // 2]
        self.linger(seconds)
        yield whole[body.length // 2 :]

    def _drops(self, body: Body | Plain, rate: int) -> Iterator[bytes]:
        step = max(1, round(rate * _DRIP_STEP))
        for piece in body:
            for start in range(0, len(piece), step):
                yield piece[start : start + step]
                self.pause(step / rate)

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        if seconds > 0 and self.stopping.wait(seconds):
            raise HangUpError

    def linger(self, seconds: float) -> None:
        """Wait, but not longer than the server lives, nor than the fault is to last."""
        self.over.wait(seconds)
        if self.stopping.is_set():
            raise HangUpError

    def reset(self) -> None:
        """Drop the connection at once: the client sees a reset, not an orderly end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
        raise HangUpError

    def _drain(self) -> None:
        """Swallow what the client is still sending: closing over unread bytes would take our answer away from it."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            taken = 0
            while taken < _DRAINED and (data := self.connection.recv(65536)):
                taken += len(data)


def decoded(data: bytes) -> object:
    """JSON, or RefusalError 400."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise RefusalError(400, "The request body is not valid JSON.") from None


def _first(body: Body | Plain, count: int) -> Iterator[bytes]:
    for piece in body:
        yield piece[:count]
        count -= len(piece)
        if count <= 0:
            return
