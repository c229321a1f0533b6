"""What can go wrong with a call: a kind, which decides what happens next, and a reason (onlysq-api, part 3)."""

import socket
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Literal

import requests

from generator.onlysq.wire import Wire

_MAX_RETRY_AFTER = 3600.0


class Kind(StrEnum):
    """What went wrong, as far as it decides what happens next."""

    KEY = "key"
    QUOTA = "quota"
    RATE = "rate"
    REFUSED = "refused"
    PROVIDER = "provider"
    SILENCE = "silence"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"


# Why nothing could be sent.
Obstacle = Literal["dns", "refused", "proxy", "tls", "timeout", "address", "connection"]
# All reasons, each of one or several kinds; `status` is whatever is said by the status alone.
Reason = Literal[Obstacle, "status", "redirect", "unsendable", "deadline", "read_timeout", "cut", "too_large", "models"]


class Charged(StrEnum):
    """Whether the request may have cost something. There is no certain yes in an error."""

    NO = "no"
    MAYBE = "maybe"


class OnlySqError(Exception):
    """A call without a usable answer. `values` are what there is to say about it, `http_status` among them, as JSON.

    `body` is what a refusal said, as it came, up to 64 kB: it may hold anything, the key too. `retry_after` is in
    seconds, 0 to 3600, if the API named one; `http_status` is None if no status came.
    """

    def __init__(
        self,
        kind: Kind,
        reason: Reason,
        charged: Charged,
        retry_after: float | None = None,
        http_status: int | None = None,
        **values: str | int,
    ) -> None:
        super().__init__(f"{kind}, {reason}, HTTP status {http_status}")
        self.kind = kind
        self.reason = reason
        self.values: dict[str, Any] = values if http_status is None else {"http_status": http_status, **values}
        self.charged = charged
        self.retry_after = retry_after
        self.http_status = http_status
        self.body = b""


def of_wire(wire: Wire, error: Exception, status: int | None = None) -> OnlySqError:
    """A request without an answer, or with half of one: what its connection knows decides."""
    if wire.unsent(error):
        return OnlySqError(Kind.UNREACHABLE, _obstacle(wire, error), Charged.NO)
    reason: Reason = "cut"
    if wire.expired:
        reason = "deadline"
    elif isinstance(error, requests.ReadTimeout) or "timed out" in str(error):
        reason = "read_timeout"
    return OnlySqError(Kind.SILENCE, reason, Charged.MAYBE, None, status)


_OBSTACLES: list[tuple[type[BaseException] | tuple[type[BaseException], ...], Obstacle]] = [
    (socket.gaierror, "dns"),
    (ConnectionRefusedError, "refused"),
    (requests.exceptions.ProxyError, "proxy"),
    (requests.exceptions.SSLError, "tls"),
    ((TimeoutError, requests.Timeout), "timeout"),
    (ValueError, "address"),
]


def _obstacle(wire: Wire, error: BaseException) -> Obstacle:
    chain: list[BaseException] = [error]
    while inner := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(inner)
    if wire.expired:
        return "timeout"
    return next((name for kinds, name in _OBSTACLES if any(isinstance(e, kinds) for e in chain)), "connection")


_REFUSALS = {401: Kind.KEY, 402: Kind.QUOTA, 429: Kind.RATE}
# A gateway's own words for "the provider behind me gave no answer"; 520 and 524 are those of a common CDN.
_GATEWAY = {502, 504, 520, 524}


def verdict(status: int) -> tuple[Kind, Reason]:
    """What a status means (onlysq-api, part 3)."""
    if 300 <= status < 400:
        return Kind.REFUSED, "redirect"
    if 400 <= status < 500:
        return _REFUSALS.get(status, Kind.REFUSED), "status"
    if 500 <= status < 600 and status not in _GATEWAY:
        return Kind.PROVIDER, "status"
    return Kind.SILENCE, "status"


def retry_after(response: requests.Response) -> float | None:
    """Seconds from a `Retry-After` in seconds or as an HTTP date; None if there is none to be read."""
    value = response.headers.get("Retry-After", "").strip()
    try:
        seconds = float(value) if value.isascii() and value.isdigit() else _seconds_until(value)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER)


def _seconds_until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
