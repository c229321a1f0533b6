"""Many calls wait for the API in one process: it is killed, and how little of the database they hold."""

from __future__ import annotations

import pytest
from django.db import connection

from generator.models import Call, Event
from tests.drills.site import WORKERS, Site
from tests.drills.truth import settle

State, What = Call.State, Event.What
# Longer than any drill takes, on a machine of any speed.
SILENCE_SECONDS = 3600.0
PATIENT = {"ONLYSQ_READ_TIMEOUT": str(2 * SILENCE_SECONDS), "ONLYSQ_TOTAL_TIMEOUT": str(2 * SILENCE_SECONDS + 60)}
WAITING = 64
UNSENT = 4
# Beside a connection of each worker: the watch, pusher, monitor, sentinel and this process; the sender has two more.
OTHERS = 5 + 2


@pytest.fixture
def many(site: Site) -> Site:
    """Whose API takes so long that nothing comes back during a drill."""
    site.start_worker(VITRINE_CONCURRENCY=str(WAITING + UNSENT), **PATIENT)
    site.sandbox.latency = SILENCE_SECONDS
    return site


def wait_for_api(site: Site, number: int) -> list[Call]:
    calls = site.submit(*["At the API"] * number)
    site.wait_for(lambda: len(site.sent(calls)) == number)
    return calls


@pytest.mark.ci("sqlite")
def test_of_many_calls_in_one_process_that_is_killed_each_is_shown_or_goes_out_again(many: Site) -> None:
    """Those that were sent go to people, those that cannot have left go out again, the next ones are not held up."""
    unsent = many.submit(*["[claimed]"] * UNSENT)
    many.wait_for(lambda: all(many.at_point(call) for call in unsent))
    sent = wait_for_api(many, WAITING)
    holders = {many.holder(call) for call in [*unsent, *sent]}
    assert len(holders) == 1
    many.kill(holders)
    many.sandbox.latency = 0.2
    later = many.submit(*["After the kill"] * 3)
    line = settle(many, "sender killed", [*unsent, *sent, *later])
    assert many.states(sent) == [State.UNKNOWN] * WAITING
    assert many.states([*unsent, *later]) == [State.SUCCEEDED] * (UNSENT + 3)
    assert all(What.PUT_BACK in many.history(call) for call in unsent)
    assert line.charged == WAITING + UNSENT + 3


@pytest.mark.ci("postgresql")
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
def test_calls_that_wait_for_the_api_hold_no_connection_to_the_database(many: Site) -> None:
    calls = wait_for_api(many, WAITING)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert cursor.fetchone()[0] <= WORKERS + OTHERS
    many.kill({many.holder(call) for call in calls})
    settle(many, "many connections to the API", calls)
