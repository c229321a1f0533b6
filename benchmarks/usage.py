"""What the review of usage costs the server over a year of a busy instance: milliseconds and queries of its pages.

Run `.venv/bin/python benchmarks/usage.py [calls]`; by default 1,000,000 calls of 50 members and 6 models. On SQLite, or
on the PostgreSQL server that DATABASE_URL names. Another process adds calls all the while. Beside the pages stands
what they are spared: the sums of a year by state, by model and by member, taken from the ledger itself.
"""

import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # noqa: F401 - the scratch site comes before all else

# isort: split
from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from django.db.models import Avg, Count, Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks import _ledger
from gallery.models import User
from generator.models import Call
from generator.worker.rollup import roll_up

CALLS, PEOPLE, ROUNDS = 1_000_000, 50, 25
YEAR = "/usage/?range=12-months"
LINES = "/usage/ledger/?range=12-months"
PAGES = {
    "nothing (change password)": "/accounts/password/change/",
    "year": YEAR,
    "year, chart and table of members": f"{YEAR}&chart=member&table=members",
    "year, table of groups": f"{YEAR}&table=groups",
    "year of a member": f"{YEAR}&member=member-00",
    "year of a model": f"{YEAR}&model=flux",
    "year of a group": f"{YEAR}&group=class+1",
    "year, failed": f"{YEAR}&state=failed",
    "30 days": "/usage/?range=30-days",
    "ledger": LINES,
    "ledger of a member": f"{LINES}&member=member-40",
    "ledger of a frequent model": f"{LINES}&model=flux",
    "ledger of a rare model": f"{LINES}&model=flux-2-max",
    "ledger of a group": f"{LINES}&group=class+1",
    "ledger, outcome unknown": f"{LINES}&state=unknown",
    "ledger, a page half-way": f"{LINES}&before=",
}


def naive() -> None:
    """What a page without anything kept would ask, at the least: no quantiles, no distributions, no heat map."""
    year = Call.objects.filter(created_at__gte=timezone.now() - timedelta(days=365)).order_by()
    sums: dict[str, Any] = {"calls": Count("pk"), "all_pictures": Sum("pictures"), "all_units": Sum("units"),
                            "mean": Avg("elapsed_time")}  # fmt: skip
    for key in ("state", "generation__model", "user"):
        list(year.values_list(key).annotate(**sums))


@contextmanager
def writer(people: list[User]) -> Iterator[None]:
    """Somebody adds two calls a second: sixty times as many as the year has seen."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=_write, args=(people,), daemon=True)
    process.start()
    yield
    process.kill()
    process.join()


def _write(people: list[User]) -> None:
    while True:
        _ledger.add(people, [timezone.now()])
        time.sleep(0.5)


def fetch(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    assert response.content


def timed(action: Callable[[], None], rounds: int) -> list[tuple[float, float]]:
    """Milliseconds by the clock, and those of them that this process was at work."""
    found = []
    for _ in range(rounds):
        started, worked = time.perf_counter(), time.process_time()
        action()
        found.append(((time.perf_counter() - started) * 1e3, (time.process_time() - worked) * 1e3))
    return found


def report(name: str, times: list[tuple[float, float]], queries: int) -> None:
    by_clock, at_work = zip(*times, strict=True)
    _table.line(name, _table.median(by_clock), _table.p95(by_clock), _table.median(at_work), queries)


def forgetful(client: Client) -> None:
    """The first page after a start of the server: nothing of closed days is remembered yet."""
    caches["process"].clear()
    fetch(client, YEAR)


def measure(client: Client) -> None:
    middle = Call.objects.order_by("created_at")[Call.objects.count() // 2]
    pages = {
        name: address + (f"{middle.created_at:%Y-%m-%dT%H:%M:%SZ}~{middle.pk}" if address.endswith("=") else "")
        for name, address in PAGES.items()
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
    queries = {}
    for name, address in pages.items():
        fetch(client, address)
        with CaptureQueriesContext(connection) as captured:
            fetch(client, address)
        queries[name] = len(captured)
    for _ in range(ROUNDS):
        for name, address in pages.items():
            times[name] += timed(lambda address=address: fetch(client, address), 1)  # type: ignore[misc]
    _table.head("page", "median, ms", "p95, ms", "CPU, median, ms", "queries")
    for name in pages:
        report(name, times[name], queries[name])
    report("year, nothing remembered", timed(lambda: forgetful(client), ROUNDS), queries["year"])
    report("naive sums over the ledger", timed(naive, 5), 3)


def main(calls: int) -> int:
    random.seed(1)
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    people = _ledger.add_people(PEOPLE)
    started = time.monotonic()
    _ledger.fill(people, calls, timezone.now())
    print(f"{calls:,} calls written in {time.monotonic() - started:.0f} s", flush=True)
    started = time.monotonic()
    spans = 0
    while found := roll_up(60):
        spans += found
    print(f"{spans} days and weeks rolled up in {time.monotonic() - started:.0f} s", flush=True)
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(is_superuser=True))
    with writer(people):
        print(_table.conditions())
        measure(client)
        print(_table.conditions())
    return 0


if __name__ == "__main__":
    sys.exit(main(int((sys.argv[1:] or [CALLS])[0])))
