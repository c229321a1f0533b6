"""Pictures of which a reply holds the address only: fetched into the spool where that is allowed, else told of."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from generator.models import Call
from generator.models.failure_words import UNREADABLE, Failure
from generator.onlysq.pictures import FetchError, Pictures
from generator.replies.spelling import Decoded, Sink

log = logging.getLogger(__name__)

# For a picture. What cannot be fetched so soon is kept as an address, and may be tried again.
SECONDS = 30.0


def _door() -> Pictures:
    """The way to fetch a picture, as configured."""
    return Pictures(
        settings.ONLYSQ_API_URL,
        settings.ONLYSQ_API_KEY,
        settings.ONLYSQ_PICTURE_HOSTS,
        (settings.ONLYSQ_CONNECT_TIMEOUT, min(settings.ONLYSQ_READ_TIMEOUT, SECONDS)),
        SECONDS,
    )


def fetch(call: Call, address: str, work: Path) -> Decoded | Failure:
    """The picture as the file `work`, or why there is none. Raises OSError as the disk does, leaving no file."""
    try:
        with work.open("wb") as file:
            sink: Any = Sink(file)
            _door().fetch(address, sink, settings.ONLYSQ_MAX_REPLY_MB * 2**20)
    except FetchError as error:
        work.unlink(missing_ok=True)
        host = _host(address)
        log.warning("call %s: an address at %s came instead of a picture: %s", call.pk, host, error.reason)
        return Failure(UNREADABLE, error.reason, {"host": host})
    except BaseException:
        work.unlink(missing_ok=True)
        raise
    decoded: Decoded = sink.decoded
    return decoded


def _host(address: str) -> str:
    """For people to read; whoever sent it may have put anything there."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    return host[:100] if host.isascii() and host.isprintable() and "<" not in host else "?"
