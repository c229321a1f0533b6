"""The database's server goes away while calls are under way, and comes back: nothing is started anew for that."""

from __future__ import annotations

import time

import pytest
import requests

from generator.models import Call, Event
from tests.drills.browser import cookies_of
from tests.drills.database import PostgreSql
from tests.drills.drill_kills import MORE, bring_to, bring_to_points
from tests.drills.site import Site
from tests.drills.truth import settle

State, What = Call.State, Event.What
# Longer than a lease, which nobody can renew meanwhile.
OUTAGE_SECONDS = 20
BROKEN = "Something broke on our side"


@pytest.mark.ci("postgresql")
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
def test_a_server_that_goes_away_for_a_while_delays_and_loses_nothing(site: Site) -> None:
    """Calls at each point go on while it is away; one stands still until a sweep has come by afterwards."""
    assert isinstance(site.database, PostgreSql)
    site.start_worker(VITRINE_CONCURRENCY=MORE)
    site.start_web()
    site.sandbox.faults.add("status:429", prompt="Refused in time", times=1, retry_after=3)
    calls = {"committing": bring_to(site, "committing"), "refused": bring_to(site, "marked", "Refused in time")}
    calls |= bring_to_points(site, "claiming")
    pages, cookies = ["/", "/create/", calls["half"].generation.get_absolute_url()], cookies_of("olga", site.base)
    began = site.log_file.stat().st_size
    with site.database.away():
        until = time.monotonic() + OUTAGE_SECONDS
        for call in calls.values():
            if call != calls["marked"]:
                site.go_on(call)
        check_pages_say_so(site, pages, cookies)
        time.sleep(max(0, until - time.monotonic()))
    site.enter()
    wait_for_sweep(site)
    site.go_on(calls["marked"])
    line = settle(site, "server away", list(calls.values()))
    ends = dict.fromkeys(calls, State.SUCCEEDED) | {"sent": State.UNKNOWN}
    assert dict(zip(calls, site.states(calls.values()), strict=True)) == ends
    assert line.charged == len(calls)
    assert What.LOST not in site.history(calls["marked"]), "its worker was alive all the time"
    check_log(site.log(began).splitlines())
    for page in pages:
        answer = requests.get(site.base + page, cookies=cookies, timeout=30)
        assert answer.ok, f"{page}: {answer.text}"
    site.wait_for(lambda: requests.get(site.base + "/readyz", timeout=30).ok)  # the watch's next sign of life


def check_pages_say_so(site: Site, pages: list[str], cookies: dict[str, str]) -> None:
    for page in pages:
        answer = requests.get(site.base + page, cookies=cookies, timeout=30)
        assert (answer.status_code, BROKEN in answer.text) == (500, True), page
    assert site.answers()
    ready = requests.get(site.base + "/readyz", timeout=30)
    assert (ready.status_code, ready.json()["database"]) == (503, False)


def wait_for_sweep(site: Site) -> None:
    """A whole one, from here on."""
    looks = site.points / "looks"
    before = looks.stat().st_size
    site.wait_for(lambda: looks.stat().st_size >= before + 2)


def check_log(lines: list[str]) -> None:
    """No process has died of it, the watch has said it once, and only pages that could not be shown are errors."""
    alarms = [line for line in lines if " ERROR " in line or " CRITICAL " in line or line.startswith("Process ")]
    assert [line for line in alarms if "django.request" not in line] == []
    assert sum("the watch could not look" in line for line in lines) == 1
