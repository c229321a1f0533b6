"""Whatever breaks, at whatever step: nothing is lost, doubled or stuck.

One step after the other meets a fault, first on the way from the queue to the pictures, then in what puts right a kill
that came before. After that nothing breaks any more, and what has to hold is looked at.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured

from gallery.models import User
from generator.imaging.thumbnails import render_all
from generator.models import Call, Generation, Image, Limit
from generator.replies.spool import Spool
from generator.sandbox import SandboxServer
from generator.submit import Wish, submit, try_again
from generator.worker import tasks
from generator.worker.sweep import LeaseWatch, sweep, tidy_media
from tests.conftest import Cast, Folders
from tests.generator.models.accounting.limiting import levels, limit
from tests.generator.worker.breaking import KilledError, Kind, breaking, points

State = Call.State
ANYTHING = (KilledError, Exception)


@pytest.fixture
def site(sandbox: SandboxServer, spool: Spool, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    settings.MIN_FREE_MB, settings.THUMB_WIDTHS = 0, (320,)
    monkeypatch.setattr("generator.worker.send.time.sleep", lambda _seconds: None)
    logging.disable(logging.CRITICAL)
    yield Site(sandbox, spool)
    logging.disable(logging.NOTSET)


class Site:
    def __init__(self, sandbox: SandboxServer, spool: Spool) -> None:
        self.sandbox = sandbox
        self.spool = spool

    def asked(self, user: User) -> Call:
        self.sandbox.charges.clear()
        token = os.urandom(8).hex()
        wish = Wish(prompt="A square", model="flux", width=64, height=64)
        return submit(user, wish, token).generation.calls.get()

    def broken(self, kind: Kind, at: int | None, do: Callable[[], object]) -> list[str]:
        """The steps that were met until it broke."""
        with breaking(kind, at) as fault, suppress(*ANYTHING):
            do()
        return fault.steps

    def put_right(self) -> None:
        """As the watch does: every worker is taken for dead, and what is left is finished by another one."""
        Call.objects.exclude(not_before=None).update(not_before=None)
        sweep(self.spool, LeaseWatch(0))
        tasks.work()

    def come_to_rest(self) -> None:
        self.put_right()
        self.put_right()
        for file in [*self.files("SPOOL_ROOT"), *self.files("MEDIA_ROOT")]:
            os.utime(file, (0, 0))
        sweep(self.spool, LeaseWatch(0))
        tidy_media()

    def files(self, root: str) -> list[Path]:
        return [path for path in Path(getattr(configured, root)).rglob("*") if path.is_file()]

    def left_of(self, call: Call) -> tuple[object, ...]:
        """What a kill has left: the call's state, and which files there are."""
        call.refresh_from_db()
        files = [*self.files("SPOOL_ROOT"), *self.files("MEDIA_ROOT")]
        return call.state, *sorted(path.suffix for path in files)

    def check(self, call: Call, story: str, *, reached_the_disk: bool) -> None:
        call.refresh_from_db()
        charged = len(self.sandbox.charged)
        assert charged <= 1, f"{story}: charged {charged} times"
        if call.state == State.UNKNOWN:
            assert call.sent_at, story
            assert not reached_the_disk, f"{story}: its reply was on disk"
            assert (call.error_kind, call.pictures, call.settled_at) == ("silence", 1, None), story
        else:
            assert (call.state, charged, call.images.count()) == (State.SUCCEEDED, 1, 1), f"{story}: {call.error_kind}"
            assert call.settled_at, story
        assert self.files("SPOOL_ROOT") == [], story
        named = {name for image in Image.objects.all() for name in (image.file.name, image.thumb_name(320))}
        kept = {str(path.relative_to(configured.MEDIA_ROOT)) for path in self.files("MEDIA_ROOT")}
        assert kept == named, story
        events = list(call.events.values_list("what", flat=True))
        assert events.count("claimed") == call.tries, story
        assert events.count("stored" if call.state == State.SUCCEEDED else "outcome unknown") <= 1, story
        Image.objects.all().delete()
        for path in self.files("MEDIA_ROOT"):
            path.unlink()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_fault_at_any_step_loses_doubles_and_stops_nothing(site: Site, cast: Cast) -> None:
    """Transactional, for what is committed is what a worker that dies leaves behind."""
    call = site.asked(cast.owner)
    steps = site.broken(Kind.KILLED, None, tasks.work)
    site.come_to_rest()
    site.check(call, "nothing broke", reached_the_disk=True)
    assert len(steps) > 40
    for kind, at in points(steps):
        call = site.asked(cast.owner)
        site.broken(kind, at, tasks.work)
        reached_the_disk = site.spool.has(str(call.pk))
        site.come_to_rest()
        site.check(call, f"{kind.name} at step {at}, {steps[at]}", reached_the_disk=reached_the_disk)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_another_kill_while_one_is_put_right_makes_it_no_worse(site: Site, cast: Cast) -> None:
    """For each state that a kill can leave once the request may have left."""
    call = site.asked(cast.owner)
    way = site.broken(Kind.KILLED, None, tasks.work)
    site.come_to_rest()
    site.check(call, "nothing broke", reached_the_disk=True)
    seen: set[tuple[object, ...]] = set()
    for _, first in points(way, [Kind.KILLED]):
        call = site.asked(cast.owner)
        site.broken(Kind.KILLED, first, tasks.work)
        left, reached_the_disk = site.left_of(call), site.spool.has(str(call.pk))
        steps = site.broken(Kind.KILLED, None, site.put_right)
        site.come_to_rest()
        site.check(call, f"killed at {first}", reached_the_disk=reached_the_disk)
        if left in seen or not call.sent_at:
            continue
        seen.add(left)
        for _, second in points(steps, [Kind.KILLED]):
            call = site.asked(cast.owner)
            site.broken(Kind.KILLED, first, tasks.work)
            site.broken(Kind.KILLED, second, site.put_right)
            site.come_to_rest()
            site.check(call, f"killed at {first} and at {second}, {steps[second]}", reached_the_disk=reached_the_disk)
    assert {state for state, *_ in seen} >= {State.SENDING, State.RECEIVED, State.SUCCEEDED}


