"""One call out: the request, and what its failure means for the call and for everybody else's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO, TypeAlias

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from generator.models import Call, Generation, Provider
from generator.models.failure_words import Failure
from generator.onlysq.client import Ask, Client, Dialect, Kind, OnlySqError
from generator.replies.reasons import kept_body, reason_of
from generator.replies.scrub import Scrubber
from generator.replies.spool import Spool
from generator.worker.points import Point, reached

log = logging.getLogger(__name__)

# A request that never reached the API goes out again by itself: 2, 4, 8 … 60 seconds later, for about half an hour.
MAX_TRIES = 35
LONGEST_PAUSE = 60
# A database that is locked, full, or away: not the fault of what was asked of it, and over some time.
OUTAGE = (OperationalError, InterfaceError)
# Seconds between attempts to write down what must not be lost. Short ones, so that it is soon written once it can be;
# all of them together stay well below what a task may take.
INSISTENCE = (1, 2, *[5] * 7)
# How long everybody waits after a 429 that does not say how long (docs/onlysq-api.md, section 3).
RATE_PAUSE = 25


def client(dialect: Dialect | None = None) -> Client:
    """The door to the API as configured."""
    return Client(
        settings.ONLYSQ_API_URL,
        key=settings.ONLYSQ_API_KEY,
        dialect=dialect or Dialect(settings.ONLYSQ_DIALECT),
        connect_timeout=settings.ONLYSQ_CONNECT_TIMEOUT,
        read_timeout=settings.ONLYSQ_READ_TIMEOUT,
        total_timeout=settings.ONLYSQ_TOTAL_TIMEOUT,
        max_bytes=settings.ONLYSQ_MAX_REPLY_MB * 2**20,
    )


class SupersededError(Exception):
    """Somebody else has moved the call since this worker claimed it."""


def retry_on_outage(call: Call, move: Callable[[], bool]) -> bool:
    """What is known about a call must get into the database, also while that is locked or away for a while."""
    for number, pause in enumerate(INSISTENCE):
        try:
            return move()
        except OUTAGE as error:
            if number == 0:
                log.warning("call %s: the database does not take it, trying again for a while: %s", call.pk, error)
            connection.close()
            time.sleep(pause)
    return move()


# How a move of a call gets into the database, insisting: in this thread, as above, or by one that writes for many.
Write: TypeAlias = Callable[[Call, Callable[[], bool]], bool]


def send(call: Call, spool: Spool, write: Write = retry_on_outage) -> bool:
    """Send a claimed call; True once its whole reply lies in the spool and the row says RECEIVED.

    The database is only touched by `write`.
    """
    if spool.has(str(call.pk)):
        return write(call, partial(call.receive, None))  # paid for already: never a second time
    try:
        with spool.writer(str(call.pk)) as sink:
            status = _transmit(call, sink, write)
    except SupersededError:
        return False
    except OnlySqError as error:
        log.warning("call %s: %s, HTTP %s", call.pk, error.kind, error.http_status)
        write(call, partial(settle_failure, call, error))
        return False
    except OSError as error:
        # The disk, not the network: the client turns every network failure into an OnlySqError.
        log.exception("call %s: the reply could not be kept", call.pk)
        write(call, partial(_settle_disk, call, error))
        return False
    reached(Point.WHOLE, call)
    return write(call, partial(call.receive, status))


def _transmit(call: Call, sink: BinaryIO, write: Write) -> int:
    """The row says that the request may have left before its first byte does."""
    reached(Point.CLAIMED, call)
    if not write(call, call.mark_sent):
        raise SupersededError
    reached(Point.MARKED, call)
    log.info("call %s: sending, try %s", call.pk, call.tries)
    generation = call.generation
    return client(_dialect_of(generation)).send(_ask(call, generation), sink)


def _dialect_of(generation: Generation) -> Dialect:
    """What was asked decides, not what is configured by now."""
    return Dialect.RATIO if generation.ratio else Dialect.SIZE


def _ask(call: Call, generation: Generation) -> Ask:
    return Ask(
        model=generation.model,
        prompt=generation.prompt,
        width=generation.width,
        height=generation.height,
        ratio=generation.ratio or None,
        count=call.count,
    )


def failure_of(error: OnlySqError) -> Failure:
    """With the API's own words, if it said any."""
    said = reason_of(error.body, Scrubber(settings.ONLYSQ_API_KEY))
    return Failure(error.kind, error.reason, {**error.values, "said": said} if said else error.values)


def _kept(error: OnlySqError) -> dict[str, Any]:
    """What the ledger keeps of a refusal, beside its reason."""
    body = kept_body(error.body, Scrubber(settings.ONLYSQ_API_KEY))
    return {"reply_extra": {"_body": body}} if body else {}


def settle_failure(call: Call, error: OnlySqError) -> bool:
    """Move the call to where this failure belongs."""
    failure = failure_of(error)
    if error.kind == Kind.RATE:
        Provider.objects.current().wait(_rate_pause(call, error))
        return call.put_back(None, failure)
    if error.kind == Kind.UNREACHABLE and call.tries < MAX_TRIES:
        pause = min(2**call.tries, LONGEST_PAUSE)
        return call.put_back(timezone.now() + timedelta(seconds=pause), failure)
    if error.kind == Kind.SILENCE:
        return call.lose(failure, http_status=error.http_status, **_kept(error))
    if error.kind == Kind.KEY:
        Provider.objects.current().refuse_key(settings.ONLYSQ_API_KEY)
    return call.fail(failure, http_status=error.http_status, **_kept(error))


def _rate_pause(call: Call, error: OnlySqError) -> float:
    """As long as asked. To be asked for no pause at all, or for one that is over by our clock, is a pause that grows:
    else one call would be sent as often as the network allows."""
    if error.retry_after is None:
        return RATE_PAUSE
    return error.retry_after if error.retry_after >= 1 else min(call.tries, RATE_PAUSE)


def _settle_disk(call: Call, error: OSError) -> bool:
    """Before the request left, the call waits for the disk; after that its reply is lost and a person decides."""
    if call.sent_at is None:
        later = timezone.now() + timedelta(seconds=LONGEST_PAUSE)
        return call.put_back(later, Failure("disk", "spool", {"errno": error.errno}))
    return call.lose(Failure("silence", "disk", {"errno": error.errno}))
