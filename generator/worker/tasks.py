"""The queue. Its messages are only wake-ups: which call runs is decided by the claim in the database.

A lost wake-up delays (the watch wakes again), a doubled one finds nothing to do. Nothing else in the project
names the queue.
"""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.tasks import async_task

from generator.imaging.thumbnails import warm_up
from generator.models import Call, Provider
from generator.models.failure_words import PARTIAL
from generator.onlysq.client import OnlySqError
from generator.replies.spool import Spool
from generator.worker import slots
from generator.worker.bells import Bell, Name, ring
from generator.worker.claims import next_queued, next_received
from generator.worker.ingest import complete
from generator.worker.leases import held
from generator.worker.send import OUTAGE, client, failure_of, send
from generator.worker.sender import Sender
from generator.worker.slots import Slot
from generator.worker.storing import finish, store_next

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1
# Of something that may take long.
ROUND_SECONDS = 60
# In the cache: why the list of models could not be read.
_UNREAD = "models-unread"
# How soon a wake-up is found that was not heard: a database server may have some of other machines.
UNHEARD_SECONDS = {"sqlite": 5.0, "postgresql": 1.0}
P = ParamSpec("P")


class WakeUps(ORM):  # type: ignore[misc]
    """The queue in the database, which may be away for a while.

    Otherwise two of the cluster's processes die of that again and again, and the one that reads sleeps before it does.
    It sleeps until a bell is rung for it.
    """

    _is_away = False
    _bell: Bell | None = None

    def ping(self) -> bool:
        return True  # the cluster asks before it makes its processes, and has no use for an answer

    def enqueue(self, task: Any) -> Any:
        pk = super().enqueue(task)
        transaction.on_commit(lambda: ring(Name.QUEUE, Name.SENDER, Name.WATCH), robust=True)
        return pk

    def dequeue(self) -> Any:
        self._bell = self._bell or Bell(Name.QUEUE)
        try:
            found = super().dequeue()
        except OUTAGE as error:
            if not self._is_away:
                log.warning("wake-ups cannot be read, trying again: %s", error)
            self._is_away = True
            connection.close()
            time.sleep(LOOK_AGAIN_SECONDS)
            return None
        self._is_away = False
        if not found:
            self._bell.wait(UNHEARD_SECONDS[connection.vendor])
        return found

    def acknowledge(self, task_id: Any) -> None:
        """One that cannot be removed comes back much later, and finds nothing to do."""
        try:
            super().acknowledge(task_id)
        except OUTAGE:
            connection.close()


