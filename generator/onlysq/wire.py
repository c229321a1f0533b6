"""One connection under one clock, which knows whether a request can have left.

The part of `onlysq` below HTTP. `requests` says what failed but not reliably when: "connection error" is a
refused port as well as an answer cut in half. So the connection itself is watched: until `connect()` (name,
TCP, proxy tunnel, TLS) has returned, not a byte of the request has left; from then on it may have.
"""

import ipaddress
import socket
import ssl
import threading
from functools import lru_cache
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.connection import create_connection
from urllib3.util.ssl_ import create_urllib3_context

# Answers that come before the answer, and lines of each: far more than anybody sends.
_MOST_INTERIM = 50
_MOST_LINES = 100
_LONGEST_LINE = 64 * 2**10


class Wire:
    """The life of one connection, and the total deadline over it, in seconds.

    Read timeouts cannot stop a peer that drips a byte a second, in headers or body: at the deadline a timer
    shuts the socket down, which ends whatever read or handshake is waiting on it.
    """

    def __init__(self, seconds: float) -> None:
        self.began = False
        self.connected = False
        self.expired = False
        self._seconds = seconds
        self._timer: threading.Timer | None = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.arm(self._seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._disarm()
        with self._lock:
            if self._socket:
                self._socket.close()
                self._socket = None

    def arm(self, seconds: float) -> None:
        """Set the deadline anew, counted from now."""
        self._disarm()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def unsent(self, error: Exception) -> bool:
        """Whether this failure proves that nothing of the request left. In doubt it does not."""
        if self.connected:
            return False
        late = isinstance(error, (requests.Timeout, requests.ConnectionError))
        return self.began or not late or isinstance(error, requests.ConnectTimeout)

    def hold(self, sock: socket.socket) -> None:
        """Keep a second handle on the socket: TLS replaces the first one half-way through its handshake."""
        with self._lock:
            self._socket = sock.dup()

    def ready(self) -> None:
        """The connection stands; the request follows, unless it is already too late for an answer."""
        if self.expired:
            raise TimeoutError("no time left to send")
        self.connected = True

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _expire(self) -> None:
        self.expired = True
        with self._lock:
            if not self._socket:
                return
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # the peer was quicker


class WireSession(requests.Session):
    """A session for one request on one watched connection: no redirects, no retries, no reuse.

    With an `address` the connection goes there, whatever the host's name stands for by now, and through no proxy.
    """

    def __init__(self, wire: Wire, url: str, address: str = "") -> None:
        super().__init__()
        self.trust_env = not address and not _is_loopback(url)
        adapter = _WireAdapter(wire, address)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: even when told not to follow, requests would read a redirect's whole body into memory."""
        return None


class _WireAdapter(HTTPAdapter):
    def __init__(self, wire: Wire, address: str) -> None:
        self._wire = wire
        self._address = address
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _watched(pool.ConnectionCls, self._wire, self._address)
        return pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """As usual, but certificates of authorities are read once for all connections.

        Else each that waits would hold a megabyte of them, after twenty milliseconds of the processor.
        """
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
        bundle = conn.ca_certs or conn.ca_cert_dir
        if bundle and not conn.proxy:
            conn.conn_kw["ssl_context"] = _trusting(bundle, Path(bundle).stat().st_mtime_ns)
            conn.ca_certs = conn.ca_cert_dir = None


@lru_cache(2)
def _trusting(bundle: str, _changed_at: int) -> ssl.SSLContext:
    """For the authorities in a file or a folder; another one as soon as that has changed."""
    context = create_urllib3_context()
    if Path(bundle).is_dir():
        context.load_verify_locations(capath=bundle)
    else:
        context.load_verify_locations(cafile=bundle)
    return context


def _watched(base: Any, wire: Wire, address: str) -> Any:
    """urllib3's connection class for this pool (plain, TLS or through a proxy), reporting to `wire`."""

    class Watched(base):  # type: ignore[misc]
        response_class = _Answer

        def _new_conn(self) -> socket.socket:
            sock: socket.socket = super()._new_conn() if not address else self._connected()
            wire.hold(sock)
            return sock

        def _connected(self) -> socket.socket:
            return create_connection((address, self.port), self.timeout, socket_options=self.socket_options)

        def connect(self) -> None:
            wire.began = True
            super().connect()
            wire.ready()

    return Watched


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = _Incoming(self.fp.detach())

    def _read_status(self) -> tuple[str, int, str]:
        """That of the answer itself: what is said on the way to it (103 Early Hints) is skipped.

        The standard library skips only `100 Continue`.
        """
        for _ in range(_MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200 or status == HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            self._skip_head()
        raise HTTPException("only interim answers")

    def _skip_head(self) -> None:
        for _ in range(_MOST_LINES):
            line = self.fp.readline(_LONGEST_LINE + 1)
            if line in (b"\r\n", b"\n", b""):
                return
            if len(line) > _LONGEST_LINE:
                break
        raise HTTPException("an interim answer without an end")


class _Incoming(BufferedReader):
    """An answer as it comes in. A chunk that says it has -1 bytes would make urllib3 read all there is at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            raise HTTPException("a read without a limit")
        return super().read(size)


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
