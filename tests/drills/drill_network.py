"""Every way in which the network and the API are known to fail, and clocks that jump."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.models import Call, Event, Provider
from tests.drills.site import IMPATIENT, Site
from tests.drills.truth import settle
from tests.process import MANAGE

State, What = Call.State, Event.What
UNREACHABLE = {
    "refused": "http://127.0.0.1:9/ai/imagen",
    "no such name": "https://drill.invalid/ai/imagen",
    "no TLS": "https://{place}/ai/imagen",
}
# Faults of the sandbox, and how the call must end.
BROKEN = {
    "cut": State.UNKNOWN,
    "half": State.UNKNOWN,
    "drip": State.UNKNOWN,
    "hang": State.UNKNOWN,
    "status:502": State.UNKNOWN,
    "status:504": State.UNKNOWN,
    "status:500": State.FAILED,
    "garbage": State.FAILED,
    "error200": State.FAILED,
}
HOUR = 3600


def test_what_never_left_goes_out_again_by_itself_with_growing_pauses(site: Site) -> None:
    calls = []
    for trouble, address in UNREACHABLE.items():
        site.start_worker(ONLYSQ_API_URL=address.format(place=site.sandbox.base_url.rpartition("/")[2]))
        calls += site.submit(trouble)
        site.wait_for_event(calls[-1], What.PUT_BACK)
        site.wait_for_event(calls[0], What.PUT_BACK, times=3)
        site.stop_worker()
    claims = list(Event.objects.filter(call=calls[0], what=What.CLAIMED).values_list("at", flat=True))
    assert claims[2] - claims[1] > claims[1] - claims[0]
    assert all(event.message for event in Event.objects.filter(call__in=calls, what=What.PUT_BACK))

    site.start_worker()
    settle(site, ", ".join(UNREACHABLE), calls)
    assert site.states(calls) == [State.SUCCEEDED] * len(calls)


def test_a_broken_answer_is_never_asked_for_again(site: Site) -> None:
    site.start_worker(**IMPATIENT)
    for name in BROKEN:
        site.sandbox.faults.add(name, times=1, prompt=f"<{name}>", **({"rate": 50} if name == "drip" else {}))
    calls = dict(zip(BROKEN, site.submit(*(f"<{name}>" for name in BROKEN)), strict=True))
    fine = site.submit("Beside them")[0]
    settle(site, "broken answers", [*calls.values(), fine])
    assert dict(zip(BROKEN, site.states(calls.values()), strict=True)) == BROKEN
    assert site.states([fine]) == [State.SUCCEEDED]


@pytest.mark.parametrize(("retry_after", "seconds"), [(4, 4), (None, 25)])
def test_a_429_holds_everybody_back_for_as_long_as_asked(running: Site, retry_after: int | None, seconds: int) -> None:
    running.sandbox.faults.set("status:429", times=1, retry_after=retry_after)
    first = running.submit("Too many")[0]
    running.wait_for_event(first, What.PUT_BACK)
    since = Provider.objects.current().paused_at
    others = running.submit(*["Held back"] * 3)
    settle(running, f"429, {retry_after or 'nothing'} said", [first, *others])
    assert running.states([first, *others]) == [State.SUCCEEDED] * 4
    sent = Event.objects.filter(call__in=[first, *others], what=What.SENT, at__gt=since).values_list("at", flat=True)
    assert min((at - since).total_seconds() for at in sent) >= seconds


def test_a_refused_key_keeps_the_queue_and_says_so_until_it_is_mended(running: Site) -> None:
    running.start_web()
    running.sandbox.key = "right"
    first = running.submit("Without the key")[0]
    running.wait_for(lambda: running.settled([first]))
    others = running.submit(*["Waiting for the key"] * 3)
    assert running.states([first]) == [State.FAILED]
    assert "key" in running.page("/create/")
    doctor = running.run(MANAGE, "doctor")
    assert doctor.returncode
    assert "key" in doctor.stdout
    assert running.states(others) == [State.QUEUED] * 3

    running.stop_worker()
    running.start_worker(ONLYSQ_API_KEY="right")
    settle(running, "401", [first, *others])
    assert running.states(others) == [State.SUCCEEDED] * 3


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_orphans_nobody_and_holds_nobody_up(site: Site, jump: int, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0")
    site.start_worker(**faked(clock))
    site.sandbox.latency = 3.0
    site.sandbox.faults.set("status:429", times=1, retry_after=3, prompt="Asked to wait")
    waiting = site.submit("Asked to wait")[0]
    site.wait_for_event(waiting, What.PUT_BACK)
    site.wait_for(lambda: not Provider.objects.current().is_paused(""))
    flying = site.submit(*["In flight"] * 3)
    site.wait_for(lambda: all(site.charged(call) for call in flying))

    replacement = clock.with_suffix(".new")
    replacement.write_text(f"{jump:+}")
    replacement.replace(clock)
    later = site.submit(*["After the jump"] * 3)
    calls = [waiting, *flying, *later]
    settle(site, f"clock {jump // HOUR:+} h", calls)
    assert site.states(calls) == [State.SUCCEEDED] * len(calls), [call.error_message for call in site.calls(calls)]


def faked(clock: Path) -> dict[str, str]:
    """The environment in which processes take the wall clock's offset from a file; steady clocks stay as they are."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    assert found, "The drills with jumping clocks need libfaketime: apt install faketime"
    return {
        "LD_PRELOAD": os.fspath(found[0]), "FAKETIME_TIMESTAMP_FILE": os.fspath(clock), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
    }  # fmt: skip
