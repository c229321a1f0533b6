"""The machine fails: disks that are full or read-only, a database that somebody else holds."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from generator.models import Call, Event
from tests.drills.conftest import database_of
from tests.drills.site import Site
from tests.drills.truth import settle

State, What = Call.State, Event.What
# What lies on a small disk of its own, below the data folder.
DISKS = ("spool", "media/originals", "media/thumbs", "database")
# Longer than a writer waits for SQLite's lock.
LOCKED_SECONDS = 21


@pytest.fixture(scope="module")
def small_disks(kind: str, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    """A site each of whose folders is a file system of 8 MB."""
    assert os.geteuid() == 0, "The drills with full disks mount small ones, which only root may: run them as root."
    data = tmp_path_factory.mktemp("small") / "disks"
    for name in DISKS:
        (data / name).mkdir(parents=True)
        _do("mount", "-t", "tmpfs", "-o", "size=8m", "drill", str(data / name))
    with django_db_blocker.unblock():
        site = Site(data, database_of(kind, data / "database"), kind)
        try:
            site.open()
            yield site
        finally:
            site.close()
            for name in DISKS:
                _do("umount", str(data / name))


@pytest.fixture
def cramped(small_disks: Site) -> Iterator[Site]:
    small_disks.enter()
    small_disks.peace()
    small_disks.start()
    small_disks.kills = 0
    yield small_disks
    small_disks.kill(small_disks.processes())


def test_no_room_for_a_reply_is_told_to_a_person_and_holds_the_rest_back(cramped: Site) -> None:
    sent = _bring_to(cramped, "marked")
    with _full(cramped.data / "spool"):
        cramped.go_on(sent)
        cramped.wait_for(lambda: cramped.settled([sent]))
        later = cramped.submit("When there is room")[0]
        time.sleep(3)
        assert cramped.states([later]) == [State.QUEUED]
        assert not cramped.charged(later)
    settle(cramped, "full: spool", [sent, later])
    assert cramped.states([sent, later]) == [State.UNKNOWN, State.SUCCEEDED]


def test_pictures_that_cannot_be_stored_wait_until_they_can(cramped: Site) -> None:
    """No room for originals, none for thumbnails, and both read-only: the reply is on disk, so nothing is lost."""
    originals, thumbs = cramped.data / "media/originals", cramped.data / "media/thumbs"
    calls = []
    for trouble in (_full(originals), _full(thumbs), _read_only(originals, thumbs)):
        call = _bring_to(cramped, "received")
        with trouble:
            cramped.go_on(call)
            cramped.wait_for_event(call, What.POSTPONED)
            assert "cannot be stored for now" in cramped.calls([call])[0].error
        calls.append(call)
    settle(cramped, "full or read-only media", calls)
    assert cramped.states(calls) == [State.SUCCEEDED] * 3


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
def test_no_room_in_the_database_loses_nothing_that_was_paid_for(cramped: Site) -> None:
    """One call waits with its rows, another at the API. PostgreSQL's own disk is not ours to fill."""
    storing, asking = _bring_to(cramped, "files"), _bring_to(cramped, "marked")
    with _full(cramped.data / "database"):
        cramped.go_on(storing)
        cramped.go_on(asking)
        cramped.wait_for(lambda: cramped.charged(asking) == 1)
        time.sleep(5)
    settle(cramped, "full: database", [storing, asking])
    assert cramped.states([storing, asking]) == [State.SUCCEEDED] * 2


def test_a_database_that_is_locked_by_somebody_else_delays_and_loses_nothing(running: Site) -> None:
    """One call becomes due meanwhile, and nobody can take it: that is no reason to replace the cluster."""
    storing = _bring_to(running, "files")
    running.sandbox.latency = 4.0
    running.sandbox.faults.add("status:429", times=1, retry_after=3, prompt="Due meanwhile")
    flying = running.submit(*["In flight"] * 4)
    running.wait_for(lambda: len(running.sent(flying)) == 4)
    waiting = running.submit("Due meanwhile")[0]
    running.wait_for_event(waiting, What.PUT_BACK)
    with running.database.locked():
        running.go_on(storing)
        time.sleep(LOCKED_SECONDS)
    later = running.submit(*["When it is free"] * 2)
    calls = [*flying, storing, waiting, *later]
    settle(running, "database locked", calls)
    assert running.states(calls) == [State.SUCCEEDED] * len(calls)


def _bring_to(site: Site, point: str) -> Call:
    call = site.submit(f"[{point}]")[0]
    site.wait_for(lambda: bool(site.at_point(call)))
    return call


@contextmanager
def _full(folder: Path) -> Iterator[None]:
    """Not a byte is free on the folder's disk."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def _read_only(*folders: Path) -> Iterator[None]:
    for folder in folders:
        _do("mount", "-o", "remount,ro", str(folder))
    try:
        yield
    finally:
        for folder in folders:
            _do("mount", "-o", "remount,rw", str(folder))


def _do(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own command line
