"""A kill at each seam of a call's life, of one process, of the cluster, and of everything."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import psutil
import pytest
from django.db import transaction
from django.utils import timezone

from generator.models import Call, Event
from tests.drills.site import Site
from tests.drills.truth import check_leftovers_are_swept, settle
from tests.process import MANAGE

State, What = Call.State, Event.What
# Where a call stands still, and how it must end. One that may have left goes to a person, one that cannot have left
# goes out again, one whose reply is on disk is stored.
POINTS = {
    "claimed": State.SUCCEEDED,
    "marked": State.UNKNOWN,
    "half": State.UNKNOWN,
    "whole": State.SUCCEEDED,
    "received": State.SUCCEEDED,
    "thumbnail": State.SUCCEEDED,
    "two of four": State.SUCCEEDED,
    "files": State.SUCCEEDED,
    "stored": State.SUCCEEDED,
}
# At these the database is locked, so that nothing else can be brought to its point any more.
LOCKING = ("claiming", "committing")
# So that nobody waits for a place at the API, whatever stands still there.
MORE = "14"
ENDS = POINTS | {"sent": State.UNKNOWN, "queued": State.SUCCEEDED} | dict.fromkeys(LOCKING, State.SUCCEEDED)


@pytest.mark.ci("sqlite")
@pytest.mark.parametrize("locking", LOCKING)
def test_killed_worker_processes_are_followed_by_others(running: Site, locking: str) -> None:
    calls = bring_to_points(running, locking)
    running.kill({running.holder(call) for point, call in calls.items() if point != "queued"})
    check_ends(running, f"workers killed, {locking}", calls)


@pytest.mark.parametrize("locking", LOCKING)
def test_a_killed_cluster_is_replaced(running: Site, locking: str) -> None:
    calls = bring_to_points(running, locking)
    running.kill(running.clusters())
    check_ends(running, f"cluster killed, {locking}", calls)


@pytest.mark.parametrize("locking", LOCKING)
def test_after_a_kill_of_everything_the_next_start_goes_on(running: Site, locking: str) -> None:
    running.start_web()
    calls = bring_to_points(running, locking)
    running.kill(running.processes())
    running.start_worker()
    check_ends(running, f"everything killed, {locking}", calls)
    running.start_web()
    check_pages(running, calls)
    check_leftovers_are_swept(running)


def test_after_a_kill_of_the_worker_command_the_next_one_ends_its_cluster(running: Site) -> None:
    """The cluster outlives its watch, and its calls stand still: whoever comes next ends it."""
    calls = bring_to_points(running, "claiming")
    running.kill_command()
    running.start_worker()
    check_ends(running, "worker command killed", calls)


def test_a_cluster_that_loses_its_head_is_replaced(running: Site) -> None:
    calls = bring_to_points(running, "claiming")
    running.kill(running.role("sentinel"))
    check_ends(running, "sentinel killed", calls)
    check_queue_moves(running, "sentinel")


@pytest.mark.parametrize("role", ["idle", "monitor", "pusher", "web server"])
def test_calls_at_every_point_go_on_whoever_else_is_killed(site: Site, role: str) -> None:
    """All idle workers at once: one of them holds the lock of the queue, which nobody else can take ever again."""
    site.start_worker(VITRINE_CONCURRENCY=MORE)
    site.start_web()
    calls = bring_to_points(site, "claiming")
    site.kill(bystanders(site, role, calls))
    for call in calls.values():
        site.go_on(call)
    line = settle(site, f"{role} killed", list(calls.values()))
    ends = dict.fromkeys(calls, State.SUCCEEDED) | {"sent": State.UNKNOWN}
    assert dict(zip(calls, site.states(calls.values()), strict=True)) == ends
    assert line.charged == len(calls)
    check_queue_moves(site, role)
    if role == "web server":
        assert not site.answers()
        site.start_web()
    check_pages(site, calls)


def test_a_person_is_told_and_decides_what_to_do_about_a_call_that_may_have_been_charged(running: Site) -> None:
    running.start_web()
    call = bring_to(running, "marked")
    running.kill([running.at_point(call)])
    settle(running, "shown to its owner", [call])
    page = running.page(call.generation.get_absolute_url())
    assert all(words in page for words in ("Outcome unknown", "It may have been charged", "Send again", "Leave it"))
    assert all(str(what.label) in page for what in (What.CLAIMED, What.SENT, What.LOST))

    call.refresh_from_db()
    again = call.try_again()
    assert again
    settle(running, "sent again by its owner", [again])
    assert running.states([again]) == [State.SUCCEEDED]


def test_frozen_workers_that_were_taken_for_dead_send_nothing_late_and_bring_what_they_had_asked_for(
    site: Site,
) -> None:
    """One stands still before it sent: another one has by now, and still waits for the API. One has half its reply."""
    site.start_worker()
    site.sandbox.latency = 4.0
    unsent, sent = calls = site.submit("[claimed]", "[half]")
    site.wait_for(lambda: all(site.at_point(call) for call in calls))
    frozen = [site.at_point(call) for call in calls]
    for process in frozen:
        os.kill(process, signal.SIGSTOP)
    site.wait_for_event(sent, What.LOST)
    site.wait_for(lambda: site.charged(unsent) == 1)
    for call, process in zip(calls, frozen, strict=True):
        site.go_on(call)
        os.kill(process, signal.SIGCONT)
    site.wait_for_event(sent, What.RECEIVED)
    settle(site, "frozen, and woken too late", calls)
    assert site.states(calls) == [State.SUCCEEDED] * 2


def test_a_stop_lets_running_calls_finish_and_leaves_the_queue_to_the_next_worker(running: Site) -> None:
    """As in a deploy: SIGTERM, and a new worker when the old one has gone."""
    running.sandbox.latency = 3.0
    calls = running.submit(*["Across a deploy"] * 16)
    running.wait_for(lambda: len(running.sent(calls)) >= 8)
    running.stop_worker()
    assert set(running.states(calls)) <= {State.SUCCEEDED, State.QUEUED}
    running.sandbox.latency = 0.2
    running.start_worker()
    settle(running, "deploy", calls)
    assert running.states(calls) == [State.SUCCEEDED] * len(calls)


def test_a_second_worker_does_not_start_and_a_second_cluster_charges_nothing_twice(running: Site) -> None:
    refused = running.run(MANAGE, "worker")
    assert refused.returncode
    assert "already running" in refused.stderr
    second = running.start_second_cluster()
    calls = running.submit(*["Between two clusters"] * 20)
    settle(running, "two clusters", calls)
    assert running.states(calls) == [State.SUCCEEDED] * len(calls)
    os.killpg(second.pid, signal.SIGKILL)
    second.wait()


def bystanders(site: Site, role: str, calls: dict[str, Call]) -> list[psutil.Process]:
    """Those of a role; the idle workers are those that have none of these calls in their hands."""
    if role == "web server":
        return site.web_servers()
    if role != "idle":
        return site.role(role)
    busy = {site.holder(call) for point, call in calls.items() if point != "queued"}
    return [process for process in site.role("workers") if process.pid not in busy]


def check_queue_moves(site: Site, role: str) -> None:
    later = site.submit(*["After the kill"] * 3)
    settle(site, f"{role} killed, and later", later)
    assert site.states(later) == [State.SUCCEEDED] * 3


def check_pages(site: Site, calls: dict[str, Call]) -> None:
    """Each call's page shows its pictures, or asks its owner what to do."""
    for call in site.calls(calls.values()):
        page = site.page(call.generation.get_absolute_url())
        assert all(f"/images/{image.pk}/" in page for image in call.images.all())
        assert (call.state == State.UNKNOWN) == ("Outcome unknown" in page and "Send again" in page)


