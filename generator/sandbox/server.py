"""The sandbox as an object: starts in a thread, stops without leaving one behind."""

from __future__ import annotations

import contextlib
import selectors
import socket
import socketserver
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from generator.sandbox.control import Sandbox
from generator.sandbox.handler import Handler

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.sandbox.contract import Dialect

_PATIENCE = 3


class SandboxServer(Sandbox):
    """A practice image API on `host`:`port` (0: any free port), bound at once, serving after `start()`.

        with SandboxServer(latency=0) as sandbox:
            requests.post(sandbox.url, json={"model": "kandinsky", "prompt": "Cat"})
            sandbox.faults.set("status:429", times=1, retry_after=2)
            sandbox.charged     # one dict per paid call

    `latency` is how long a reply takes, in seconds, give or take a quarter, the same for the same prompt; it may be
    changed at any time. `log` is a file for the charges, `report` takes one line per request (none is written without).
    Raises OSError when the address cannot be bound or the log not be opened.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        dialect: Dialect = "both",
        key: str = "",
        latency: float = 0.0,
        log: Path | None = None,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self.stopping = threading.Event()
        handler = type("Handler", (Handler,), {"sandbox": self, "stopping": self.stopping, "report": report})
        self._listener = _listener(host)((host, port), handler)
        try:
            super().__init__(dialect, key, latency, log)
        except OSError:
            self._listener.server_close()
            raise
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        host, port = self._listener.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    @property
    def url(self) -> str:
        """The address to post prompts to."""
        return f"{self.base_url}/ai/imagen"

    @property
    def models_url(self) -> str:
        return f"{self.base_url}/ai/models"

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self._listener.serve, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop serving, end every open connection and wait for its thread."""
        self.stopping.set()
        self.faults.clear()
        if self._thread is not None:
            self._listener.leave()
            self._thread.join()
        self._listener.server_close()
        self._listener.hang_up()
        self.charges.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


class _Listener(ThreadingHTTPServer):
    """Knows its open connections, so that closing the server ends them."""

    request_queue_size = 128
    timeout = 1  # for a connection that is gone again before it is taken

    def __init__(self, *args: Any) -> None:
        self._leaving, self._leave = socket.socketpair()
        self._serving: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        super().__init__(*args)

    def serve(self) -> None:
        """Until `leave` is called, and without looking for that again and again, as `serve_forever` does."""
        with selectors.DefaultSelector() as selector:
            for each in (self, self._leaving):
                selector.register(each, selectors.EVENT_READ)
            while not any(key.fileobj is self._leaving for key, _ in selector.select()):
                self.handle_request()

    def leave(self) -> None:
        with contextlib.suppress(OSError):  # it has been closed before
            self._leave.send(b"!")

    def server_close(self) -> None:
        super().server_close()
        self._leaving.close()
        self._leave.close()

    def server_bind(self) -> None:
        """Without the look-up of the host's full name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            self._serving[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                del self._serving[threading.current_thread()]

    def hang_up(self) -> None:
        with self._lock:
            serving = dict(self._serving)
        for request in serving.values():
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
        patience = time.monotonic() + _PATIENCE
        for thread in serving:
            thread.join(max(0.0, patience - time.monotonic()))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is everyday business; anything else is a defect and is printed."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Listener6(_Listener):
    address_family = socket.AF_INET6


def _listener(host: str) -> type[_Listener]:
    return _Listener6 if ":" in host else _Listener
