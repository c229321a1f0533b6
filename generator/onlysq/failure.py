"""What can go wrong with a call, in kinds for the program and sentences for people (onlysq-api, part 3)."""

import re
import socket
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

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


class Charged(StrEnum):
    """Whether the request may have cost something. There is no certain yes in an error."""

    NO = "no"
    MAYBE = "maybe"


class OnlySqError(Exception):
    """A call without a usable answer. `sentence` is for a person and never holds HTML, JSON or the key.

    `retry_after` is in seconds, 0 to 3600, if the API named one; `http_status` is None if no status came.
    """

    def __init__(
        self,
        kind: Kind,
        sentence: str,
        charged: Charged,
        retry_after: float | None = None,
        http_status: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.charged = charged
        self.retry_after = retry_after
        self.http_status = http_status


def of_wire(wire: Wire, error: Exception, status: int | None = None) -> OnlySqError:
    """A request without an answer, or with half of one: what its connection knows decides."""
    if wire.unsent(error):
        sentence = f"The API could not be reached: {_obstacle(wire, error)}. Nothing was sent."
        return OnlySqError(Kind.UNREACHABLE, sentence, Charged.NO)
    if wire.expired:
        what = "The API's answer did not arrive in the time allowed"
    elif isinstance(error, requests.ReadTimeout) or "timed out" in str(error):
        what = "The API fell silent"
    else:
        what = "The connection to the API broke before the whole answer had arrived"
    return OnlySqError(Kind.SILENCE, f"{what}.", Charged.MAYBE, None, status)


_OBSTACLES: list[tuple[type[BaseException] | tuple[type[BaseException], ...], str]] = [
    (socket.gaierror, "its name could not be found"),
    (ConnectionRefusedError, "the connection was refused"),
    (requests.exceptions.ProxyError, "the proxy did not let us through"),
    (requests.exceptions.SSLError, "no secure connection could be made"),
    ((TimeoutError, requests.Timeout), "it did not answer in time"),
    (ValueError, "its address is not valid"),
]


def _obstacle(wire: Wire, error: BaseException) -> str:
    chain: list[BaseException] = [error]
    while inner := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(inner)
    if wire.expired:
        return "it did not answer in time"
    return next((words for kinds, words in _OBSTACLES if any(isinstance(e, kinds) for e in chain)), "no connection")


_REFUSALS = {
    401: (Kind.KEY, "The API does not accept the key; an admin has to look at it."),
    402: (Kind.QUOTA, "The API says that the account has no credit left."),
    429: (Kind.RATE, "The API asks for fewer requests."),
}
# A gateway's own words for "the provider behind me gave no answer"; 520 and 524 are those of a common CDN.
_GATEWAY = {502, 504, 520, 524}


def verdict(status: int) -> tuple[Kind, str]:
    """What a status means (onlysq-api, part 3)."""
    if status in _REFUSALS:
        return _REFUSALS[status]
    if 300 <= status < 400:
        return Kind.REFUSED, f"The API redirects to another address (HTTP {status}), which is not followed."
    if 400 <= status < 500:
        return Kind.REFUSED, f"The API refused the request (HTTP {status})."
    if 500 <= status < 600 and status not in _GATEWAY:
        return Kind.PROVIDER, f"The API failed (HTTP {status})."
    return Kind.SILENCE, f"The API gave no answer (HTTP {status})."


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


def plain(text: str) -> str:
    """Text from outside as one line of words: no tags, no control characters."""
    words = re.sub(r"<[^<>]*>|<(?=[A-Za-z/!?])", " ", text)
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
