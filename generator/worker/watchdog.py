"""The worker: the queue's cluster as a child process, and the watch over it.

The cluster can lose a process and stand still for ever, so something outside it looks, each second, whether due
work is taken; if not, the whole process group is replaced. Nothing is lost by that: calls live in the database
and replies in the spool. The watch also wakes workers for calls that have become due, and sweeps.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess  # nosec B404 # our own command line, never a shell
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

import psutil
from django.conf import settings
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils import timezone

from generator.models import Call, Event, Provider
from generator.replies.spool import Spool
from generator.worker import lost_thumbs, tasks
from generator.worker.points import looked, tidied
from generator.worker.rollup import roll_up
from generator.worker.send import OUTAGE
from generator.worker.sweep import LeaseWatch, purge_trash, sweep, tidy_media

log = logging.getLogger(__name__)

TICK = 1.0
SWEEP_EVERY = 5
BEAT_EVERY = 5
ROLL_UP_EVERY = 3
PURGE_EVERY = 3600
MODELS_EVERY = timedelta(minutes=10)
# Due work to which nothing happens for so many looks, with room at the API and a worker at leisure, means that the
# cluster stands still. Looks and not seconds: a database that is locked holds up the workers as well as the watch.
# Twice as many after each replacement that did not help: a slow machine takes its time to begin.
STALLED_LOOKS = 15
MOST_DOUBLINGS = 4
# Whoever holds the database for longer may be one of the cluster's own processes; the watch has to look at them again.
LOCK_SECONDS = 2
# So many looks that fail, one after the other, are worth another line in the log.
SAY_AGAIN_LOOKS = 60
# How long running calls are waited for at the end; well above what the API usually takes.
PATIENCE = 50


class AlreadyRunningError(Exception):
    """Another worker holds this data folder."""


class Cluster:
    """The queue's processes, in a process group of their own so that they can be ended together."""

    def __init__(self, lock: Path) -> None:
        self._lock = lock.open("a+")
        try:
            flock(self._lock, LOCK_EX | LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise AlreadyRunningError from error
        self._end_leftover()
        self._scratch = lock.with_name("scratch")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """The processes that were killed before left their temporary files in the scratch folder."""
        with suppress(OSError):
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch.mkdir()
        command = [sys.executable, sys.argv[0], tasks.CLUSTER_COMMAND]
        env = os.environ | {"TMPDIR": str(self._scratch)}
        self._process = subprocess.Popen(command, env=env, start_new_session=True)  # noqa: S603 - our own command line # nosec B603
        self._lock.seek(0)
        self._lock.truncate()
        self._lock.write(str(self._process.pid))
        self._lock.flush()

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, patience: float, hurry: threading.Event) -> None:
        """Let running calls finish for `patience` seconds at most, or until `hurry`; then end what is left."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()  # only its main process: a signal to the group would cut the calls
        until = time.monotonic() + patience
        while self.is_alive and time.monotonic() < until and not hurry.wait(0.05):
            pass
        self.kill()

    def kill(self) -> None:
        """End every process of the group at once."""
        if self._process is not None:
            _kill_group(self._process.pid)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Let go of the data folder."""
        self._lock.close()

    def _end_leftover(self) -> None:
        """A worker that was killed leaves its cluster behind: the lock file tells which."""
        self._lock.seek(0)
        text = self._lock.read().strip()
        if not text.isdecimal():
            return
        for process in psutil.process_iter(["cmdline"]):
            with suppress(psutil.Error, ProcessLookupError):
                ours = tasks.CLUSTER_COMMAND in (process.info["cmdline"] or [])
                if ours and os.getpgid(process.pid) == int(text):
                    _kill_group(int(text))
                    return


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


class Watchdog:
    """Looks after the cluster until `stop` is set."""

    def __init__(self, cluster: Cluster, stop: threading.Event) -> None:
        self._cluster = cluster
        self._stop = stop
        self._spool = Spool(Path(settings.SPOOL_ROOT))
        self._lease_watch = LeaseWatch(settings.LEASE_SECONDS)
        self._parent = os.getppid()
        self._quiet_looks = 0
        self._last_event: int | None = None
        self._doublings = 0
        self._ticks = 0
        self._failed_looks = 0

    def run(self) -> None:
        with suppress(Error):
            tasks.forget_wakes()
        self._cluster.start()
        while not self._stop.wait(TICK) and os.getppid() == self._parent:
            try:
                self.tick()
            except (*OUTAGE, OSError) as error:  # somebody holds the database, or it is away: no news to trace
                self._wait_it_out(error)
            except Error:
                log.exception("the watch could not look; trying again")
                connection.close()
            else:
                self._note_end_of_trouble()

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

    def tick(self) -> None:
        """One look: at most a handful of cheap queries.

        What needs a database that can be written to comes after the look at the cluster, one of whose processes may be
        what keeps it locked, and what needs a healthy disk comes last.
        """
        self._ticks += 1
        provider = Provider.objects.current()
        waits = provider.is_paused(settings.ONLYSQ_API_KEY) or not tasks.has_disk_room()
        startable = 0 if waits else self._startable()
        unfinished = Call.objects.abandoned_replies(timezone.now()).count()
        if not self._cluster.is_alive or self._is_stalled(bool(startable or unfinished)):
            self._restart()
        if self._ticks % BEAT_EVERY == 1:
            provider.beat()
            provider.notice_key(settings.ONLYSQ_API_KEY)
        if not provider.models_at or provider.models_at < timezone.now() - MODELS_EVERY:
            self._refresh_models()
        if (startable or unfinished) and not tasks.waiting_wakes():
            tasks.wake(startable + unfinished)
        if self._ticks % ROLL_UP_EVERY == 2:
            roll_up()
        if self._ticks % SWEEP_EVERY == 1:
            sweep(self._spool, self._lease_watch)
            lost_thumbs.look()
            looked.send(sender=None)
        if self._ticks % PURGE_EVERY == 1:
            tidy_media()
            purge_trash()
            tidied.send(sender=None)

    def _startable(self) -> int:
        room = Call.objects.all().room(settings.CONCURRENCY, settings.RATE_PER_MINUTE)
        return min(room, Call.objects.due(timezone.now()).count()) if room else 0

    def _refresh_models(self) -> None:
        if self._ticks % int(60 / TICK) == 1:
            tasks.wake_for_models()

    def _is_stalled(self, has_work: bool) -> bool:
        """Whether there is work and somebody free to do it, and yet nothing has happened to any call for a while.

        Workers that all have their hands full, of large pictures say, do not stand still.
        """
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
        is_busy = Call.objects.held().count() >= settings.Q_CLUSTER["workers"]
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


def be_impatient(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Have this connection wait for other people's locks for LOCK_SECONDS at most."""
    wishes = {
        "sqlite": f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}",
        "postgresql": f"SET lock_timeout = '{LOCK_SECONDS}s'",
    }
    with connection.cursor() as cursor:
        cursor.execute(wishes[connection.vendor])


def run(lock: Path) -> None:
    """Run cluster and watch until SIGTERM or SIGINT; a second signal does not wait for running calls."""
    stop, hurry = threading.Event(), threading.Event()

    def on_signal(*_: object) -> None:
        (hurry if stop.is_set() else stop).set()

    cluster = Cluster(lock)
    connection_created.connect(be_impatient)
    connection.close()  # the next one is
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    try:
        Watchdog(cluster, stop).run()
        with suppress(Error):
            tasks.forget_wakes()
    finally:
        cluster.stop(PATIENCE, hurry)
        cluster.close()