def bring_to(site: Site, point: str, prompt: str = "") -> Call:
    call = site.submit(f"[{point}] {prompt}")[0]
    site.wait_for(lambda: bool(site.at_point(call)))
    return call


def bring_to_points(site: Site, locking: str) -> dict[str, Call]:
    """A call at each point, one at the API, one that holds the database, and one that stays in the queue: until the
    other one lets go of the database, or at the latest until `check_ends`."""
    site.sandbox.faults.add("hang", prompt="[sent]", times=1)
    calls = dict(zip(POINTS, site.submit(*(f"[{point}]" for point in POINTS)), strict=True))
    calls["sent"] = site.submit("[sent]")[0]
    site.wait_for(lambda: all(site.at_point(calls[point]) for point in POINTS) and site.charged(calls["sent"]) == 1)
    with transaction.atomic():
        calls[locking], calls["queued"] = site.submit(f"[{locking}]", "[queued]")
        if locking == "committing":  # on PostgreSQL that keeps nobody from another call
            Call.objects.filter(pk=calls["queued"].pk).update(not_before=timezone.now() + timedelta(hours=1))
    site.wait_for(lambda: bool(site.at_point(calls[locking])))
    return calls


def check_ends(site: Site, drill: str, calls: dict[str, Call]) -> None:
    Call.objects.filter(pk=calls["queued"].pk).update(not_before=None)
    line = settle(site, drill, list(calls.values()))
    assert dict(zip(calls, site.states(calls.values()), strict=True)) == {point: ENDS[point] for point in calls}
    assert site.charged(calls["marked"]) == 0
    assert What.PUT_BACK in site.history(calls["claimed"])
    assert line.charged == len(calls) - 1
