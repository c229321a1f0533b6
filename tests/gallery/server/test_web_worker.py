"""The web server's process, in a thread of this one: who is waited for, who is let go, and what the site is told."""

from __future__ import annotations

import io
import os
import resource
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from gallery import gunicorn_conf
from gallery.server import web_worker
from gallery.server.web_worker import Server, WaitressWorker, most_connections

LARGE = b"x" * (4 * web_worker.SEND_BUFFER)
Start = Callable[..., Any]


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """Nothing, a large file, or what came by way of `X-Forwarded-For` and how long the body was."""
    if environ["PATH_INFO"] == "/large":
        start_response("200 OK", [("Content-Length", str(len(LARGE)))])
        return environ["wsgi.file_wrapper"](io.BytesIO(LARGE), 4096)  # type: ignore[no-any-return]
    if environ["PATH_INFO"] == "/nothing":
        start_response("204 No Content", [])
        return []
    said = f"{environ.get('HTTP_X_FORWARDED_FOR')} {len(environ['wsgi.input'].read())}".encode()
    start_response("200 OK", [("Content-Length", str(len(said)))])
    return [said]


class Running:
    """A worker that listens, as gunicorn would have forked it."""

    def __init__(self, graceful: int = 10) -> None:
        config = Config()
        config.set("threads", 2)
        config.set("graceful_timeout", graceful)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        wrapped = SimpleNamespace(sock=self.listener)
        self.worker = WaitressWorker(0, os.getppid(), [wrapped], None, 30, config, None)
        self.worker.wsgi = application
        self.server: Any = None
        self.thread = threading.Thread(target=self.worker.run)

    def stop(self) -> None:
        self.worker.handle_exit(15, None)
        self.thread.join(30)
        assert not self.thread.is_alive()

    def forget(self) -> None:
        """What the end of a process would close."""
        self.server.task_dispatcher.shutdown()
        self.worker.tmp.close()
        self.listener.close()

    def connect(self, said: bytes = b"", buffer: int = 0) -> socket.socket:
        wire = socket.socket()
        if buffer:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        wire.settimeout(30)
        wire.connect(("127.0.0.1", self.port))
        wire.sendall(said)
        return wire

    def ask(self, lines: str = "", body: bytes = b"") -> bytes:
        method = "POST" if body else "GET"
        said = f"{method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n".encode() + body
        with self.connect(said) as wire:
            return rest(wire)


def rest(wire: socket.socket) -> bytes:
    found = b""
    try:
        while more := wire.recv(1 << 20):
            found += more
    except ConnectionResetError:
        pass
    return found


@contextmanager
def running(graceful: int = 10) -> Iterator[Running]:
    found = Running(graceful)
    found.thread.start()
    try:
        assert found.ask().startswith(b"HTTP/1.1 200")
        found.server = found.worker._server
        yield found
    finally:
        found.stop()
        found.forget()


