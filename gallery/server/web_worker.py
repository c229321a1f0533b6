"""gunicorn's processes with waitress inside: whoever is slow to ask or to read waits in a loop, not in a thread.

gunicorn prepares, forks, watches and stops the processes (gallery/gunicorn_conf.py). In each of them waitress takes a
request in before a thread sees it, and sends the answer after the thread has left it. gunicorn's own threads belong to
a connection, and a few silent ones stop a site that has no proxy.
"""

from __future__ import annotations

import os
import resource
import socket
import time
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from gallery.server.deep_calls import with_room

# Longer than browsers and proxies keep an idle connection, so that they close it first: a request that meets a
# closing server is lost.
IDLE_SECONDS = 75
# How often connections are looked through. A request that has begun is here after two looks, or never.
LOOK_SECONDS = 30
# How long the loop sleeps at most while nobody asks; gunicorn wants a sign of life each half a minute.
REST_SECONDS = 5
# What the kernel takes of an answer at once; left to itself it takes megabytes for somebody who reads nothing.
SEND_BUFFER = 256 * 1024
# A connection may need a file for itself, one for what came and one for what goes; the rest is for everything else.
FILES_EACH, FILES_KEPT = 3, 256
MOST_CONNECTIONS = 4_000


def raise_file_limit() -> None:
    """As far as the system lets us: many shells begin with 1024, which a few hundred browsers can use up."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most_connections() -> int:
    """So many that files never run out, which would keep a process busy with failing to accept."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(16, min(MOST_CONNECTIONS, (soft - FILES_KEPT) // FILES_EACH))


def warm_up() -> None:
    """Load before the fork what the first page would load in each process."""
    _ = get_resolver().url_patterns
    for name in ("base.html", "account/login.html"):
        get_template(name)


def adjustments() -> Adjustments:
    """waitress' settings."""
    return Adjustments(
        asyncore_use_poll=True,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=LOOK_SECONDS,
        # Only a proxy that is known to be there may say where a request came from.
        clear_untrusted_proxy_headers=not settings.BEHIND_PROXY,
        connection_limit=most_connections(),
        ident=None,
        inbuf_overflow=64 * 1024,
        log_socket_errors=False,
        max_request_header_size=64 * 1024,
        # What is a little too large is answered by gallery/middleware/security.py; more is not even taken in.
        max_request_body_size=2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    )


class StrictParser(HTTPRequestParser):  # type: ignore[misc]  # untyped
    """waitress', which refuses what a proxy before it could have read in another way."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("A body has a length or comes in chunks")
        if b"\r\n " in header_plus or b"\r\n\t" in header_plus:
            raise ParsingError("A header is one line")


class Task(WSGITask):  # type: ignore[misc]  # untyped
    """waitress', which goes on after an answer that has no body, as 204 and 304 have none: a page polls by those."""

    def set_close_on_finish(self) -> None:
        wants_more = self.version == "1.1" and self.request.headers.get("CONNECTION", "").lower() != "close"
        if self.has_body or not wants_more:
            super().set_close_on_finish()


class StrictChannel(HTTPChannel):  # type: ignore[misc]  # untyped
    parser_class = StrictParser
    task_class = Task


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # untyped
    """waitress', whose threads have room for calls as deep as templates make them."""

    def handler_thread(self, thread_no: int) -> None:
        with_room(super().handler_thread, thread_no)


class Server(TcpWSGIServer):  # type: ignore[misc]  # untyped
    """waitress', which lets go of who never ends a request or never reads an answer."""

    channel_class = StrictChannel

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            is_idle = channel.last_activity < now - self.adj.channel_timeout
            begun, channel.seen = getattr(channel, "seen", None), channel.request
            never_reads = is_idle and (channel.total_outbufs_len or not channel.requests)
            if never_reads or (begun is not None and begun is channel.request):
                channel.will_close = True

    def stop_accepting(self) -> None:
        """As the others of our processes do: who connects from now on is told that nobody is here."""
        wasyncore.dispatcher.close(self)

    @property
    def is_busy(self) -> bool:
        """Whether a request has come whole, and its answer has not gone whole."""
        return any(channel.requests or channel.total_outbufs_len for channel in list(self.active_channels.values()))


class WaitressWorker(Worker):  # type: ignore[misc]  # untyped
    """One process of the web server."""

    _server: Server | None = None

    def run(self) -> None:
        self._map: dict[int, Any] = {}
        self._server = server = self._listen(self.sockets[0].sock)
        while self.alive and self.ppid == os.getppid():
            self._turn()
        self._finish(server)

    def _listen(self, listener: socket.socket) -> Server:
        # Each connection has what its listener has.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        dispatcher = Dispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        family, kind, protocol = listener.family, listener.type, listener.proto
        return Server(
            self.wsgi, self._map, _sock=listener, dispatcher=dispatcher, adj=adjustments(), bind_socket=False,
            sockinfo=(family, kind, protocol, listener.getsockname()),
        )  # fmt: skip

    def _turn(self) -> None:
        self.notify()
        wasyncore.loop(timeout=REST_SECONDS, use_poll=True, map=self._map, count=1)

    def _finish(self, server: Server) -> None:
        """Answers on their way go on until they are there, or until gunicorn would end this process."""
        until = time.monotonic() + self.cfg.graceful_timeout - 1
        server.stop_accepting()
        while server.is_busy and time.monotonic() < until:
            self._turn()
        self._server = None
        wasyncore.close_all(self._map)

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        if self._server:
            self._server.pull_trigger()
