"""Named points of a call's life, and of the watch's round, for whoever has to be there.

Nobody listens to a call's in production, and no setting makes anybody do so: a receiver has to be connected in the
worker's own process. The drills' entry does that, and stands still there to be killed (docs/drills.md).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.dispatch import Signal

if TYPE_CHECKING:
    from generator.models import Call


class Point(StrEnum):
    """In the order of a life. A reply that is stored by another worker passes the last six again."""

    CLAIMED = "claimed"  # the row says SENDING, and nothing can have left
    MARKED = "marked"  # the row says that the request may have left, and it is about to
    WHOLE = "whole"  # the reply is whole in the spool, and the row does not say so yet
    RECEIVED = "received"  # the row says RECEIVED, and nobody has looked into the reply
    DECODED = "decoded"  # its pictures are files in the spool
    PLACED = "placed"  # one of its pictures is in its place, with its thumbnails; once for each
    FILES = "files"  # all of them are, and no row names them
    COMMITTING = "committing"  # the rows are written, in a transaction that is open
    STORED = "stored"  # the rows are committed, and the reply is still in the spool


# Sent by a Point, with the `call`.
passed = Signal()


# Sent by the watch between its own looks, for rows that are not calls; receivers ask one cheap question and may have
# workers do the rest. `looked` comes every few seconds, `tidied` once an hour.
looked, tidied = Signal(), Signal()


def reached(point: Point, call: Call) -> None:
    passed.send(sender=point, call=call)
