"""The worker: the queue's cluster as a child process, and the watch over it.

The cluster can lose a process and stand still for ever, so something outside it looks, each second, whether due
work is taken; if not, the whole process group is replaced. Nothing is lost by that: calls live in the database
and replies in the spool. The watch also wakes workers for calls that have become due, and sweeps.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from generator.models import Call, Event, Provider
from generator.replies.spool import Spool
from generator.worker import lost_thumbs, tasks
from generator.worker.alarm import TICK, Alarm, Chore
from generator.worker.claims import has_disk_room
from generator.worker.cluster import Cluster
from generator.worker.patience import be_impatient
from generator.worker.points import looked, tidied
from generator.worker.rollup import roll_up
from generator.worker.send import OUTAGE
from generator.worker.sweep import LeaseWatch, purge_trash, sweep, tidy_media

log = logging.getLogger(__name__)

# Seconds between two looks while there is nothing to be seen to; a bell or the end of the cluster wakes the watch at
# once, and what waits for its time does then.
REST = 30.0
# A look that is only waited for: at a pause of the API, or for room on the disk.
PAUSED = 5.0
SWEEP_EVERY = 5.0
# Where all processes share a machine, as they do with SQLite, its bell shows that a watch lives. Its sign of life in
# the database, 20 kB on the disk each time, then says only that it does not stand still.
BEAT_EVERY, SEEN_BEAT_EVERY = 30.0, 300.0
ROLL_UP_EVERY = 3.0
PURGE_EVERY = 3600.0
WAKE_MODELS_EVERY = 60.0
MODELS_EVERY = timedelta(minutes=10)
# Due work to which nothing happens for so many looks, with room at the API and a worker at leisure, means that the
# cluster stands still. Looks and not seconds: a database that is locked holds up the workers as well as the watch.
# Twice as many after each replacement that did not help: a slow machine takes its time to begin.
STALLED_LOOKS = 15
MOST_DOUBLINGS = 4
# So many looks that fail, one after the other, are worth another line in the log.
SAY_AGAIN_LOOKS = 60
# How long running calls are waited for at the end; well above what the API usually takes.
PATIENCE = 50


class Watchdog:
    """Looks after the cluster until `stop` is set, which is woken for by `alarm`, as is for a bell."""

    def __init__(self, cluster: Cluster, stop: threading.Event, alarm: Alarm | None = None) -> None:
        self._cluster = cluster
        self._stop = stop
        self._alarm = alarm
        self._spool = Spool(Path(settings.SPOOL_ROOT))
        self._lease_watch = LeaseWatch(settings.LEASE_SECONDS)
        self._parent = os.getppid()
        self._quiet_looks = 0
        self._last_event: int | None = None
        self._doublings = 0
        self._failed_looks = 0
        self._rest = TICK
        self._looked_at = time.monotonic()
        is_seen = alarm is not None and not alarm.is_deaf and connection.vendor == "sqlite"
        beat_every = SEEN_BEAT_EVERY if is_seen else BEAT_EVERY
        self._beat, self._models, self._roll_up, self._sweep, self._purge = map(
            Chore, (beat_every, WAKE_MODELS_EVERY, ROLL_UP_EVERY, SWEEP_EVERY, PURGE_EVERY)
        )

    def run(self) -> None:
        with suppress(Error):
            tasks.forget_wakes()
        self._cluster.start()
        while not self._sleep() and os.getppid() == self._parent:
            self._rest = TICK
            try:
                self._rest = self.tick()
            except (*OUTAGE, OSError) as error:  # somebody holds the database, or it is away: no news to trace
                self._wait_it_out(error)
            except Error:
                log.exception("the watch could not look; trying again")
                connection.close()
            else:
                self._note_end_of_trouble()

    def _sleep(self) -> bool:
        """Until there is something to look at; whether to stop. Bells may ring often: there is a TICK in between."""
        if self._alarm and self._rest > TICK:
            self._alarm.wait(self._rest)
        until = self._looked_at + TICK
        is_stopping = self._stop.wait(max(0.0, until - time.monotonic()))
        self._looked_at = time.monotonic()
        return is_stopping

    def _wait_it_out(self, error: Exception) -> None:
        """However long it takes, and not with a line for each look."""
        if self._failed_looks % SAY_AGAIN_LOOKS == 0:
            log.warning("the watch could not look, trying again: %s", error)
        self._failed_looks += 1
        connection.close()

    def _note_end_of_trouble(self) -> None:
        if self._failed_looks > 1:
            log.warning("the watch can look again; it could not %s times", self._failed_looks)
        self._failed_looks = 0

    def tick(self) -> float:
        """One look: at most a handful of cheap queries. In how many seconds the next one is worth while.

        What needs a database that can be written to comes after the look at the cluster, one of whose processes may be
        what keeps it locked, and what needs a healthy disk comes last.
        """
        provider = Provider.objects.current()
        waits = provider.is_paused(settings.ONLYSQ_API_KEY) or not has_disk_room()
        due = Call.objects.due(timezone.now()).count()
        startable = 0 if waits or not due else self._room(due)
        unfinished = Call.objects.abandoned_replies(timezone.now()).count()
        if not self._cluster.is_alive or self._is_stalled(bool(startable or unfinished)):
            self._restart()
        if self._beat.is_due():
            provider.beat()
            provider.notice_key(settings.ONLYSQ_API_KEY)
        if not provider.models_at or provider.models_at < timezone.now() - MODELS_EVERY:
            self._refresh_models()
        if (startable or unfinished) and not tasks.waiting_wakes():
            tasks.wake(startable + unfinished)
        is_filling = bool(self._roll_up.is_due() and roll_up())
        if self._sweep.is_due():
            sweep(self._spool, self._lease_watch)
            lost_thumbs.look()
            looked.send(sender=None)
        if self._purge.is_due():
            tidy_media()
            purge_trash()
            tidied.send(sender=None)
        if unfinished or is_filling or (due and not waits) or Call.objects.held().exists():
            return TICK
        return PAUSED if due else self._seconds_to_next()

    def _seconds_to_next(self) -> float:
        """Until the first of those is due that wait for their time."""
        now = timezone.now()
        waiting = Call.objects.filter(state__in=(Call.State.QUEUED, Call.State.RECEIVED), not_before__gt=now)
        first = waiting.order_by("not_before").values_list("not_before", flat=True).first()
        return min(REST, max(TICK, (first - now).total_seconds())) if first else REST

    def _room(self, due: int) -> int:
        return min(Call.objects.all().room(settings.CONCURRENCY, settings.RATE_PER_MINUTE), due)

    def _refresh_models(self) -> None:
        if self._models.is_due():
            tasks.wake_for_models()

    def _is_stalled(self, has_work: bool) -> bool:
        """Whether there is work and somebody free to do it, and yet nothing has happened to any call for a while.

        Those who store and all have their hands full, of large pictures say, do not stand still. Calls that wait for
        the API keep nobody from work.
        """
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
        is_busy = Call.objects.held().filter(state=Call.State.RECEIVED).count() >= settings.STORERS
        if newest != self._last_event:
            self._doublings = 0
        has_moved = newest != self._last_event or not has_work or is_busy
        self._last_event, self._quiet_looks = newest, 0 if has_moved else self._quiet_looks + 1
        return self._quiet_looks > STALLED_LOOKS << self._doublings

    def _restart(self) -> None:
        log.warning("the cluster stands still; it is being replaced")
        self._cluster.kill()
        tasks.forget_wakes()
        self._quiet_looks = 0
        self._doublings = min(self._doublings + 1, MOST_DOUBLINGS)
        self._cluster.start()


def run(lock: Path) -> None:
    """Run cluster and watch until SIGTERM or SIGINT; a second signal does not wait for running calls."""
    stop, hurry = threading.Event(), threading.Event()

    def on_signal(*_: object) -> None:
        (hurry if stop.is_set() else stop).set()

    cluster = Cluster(lock)
    be_impatient()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    alarm = Alarm()
    cluster.in_child = alarm.let_go
    try:
        Watchdog(cluster, stop, alarm).run()
        with suppress(Error):
            tasks.forget_wakes()
    finally:
        cluster.stop(PATIENCE, hurry)
        alarm.close()
        cluster.close()
