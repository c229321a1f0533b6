"""The machine fails: disks that are full or read-only, a database that somebody else holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from generator.models import Call, Event
from tests.drills import disks
from tests.drills.conftest import database_of
from tests.drills.database import SmallPostgreSql, Sqlite
from tests.drills.drill_kills import bring_to
from tests.drills.site import Site
from tests.drills.truth import settle

State, What = Call.State, Event.What
# What lies on a small disk of its own, below the data folder.
DISKS = ("spool", "media/originals", "media/thumbs", "database")
FULL = ("database or disk is full", "No space left on device")
# Longer than a writer waits for SQLite's lock.
LOCKED_SECONDS = 21


@pytest.fixture(scope="module")
def small_disks(
    kind: str, prepared: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Site]:
    """A site each of whose folders, and whose database, is on a small file system of its own."""
    data = tmp_path_factory.mktemp("small") / "disks"
    with django_db_blocker.unblock(), ExitStack() as disks_of_site:
        for name in DISKS:
            disks.mount(data / name)
            disks_of_site.callback(disks.unmount, data / name)
        with Site(data, database_of(kind, data / "database", prepared, small=True), kind) as site:
            site.begin(prepared)
            yield site


@pytest.fixture
def cramped(small_disks: Site) -> Iterator[Site]:
    small_disks.enter()
    small_disks.peace()
    small_disks.start_worker(VITRINE_CONCURRENCY="3")
    small_disks.kills = 0
    yield small_disks
    small_disks.kill(small_disks.processes())


@pytest.mark.ci("postgresql")
def test_no_room_for_a_reply_is_told_to_a_person_and_holds_the_rest_back(cramped: Site) -> None:
    sent = bring_to(cramped, "marked")
    with disks.full(cramped.folder / "spool"):
        cramped.go_on(sent)
        cramped.wait_for(lambda: cramped.settled([sent]))
        later = cramped.submit("When there is room")[0]
        time.sleep(3)
        assert cramped.states([later]) == [State.QUEUED]
        assert not cramped.charged(later)
    settle(cramped, "full: spool", [sent, later])
    assert cramped.states([sent, later]) == [State.UNKNOWN, State.SUCCEEDED]


@pytest.mark.ci("postgresql")
def test_pictures_that_cannot_be_stored_wait_until_they_can(cramped: Site) -> None:
    """No room for originals, none for thumbnails, and both read-only: the reply is on disk, so nothing is lost."""
    originals, thumbs = cramped.folder / "media/originals", cramped.folder / "media/thumbs"
    calls = []
    for trouble in (disks.full(originals), disks.full(thumbs), disks.read_only(originals, thumbs)):
        call = bring_to(cramped, "received")
        with trouble:
            cramped.go_on(call)
            cramped.wait_for_event(call, What.POSTPONED)
            assert "cannot be stored for now" in cramped.calls([call])[0].error_message
        calls.append(call)
    settle(cramped, "full or read-only media", calls)
    assert cramped.states(calls) == [State.SUCCEEDED] * 3


@pytest.mark.ci("postgresql")
def test_no_room_in_the_database_loses_nothing_that_was_paid_for(cramped: Site) -> None:
    """One call waits with its rows, another at the API."""
    assert isinstance(cramped.database, Sqlite | SmallPostgreSql)
    storing, asking = bring_to(cramped, "files"), bring_to(cramped, "marked")
    with cramped.database.full():
        cramped.go_on(storing)
        cramped.go_on(asking)
        cramped.wait_for(lambda: all(_finds_no_room(cramped, call) for call in (storing, asking)))
    settle(cramped, "full: database", [storing, asking])
    assert cramped.states([storing, asking]) == [State.SUCCEEDED] * 2


def test_a_database_that_is_locked_by_somebody_else_delays_and_loses_nothing(running: Site) -> None:
    """One call becomes due meanwhile, and nobody can take it: that is no reason to replace the cluster."""
    storing = bring_to(running, "files")
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


def _finds_no_room(site: Site, call: Call) -> bool:
    """Whether the log says so of this call, in its database's words."""
    lines = [line for line in site.log().splitlines() if str(call.pk) in line]
    return any(words in line for line in lines for words in FULL)
