"""A reply that lies in the spool stored: pictures and rows, or why there are none, or later."""

from __future__ import annotations

import logging
from functools import partial

from generator.imaging.subprocess_decode import DecodeProcessError
from generator.models import Call
from generator.models.failure_words import PARTIAL, Failure
from generator.replies.spool import Spool
from generator.worker.claims import next_received
from generator.worker.ingest import ingest
from generator.worker.leases import held
from generator.worker.points import Point, reached
from generator.worker.send import OUTAGE, retry_on_outage

log = logging.getLogger(__name__)

AGAIN_SECONDS = 15
GONE = Failure("silence", "gone")


def store_next(spool: Spool) -> bool:
    """Store a reply that nobody holds; False if there is none."""
    call = next_received()
    if call is None:
        return False
    with held(call):
        finish(call, spool)
    return True


def finish(call: Call, spool: Spool) -> None:
    """The spool file goes only after the rows are committed, and stays if anything in it was no good.

    A disk or a database that is full or read-only is not the reply's fault: it is tried again until it can be stored.
    """
    reached(Point.RECEIVED, call)
    try:
        finished = ingest(call, spool)
    except (OSError, *OUTAGE) as error:
        log.warning("call %s: the pictures cannot be stored for now: %s", call.pk, error)
        retry_on_outage(call, partial(_put_off, call, spool, error))
        return
    if finished and call.state == Call.State.SUCCEEDED and call.error_kind != PARTIAL:
        reached(Point.STORED, call)
        spool.remove(str(call.pk))


def _put_off(call: Call, spool: Spool, error: Exception) -> bool:
    """Until the trouble is over; but a reply that is gone would be waited for in vain."""
    if spool.is_there and not spool.has(str(call.pk)):
        return call.mislay(GONE)
    return call.postpone(AGAIN_SECONDS, _obstacle(error))


def _obstacle(error: Exception) -> Failure:
    if isinstance(error, DecodeProcessError):
        return Failure("disk", "process")
    if isinstance(error, OSError):
        return Failure("disk", "media", {"errno": error.errno})
    return Failure("disk", "database")
