"""What ends the watch's sleep, and how long it means to sleep."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from generator.models import Call, Generation, Provider
from generator.worker import watchdog
from generator.worker.alarm import TICK, Alarm, Chore
from generator.worker.bells import Name, is_held, ring
from tests.conftest import Cast, Folders
from tests.generator.worker.test_watchdog import StandIn

LONG = 60.0


@pytest.fixture
def alarm(folders: Folders) -> Iterator[Alarm]:
    before = signal.getsignal(signal.SIGCHLD)
    made = Alarm()
    yield made
    made.close()
    signal.signal(signal.SIGCHLD, before)


@pytest.fixture
def watch(db: None) -> watchdog.Watchdog:
    Provider.objects.current().learn_models([])
    return watchdog.Watchdog(StandIn(), threading.Event())


def slept(alarm: Alarm, seconds: float) -> float:
    began = time.monotonic()
    alarm.wait(seconds)
    return time.monotonic() - began


def test_a_bell_that_was_rung_wakes_the_watch(alarm: Alarm) -> None:
    ring(Name.WATCH)
    assert slept(alarm, LONG) < LONG / 2
    assert slept(alarm, 0.01) >= 0.005, "once"


def test_a_signal_wakes_it(alarm: Alarm) -> None:
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert slept(alarm, LONG) < LONG / 2
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_the_end_of_the_cluster_wakes_it(alarm: Alarm) -> None:
    pid = os.posix_spawnp("true", ["true"], os.environ)
    assert slept(alarm, LONG) < LONG / 2
    os.waitpid(pid, 0)


def test_a_child_that_lets_go_of_it_leaves_the_bell_to_its_parent(folders: Folders) -> None:
    """Else the watch would seem to live for as long as its child."""
    alarm = Alarm()
    assert is_held(Name.WATCH)
    alarm.let_go()
    assert not is_held(Name.WATCH)
    assert list((folders.data / "bells").iterdir())
    alarm._bell.close()


def test_a_chore_is_done_at_the_first_look_and_then_each_so_many_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    chore, done = Chore(30), []
    for _ in range(62):
        done.append(chore.is_due())
        clock += TICK
    assert [second for second, is_done in enumerate(done) if is_done] == [0, 30, 60]


def test_with_nothing_to_do_the_watch_rests(watch: watchdog.Watchdog) -> None:
    watch.tick()
    assert watch.tick() == watchdog.REST


def test_while_there_is_something_to_do_it_looks_each_second(
    watch: watchdog.Watchdog, cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    call = make_generation(cast.owner).calls.get()
    assert watch.tick() == TICK
    assert call.claim(60.0)
    assert watch.tick() == TICK, "its worker may die"


def test_at_a_pause_of_the_api_it_looks_now_and_then(
    watch: watchdog.Watchdog, cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    make_generation(cast.owner)
    Provider.objects.current().wait(60)
    assert watch.tick() == watchdog.PAUSED


def test_what_waits_for_its_time_is_looked_at_then(
    watch: watchdog.Watchdog, cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    make_generation(cast.owner)
    watch.tick()
    Call.objects.update(not_before=timezone.now() + timedelta(seconds=12))
    assert watch.tick() == pytest.approx(12, abs=2)
