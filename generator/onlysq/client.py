"""The only door to the image API: one request in, one reply streamed to a file or one OnlySqError out.

HTTP and nothing else: what the reply means is `reply`'s business, where its bytes live is `spool`'s. Every
call opens a fresh connection, so that "was it sent?" always has an answer; nothing is retried, no redirect
followed.

Proxies and CA bundles of the environment (`HTTPS_PROXY`, `NO_PROXY`, `REQUESTS_CA_BUNDLE`) are honoured, as
admins behind a proxy expect, except for an API on loopback, which is never asked through one. `.netrc` is
never read. A name look-up takes as long as the system's resolver lets it; all that follows is under our own
clocks.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import BinaryIO
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from generator.onlysq.catalogue import Model, read
from generator.onlysq.failure import Charged, Kind, OnlySqError, of_wire, retry_after, verdict
from generator.onlysq.wire import Wire, WireSession

__all__ = ["Ask", "Charged", "Client", "Dialect", "Kind", "Model", "OnlySqError"]

_CHUNK = 64 * 2**10
_ERROR_BODY = 64 * 2**10  # of an error reply only its reason is wanted
_ERROR_SECONDS = 10.0
_MODELS_BODY = 2 * 2**20
_MODELS_SECONDS = 30.0

_Body = dict[str, str | int] | None


class Dialect(StrEnum):
    """The two documented generations of the request (onlysq-api, part 1)."""

    RATIO = "ratio"
    SIZE = "size"


@dataclass(frozen=True)
class Ask:
    """One paid request. Sizes in pixels; what is None is left to the API's own default."""

    model: str
    prompt: str
    width: int | None = None
    height: int | None = None
    ratio: str | None = None
    count: int = 1

    def body(self, dialect: Dialect) -> dict[str, str | int]:
        """The request's JSON: the `ratio` dialect knows no size and no count (onlysq-api, part 1)."""
        shape: dict[str, str | int | None] = {"ratio": self.ratio}
        if dialect is Dialect.SIZE:
            shape = {"width": self.width, "height": self.height, "count": self.count}
        known = {name: value for name, value in shape.items() if value is not None}
        return {"model": self.model, "prompt": self.prompt} | known


class Client:
    """Speaks to one API address with one key. Times in seconds; `max_bytes` is of a decompressed reply."""

    def __init__(
        self,
        url: str,
        key: str = "",
        dialect: Dialect = Dialect.RATIO,
        connect_timeout: float = 10,
        read_timeout: float = 180,
        total_timeout: float = 240,
        max_bytes: int = 256 * 2**20,
    ) -> None:
        self._url = url
        self._auth = Bearer(key.strip())
        self._dialect = dialect
        self._timeouts = (connect_timeout, read_timeout)
        self._total = total_timeout
        self._max_bytes = max_bytes

    def __repr__(self) -> str:
        return f"<Client {self._dialect.value}>"

    def send(self, ask: Ask, sink: BinaryIO) -> int:
        """POST one paid request; write the whole reply to `sink`; return the 2xx status.

        Raises OnlySqError for everything the API or the network does. An OSError of `sink` passes through:
        by then the request has left, so the caller must count it as possibly charged.
        """
        return self._exchange("POST", self._url, ask.body(self._dialect), sink, self._total, self._max_bytes)

    def models(self) -> list[Model]:
        """The image models the API lists at `/ai/models`, in its order; empty if it lists none.

        Raises OnlySqError, never charged. A 200 does not prove that the key is valid (onlysq-api, part 2).
        """
        sink = BytesIO()
        url = urljoin(self._url.split("?")[0].rstrip("/"), "models")
        try:
            self._exchange("GET", url, None, sink, min(self._total, _MODELS_SECONDS), _MODELS_BODY)
            return read(sink.getvalue())
        except OnlySqError as error:
            error.charged = Charged.NO
            raise
        except ValueError:
            raise OnlySqError(Kind.UNREADABLE, "models", Charged.NO) from None

    def _exchange(self, method: str, url: str, body: _Body, sink: BinaryIO, seconds: float, cap: int) -> int:
        self._auth.check()
        with (
            Wire(seconds) as wire,
            WireSession(wire, url) as session,
            self._open(session, wire, method, url, body) as response,
        ):
            if not 200 <= response.status_code < 300:
                raise self._refusal(wire, response)
            copy_body(wire, response, sink, cap)
            return response.status_code

    def _open(self, session: WireSession, wire: Wire, method: str, url: str, body: _Body) -> requests.Response:
        # Raised outside the `except`, so that no traceback leads to the request and its headers.
        try:
            return session.request(
                method,
                url,
                json=body,
                auth=self._auth,
                timeout=self._timeouts,
                stream=True,
                allow_redirects=False,
            )
        except (OSError, HTTPError, ValueError) as error:
            failure = of_wire(wire, error)
        raise failure

    def _refusal(self, wire: Wire, response: requests.Response) -> OnlySqError:
        status = response.status_code
        kind, reason = verdict(status)
        charged = Charged.MAYBE if kind in (Kind.PROVIDER, Kind.SILENCE) else Charged.NO
        refusal = OnlySqError(kind, reason, charged, retry_after(response), status)
        refusal.body = _body(wire, response)
        return refusal


class Bearer(AuthBase):
    """The key, where no repr, log or traceback prints it. Being an `auth`, it also keeps .netrc out."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<key>"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update({"Accept-Encoding": "identity", "User-Agent": "Vitrine"})
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def check(self) -> None:
        """A key with a line break or a Cyrillic letter fails inside the HTTP library, which prints it."""
        if not (self._key.isascii() and self._key.isprintable()):
            raise OnlySqError(Kind.KEY, "unsendable", Charged.NO)


def copy_body(wire: Wire, response: requests.Response, sink: BinaryIO, cap: int) -> None:
    """Stream it, decompressed, into `sink`. Raises OnlySqError if it breaks off or is longer than `cap` bytes."""
    status, size = response.status_code, 0
    for chunk in _chunks(wire, response):
        size += len(chunk)
        if size > cap:
            raise OnlySqError(Kind.SILENCE, "too_large", Charged.MAYBE, None, status, limit_mib=cap // 2**20)
        sink.write(chunk)


def _chunks(wire: Wire, response: requests.Response) -> Iterator[bytes]:
    """The decompressed body; urllib3 checks its declared length. The sink's errors stay out of this try."""
    chunks = response.iter_content(_CHUNK)
    while True:
        try:
            chunk = next(chunks, b"")
            if not chunk and wire.expired:
                raise TimeoutError  # without a declared length our own cut looks like the end
        except (OSError, HTTPError, ValueError) as error:
            failure = of_wire(wire, error, response.status_code)
            break
        if not chunk:
            return
        yield chunk
    raise failure


def _body(wire: Wire, response: requests.Response) -> bytes:
    """What an error says, as far as it comes soon; what went wrong the status alone decides."""
    wire.arm(_ERROR_SECONDS)
    sink = BytesIO()
    with suppress(OnlySqError):
        copy_body(wire, response, sink, _ERROR_BODY)
    return sink.getvalue()