@pytest.mark.django_db
def test_a_worker_that_was_taken_for_dead_spoils_nothing_that_its_successor_works_on(
    site: Site, cast: Cast, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It decodes the same reply a second time, and is killed half-way."""
    call = site.asked(cast.owner)
    folders.media.write_text("no folder")
    tasks.work()
    folders.media.unlink()

    def meanwhile(*args: Any) -> object:
        Spool(folders.spool).work(str(call.pk), 0).write_bytes(b"half a pic")
        return render_all(*args)

    monkeypatch.setattr("generator.worker.ingest.render_all", meanwhile)
    site.come_to_rest()
    site.check(call, "taken for dead", reached_the_disk=True)


def ask_for_two(generation: Generation) -> object:
    return submit(generation.user, Wish(prompt="Two", model="flux", ratio="1:1", count=2), "once")


CLICKS: dict[str, tuple[Callable[[Generation], object], str, int]] = {
    # What is clicked, what then counts against a limit, and how many calls there are.
    "submit": (ask_for_two, "3 of 9 (3 under way)", 3),
    "cancel": (lambda generation: generation.calls.get().cancel(), "0 of 9", 1),
    "try again": (lambda generation: try_again(lost(generation)), "2 of 9 (1 under way)", 2),
    "dismiss": (lambda generation: lost(generation).dismiss(), "1 of 9", 1),
    "not charged": (lambda generation: lost(generation).settle_as_not_charged(), "0 of 9", 1),
}


def lost(generation: Generation) -> Call:
    """Its first call, which was sent and never answered."""
    generation.calls.filter(state=State.QUEUED, number=1).update(state=State.UNKNOWN)
    return generation.calls.get(number=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("click", CLICKS)
def test_a_click_that_breaks_counts_once_when_it_is_repeated(click: str, site: Site, cast: Cast) -> None:
    """Whether it was done the first time or not is nothing that a person could know."""
    act, level, calls = CLICKS[click]
    limit(Limit.What.PICTURES_DAY, 9, each=True)
    steps = site.broken(Kind.KILLED, None, partial(act, site.asked(cast.admin).generation))
    assert "commit" in steps
    for number, (kind, at) in enumerate(points(steps)):
        user = User.objects.create_user(f"clicker{number}")
        generation = site.asked(user).generation
        site.broken(kind, at, partial(act, generation))
        act(generation)
        story = f"{kind.name} at step {at}, {steps[at]}"
        assert levels(user) == [f"your pictures today: {level}"], story
        assert user.calls.count() == calls, story