def begin_to_read(worker: Running) -> socket.socket:
    """A reader of the large file who has its first bytes, and whose kernel takes no more."""
    wire = worker.connect(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n", buffer=4096)
    assert wire.recv(15) == b"HTTP/1.1 200 OK"
    return wire


def test_a_connection_goes_on_after_an_answer_without_a_body() -> None:
    with running() as worker, worker.connect() as wire:
        for _ in range(2):
            wire.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
            said = wire.recv(1000)
            assert said.startswith(b"HTTP/1.1 204")
            assert b"Connection: close" not in said
        wire.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b"Connection: close" in rest(wire)


def test_silent_and_slow_connections_hold_no_thread() -> None:
    with running() as worker:
        wires = [worker.connect() for _ in range(20)]
        wires += [worker.connect(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n") for _ in range(20)]
        wires += [begin_to_read(worker) for _ in range(20)]
        assert worker.ask().endswith(b"None 0")
        for wire in wires:
            wire.close()


def test_an_answer_on_its_way_comes_whole_while_the_process_stops() -> None:
    with running() as worker:
        wire, silent = begin_to_read(worker), worker.connect()
        worker.worker.handle_exit(15, None)
        assert rest(wire).endswith(LARGE)
        worker.thread.join(30)
        assert not worker.thread.is_alive()
        wire.close()
        silent.close()


def test_a_reader_who_never_ends_does_not_hold_up_the_stop() -> None:
    with running(graceful=1) as worker:
        wire = begin_to_read(worker)
        worker.stop()
        wire.close()


def test_nobody_but_a_known_proxy_says_where_a_request_came_from(settings: Any) -> None:
    settings.BEHIND_PROXY = False
    with running() as worker:
        assert worker.ask("X-Forwarded-For: 192.0.2.1\r\n").endswith(b"None 0")
    settings.BEHIND_PROXY = True
    with running() as worker:
        assert worker.ask("X-Forwarded-For: 192.0.2.1\r\n").endswith(b"192.0.2.1 0")
        assert worker.ask("X_Forwarded_For: 192.0.2.1\r\n").endswith(b"None 0")


def test_what_is_far_too_large_is_not_taken_in(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    with running() as worker:
        assert worker.ask("Content-Length: 1999\r\n", b"x" * 1999).endswith(b"None 1999")
        assert b" 413 " in worker.ask("Content-Length: 2000\r\n", b"x")
        assert b" 413 " in worker.ask("Transfer-Encoding: chunked\r\n", b"7D0\r\n" + b"x" * 2000 + b"\r\n0\r\n\r\n")


TWO_WAYS = (
    "Content-Length: 1\r\nContent-Length: 2\r\n",
    "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
    "X-Odd: a\r\n b\r\n",
    "X-Odd: a\r\n\tb\r\n",
)


def test_a_request_that_can_be_read_in_two_ways_is_refused() -> None:
    with running() as worker:
        for lines in TWO_WAYS:
            assert b" 400 " in worker.ask(lines, b"0\r\n\r\n"), lines


def channel(**more: Any) -> Any:
    return SimpleNamespace(**({"last_activity": 100, "request": None, "requests": [], "total_outbufs_len": 0,
                               "will_close": False} | more))  # fmt: skip


def look(now: float, *channels: Any) -> list[bool]:
    """Whether each is let go when connections are looked through."""
    server = Server.__new__(Server)
    server.active_channels = dict(enumerate(channels))
    server.adj = web_worker.adjustments()
    server.maintenance(now)
    return [one.will_close for one in channels]


def test_who_says_and_reads_nothing_is_let_go_after_a_while() -> None:
    idle, thinking, unread = channel(), channel(requests=[1]), channel(requests=[1], total_outbufs_len=9)
    assert look(100 + web_worker.IDLE_SECONDS, idle, thinking, unread) == [False, False, False]
    assert look(101 + web_worker.IDLE_SECONDS, idle, thinking, unread) == [True, False, True]


def test_a_request_that_does_not_end_between_two_looks_is_let_go() -> None:
    dripping, next_one = channel(request="the first"), channel(request="the first")
    assert look(100, dripping, next_one) == [False, False]
    next_one.request = "the second"
    assert look(130, dripping, next_one) == [True, False]


def test_connections_end_before_files_do(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"now": (1024, 30_000)}
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda _, given: limits.update(now=given))
    assert most_connections() == 256
    gunicorn_conf.when_ready(None)
    assert limits["now"] == (30_000, 30_000)
    assert most_connections() == web_worker.MOST_CONNECTIONS


def test_nothing_is_written_into_the_home_folder() -> None:
    config = Config()
    config.set("control_socket_disable", gunicorn_conf.control_socket_disable)
    assert config.control_socket_disable is True
    assert gunicorn_conf.worker_tmp_dir in ("/dev/shm", None)  # noqa: S108


def test_threads_have_room_for_deep_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """What they are is asked of the thread itself: its calls began with that one."""
    with running() as worker:
        callers: list[str] = []

        def asked(_environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
            callers.extend(frame.name for frame in traceback.extract_stack())
            start_response("204 No Content", [])
            return []

        monkeypatch.setattr(worker.server, "application", asked)
        worker.ask()
    assert "with_room" in callers
