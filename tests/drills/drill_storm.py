"""Seven calls at a time, a kill every second, and then peace: 200 calls and a minute, or a third of it in CI."""

from __future__ import annotations

import time
from random import Random

import psutil
import pytest

from generator.models import Call
from tests.drills.site import Site
from tests.drills.truth import settle

CALLS, SECONDS = 200, 60
SHORT_CALLS, SHORT_SECONDS = 70, 20
CONCURRENCY = "7"


@pytest.mark.ci("postgresql")
def test_a_storm_of_kills_loses_doubles_and_holds_up_nothing(site: Site, pytestconfig: pytest.Config) -> None:
    number, seconds = (SHORT_CALLS, SHORT_SECONDS) if pytestconfig.getoption("--ci") else (CALLS, SECONDS)
    site.start_worker(VITRINE_CONCURRENCY=CONCURRENCY)
    site.sandbox.latency = 2.0
    calls = site.submit(*["In the storm"] * number)
    dice = Random(7)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(1)
        site.kill(_victims(site, dice))
        if not site.is_running:
            site.start_command(VITRINE_CONCURRENCY=CONCURRENCY)

    site.wait_for_cluster()
    site.sandbox.latency = 0.2
    settle(site, "storm", calls)

    unknown = [call for call in site.calls(calls) if call.state == Call.State.UNKNOWN]
    again = [new for call in unknown if (new := call.try_again())]
    settle(site, "sent again by people", again)
    assert site.states(again) == [Call.State.SUCCEEDED] * len(unknown)


def _victims(site: Site, dice: Random) -> list[psutil.Process]:
    """Mostly one of the queue's processes; now and then the worker command, the cluster, or all of them."""
    everything, cluster = site.processes(), site.clusters()
    kind = dice.random()
    if kind < 0.05:
        return everything
    if kind < 0.1:
        return cluster
    return [dice.choice(everything)] if everything else []
