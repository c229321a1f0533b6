"""What the review of usage costs the server over a year of a busy instance, and on a day as busy as a year's quarter.

Run `.venv/bin/python benchmarks/usage.py [calls [of today]]`; by default 1,000,000 calls of 50 members and 6 models in
a year, and then 100,000 more of today. On SQLite, or on the PostgreSQL server that DATABASE_URL names. Another process
adds calls all the while. Beside the pages stands what they are spared: the sums of a year by state, by model and by
member, taken from the ledger itself. Ends with an error if a page takes over a tenth more than targets.toml says.
"""

import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # noqa: F401 - the scratch site comes before all else

# isort: split
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.db.models import Avg, Count, Sum
from django.utils import timezone

from benchmarks import _ledger, _pages
from benchmarks._pages import Page, cookie
from gallery.models import User
from gallery.server.deep_calls import with_room
from generator.models import Call
from generator.models.accounting.periods import day_of
from generator.worker.rollup import roll_up

CALLS, OF_TODAY, PEOPLE, ROUNDS, HOUR = 1_000_000, 100_000, 50, 25, 18
YEAR = "/usage/?range=12-months"
LINES = "/usage/ledger/?range=12-months"
OVER_A_YEAR = {
    "usage of a year": YEAR,
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
AFTER_A_BUSY_DAY = {
    "usage of a busy day": "/usage/?range=today",
    "busy day, chart and table of members": "/usage/?range=today&chart=member&table=members",
    "30 days with a busy one": "/usage/?range=30-days",
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


def pages(addresses: dict[str, str], own: str) -> list[Page]:
    middle = Call.objects.order_by("created_at")[Call.objects.count() // 2]
    place = f"{middle.created_at:%Y-%m-%dT%H:%M:%SZ}~{middle.pk}"
    asked = {name: address + (place if address.endswith("=") else "") for name, address in addresses.items()}
    return [*_pages.baselines(own), *(Page(name, address, own, "</html>") for name, address in asked.items())]


def report(name: str, action: Callable[[], object], rounds: int) -> None:
    """Milliseconds by the clock, and those of them that this process was at work."""
    times = []
    for _ in range(rounds):
        started, worked = time.perf_counter(), time.process_time()
        action()
        times.append(((time.perf_counter() - started) * 1e3, (time.process_time() - worked) * 1e3))
    by_clock, at_work = zip(*times, strict=True)
    _table.line(name, _table.median(by_clock), _table.p95(by_clock), _table.median(at_work))


def forgetful(page: Page) -> None:
    """The first page after a start of the server: nothing of closed days is remembered yet."""
    caches["process"].clear()
    page.ask()


def wait_for_the_roll_up() -> None:
    started, spans = time.monotonic(), 0
    while found := roll_up(60):
        spans += found
    print(f"{spans} spans rolled up in {time.monotonic() - started:.0f} s", flush=True)


def fill_today(people: list[User], calls: int) -> None:
    """So many calls from midnight until now."""
    now = timezone.now()
    begin = day_of(now).start
    for start in range(0, calls, _ledger.BATCH):
        places = range(start, min(start + _ledger.BATCH, calls))
        _ledger.add(people, [begin + (now - begin) * (place / calls) for place in places])


def measure(label: str, visited: list[Page], ratios: dict[str, float]) -> None:
    found = _pages.measure(label, visited, ROUNDS)
    ratios |= {name: ratio for name, (ratio, _) in found.items()}


def main(calls: int, of_today: int) -> int:
    random.seed(1)
    # Whenever this runs, most of the day is over.
    settings.TIME_ZONE = f"Etc/GMT{datetime.now(UTC).hour - HOUR:+d}"
    timezone.get_default_timezone.cache_clear()
    people = _ledger.add_people(PEOPLE)
    _ledger.fill(people, calls, timezone.now())
    wait_for_the_roll_up()
    own, ratios = cookie(User.objects.get(is_superuser=True)), dict[str, float]()
    year = pages(OVER_A_YEAR, own)
    print(_table.conditions())
    _pages.head()
    with writer(people):
        measure(f"{calls:,} calls", year, ratios)
    fill_today(people, of_today)
    wait_for_the_roll_up()
    with writer(people):
        measure(f"{of_today:,} of today", pages(AFTER_A_BUSY_DAY, own), ratios)
    print(_table.conditions())
    _table.head("beside that", "wall, ms", "p95", "CPU, ms")
    report("year, nothing remembered", lambda: forgetful(year[2]), ROUNDS)
    report("naive sums over the ledger", naive, 5)
    return int(bool(_pages.missed(ratios)))


if __name__ == "__main__":
    given = [int(number) for number in sys.argv[1:]]
    # With the room that the web server's threads have: how long a page takes would go by how deep it is called.
    sys.exit(with_room(main, *given, *(CALLS, OF_TODAY)[len(given) :]))