def outliving_outages(task: Callable[P, None]) -> Callable[P, None]:
    """A task that is given up, in one line of the log, if the database does not answer: there will be another one."""

    @wraps(task)
    def tried(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            task(*args, **kwargs)
        except OUTAGE as error:
            log.warning("%s was given up, the database does not answer: %s", task.__name__, error)
            connection.close()

    return tried


def get_ready() -> None:
    """Load, and use once, what all of the cluster's processes are to share."""
    with suppress(OSError):  # no room for a moment's files is no reason not to work
        warm_up()
    now = timezone.now()
    with suppress(Error):  # the database may be away
        Provider.objects.current()
        waiting_wakes()
        for calls in (Call.objects.due(now), Call.objects.abandoned_replies(now)):
            calls.first()
            calls.exists()


def wake(count: int = 1) -> None:
    """Say that there is work for `count` workers; inside a transaction it is said when that commits."""
    for _ in range(min(count, settings.Q_CLUSTER["workers"])):
        async_task("generator.worker.tasks.take_part")


def wake_after_commit(count: int = 1) -> None:
    """The same for rows that are being written: they are what counts, so a wake-up that fails is no error.

    The watch wakes a moment later.
    """
    # A function and no `partial`: to tell of one that failed, Django asks for its name.
    transaction.on_commit(lambda: wake(count), robust=True)


def is_reply_kept(call: Call) -> bool:
    """Whether its reply may bring more pictures than it has, and is still on disk."""
    return call.may_be_stored_again and Spool(Path(settings.SPOOL_ROOT)).has(str(call.pk))


def store_again(call: Call) -> bool:
    """Have a kept reply tried once more; False if there is nothing to try."""
    if not is_reply_kept(call) or not call.store_again():
        return False
    if call.state == Call.State.SUCCEEDED:
        async_task("generator.worker.tasks.add_missing", str(call.pk))
    else:
        wake()
    return True


def resume() -> Provider:
    """Send again, though the API asked to wait or refused the key."""
    provider = Provider.objects.current()
    provider.resume()
    wake_after_commit(Call.objects.queued().count())
    return provider


def wake_for_models() -> None:
    """Have the list of models read again, off the request."""
    async_task("generator.worker.tasks.refresh_models")


def hand_over(task: str) -> None:
    """Have a worker run a function of somebody else's, by its dotted name and without arguments, soon.

    It may run never or twice: what is to be done has to stand in rows.
    """
    async_task(task)


def in_rounds(steps: Iterable[object], task: str) -> None:
    """Take these steps, which may be begun anew at any time, for ROUND_SECONDS; then a worker goes back to its calls,
    and has another one go on by this task."""
    until = time.monotonic() + ROUND_SECONDS
    for _ in steps:
        if time.monotonic() > until:
            hand_over(task)
            return


@outliving_outages
def take_part() -> None:
    """What a wake-up asks for: send all that is due, or see that the sender does; else store a reply."""
    ring(Name.SENDER)
    if slots.is_ending() or not Call.objects.due(timezone.now()).exists() or not _send_all():
        store_next(Spool(Path(settings.SPOOL_ROOT)))


def _send_all() -> bool:
    """Be the sender; False if somebody else is, or nothing may be sent."""
    slot = Slot.take()
    if slot is None:
        return False
    with Sender(slot, wake) as sender:
        sender.run()
    return sender.has_claimed


@outliving_outages
def work() -> None:
    """Take the call whose turn it is through the rest of its life, all in this thread: a wake-up of before 0.2 asks for
    that. Nothing to do is no error."""
    spool = Spool(Path(settings.SPOOL_ROOT))
    call = next_received() or next(iter(next_queued()), None)
    if call is None:
        return
    with held(call):
        if call.state == Call.State.RECEIVED or send(call, spool):
            finish(call, spool)
    if Call.objects.due(timezone.now()).exists():
        wake()


@outliving_outages
def add_missing(pk: str) -> None:
    """Add to a call's pictures those that can be read by now; if that fails, nothing is lost."""
    call, spool = Call.objects.select_related("generation").filter(pk=pk).first(), Spool(Path(settings.SPOOL_ROOT))
    if call is None or not is_reply_kept(call):
        return
    try:
        found = complete(call, spool)
    except OSError as error:
        log.warning("call %s: the missing pictures cannot be stored for now: %s", pk, error)
        return
    if found and call.error_kind != PARTIAL:
        spool.remove(pk)


@outliving_outages
def refresh_models() -> None:
    """Read the list of models; a failure keeps the last good list."""
    try:
        found = client().models()
    except OnlySqError as error:
        _note_unread(str(failure_of(error)))
        return
    Provider.objects.current().learn_models([asdict(model) for model in found])
    _note_unread("")


def _note_unread(why: str) -> None:
    """Say why the list cannot be read, each minute anew, once until that changes; nothing is all well."""
    if why == cache.get(_UNREAD, ""):
        return
    cache.set(_UNREAD, why, None)
    if why:
        log.warning("the list of models could not be read: %s", why)


class Told:
    """As much of an event as the queue's sentinel asks for: set as soon as the other end of a pipe is closed."""

    def __init__(self, handle: int) -> None:
        self._poll = select.poll()
        self._poll.register(handle, select.POLLIN)

    def wait(self, seconds: float) -> bool:
        return bool(self._poll.poll(seconds * 1000))

    def is_set(self) -> bool:
        return self.wait(0)


def run_cluster(stop: int) -> None:
    """Be the sentinel of the queue's processes, in the main thread, until the other end of this pipe is closed.

    The queue's own command is one more process, which does nothing but wait for a signal.
    """
    from django_q.cluster import Sentinel  # pages need none of it

    Sentinel(Told(stop), threading.Event(), uuid4())


def waiting_wakes() -> int:
    """Wake-ups that no worker has taken yet."""
    return int(OrmQ.objects.filter(lock__lte=timezone.now()).count())


def forget_wakes() -> None:
    """Empty the queue. Nothing is lost: the calls are in their own table and the watch wakes again."""
    OrmQ.objects.all().delete()
