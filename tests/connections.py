"""Connections as nobody's browser holds them: silent, half said, dripping, hardly read. For drills and benchmarks."""

from __future__ import annotations

import http
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

HEADERS = b"Host: 127.0.0.1\r\n"
# What the kernel takes in for somebody who does not read.
SMALL_BUFFER = 4096


@dataclass(frozen=True)
class Kind:
    """How many are held, what each says at first, and what it writes or how much it reads each second from then on."""

    number: int
    opening: bytes
    drip: bytes = b""
    sip: int = 0


def kinds(large: str, cookie: str = "") -> dict[str, Kind]:
    """`large` is the path of a large file."""
    cookies = f"Cookie: {cookie}\r\n".encode() if cookie else b""
    begun = b"GET /healthz HTTP/1.1\r\n" + HEADERS
    form = b"POST /accounts/login/ HTTP/1.1\r\n" + HEADERS + b"Content-Length: 9000\r\n\r\n"
    reader = f"GET {large} HTTP/1.1\r\n".encode() + HEADERS + cookies + b"\r\n"
    return {
        "silent": Kind(500, b""),
        "half headers": Kind(500, begun),
        "dripping headers": Kind(100, begun + b"X-Drip: ", drip=b"a"),
        "dripping bodies": Kind(100, form, drip=b"a"),
        "slow readers": Kind(100, reader, sip=200),
    }


@contextmanager
def held(port: int, kind: Kind, number: int = 0) -> Iterator[list[socket.socket]]:
    """So many of a kind, or as many as it says; closed in the end."""
    wires = [_opened(port, kind.opening) for _ in range(number or kind.number)]
    done = threading.Event()
    dripping = threading.Thread(target=_drip, args=(wires, kind, done))
    dripping.start()
    try:
        yield wires
    finally:
        done.set()
        dripping.join()
        for wire in wires:
            wire.close()


def _opened(port: int, opening: bytes) -> socket.socket:
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    wire.settimeout(10)
    wire.connect(("127.0.0.1", port))
    wire.sendall(opening)
    wire.settimeout(0)
    return wire


def _drip(wires: list[socket.socket], kind: Kind, done: threading.Event) -> None:
    while kind.drip or kind.sip:
        for wire in wires:
            if done.wait(1 / len(wires)):
                return
            try:
                _ = wire.send(kind.drip) if kind.drip else wire.recv(kind.sip)
            except OSError:  # nothing there yet, or closed by the server, which it may
                continue


def are_open(wires: list[socket.socket]) -> int:
    """How many of them the server has not closed, without taking what it sent."""
    return sum(not _is_at_end(wire) for wire in wires)


def _is_at_end(wire: socket.socket) -> bool:
    try:
        return not wire.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True


def seconds_for(port: int, path: str = "/healthz", patience: float = 4) -> float:
    """How long an answer takes on a connection of its own; infinity if none comes in time, or another than 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=patience)
    began = time.monotonic()
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return time.monotonic() - began if answer.status == http.HTTPStatus.OK else float("inf")
    except (OSError, HTTPException):
        return float("inf")
    finally:
        connection.close()
