"""What waiting and idling cost: memory, wake-ups, writing, and how soon calls are on their way.

Run `.venv/bin/python benchmarks/worker.py [idle] [waiting] [start]`; all of it by default. Starts the site as
`manage.py serve` does, sandbox and all, and looks at all of its processes together: PSS counts a page of memory that
several share once, a wake-up is a thread that had been waiting and is given the processor (voluntary context
switches), and what is written is what the kernel says (`write_bytes`). Then against a sandbox API of this process's own
that takes a minute: so many calls at once, and the same memory while all of them wait. Linux only.
"""

import sys
import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table
from benchmarks._stack import PATIENCE, memory, stack  # the scratch site comes before all else

# isort: split
import psutil

from gallery.models import User
from generator.models import Call
from generator.submit import Wish, submit

# What is wanted at the most, by what is measured.
WANTED: dict[str, float] = tomllib.loads(Path(__file__).with_name("targets.toml").read_text())["worker"]
SETTLING, MINUTE = 20, 60
WAITING = (64, 256)
SINGLES = 15
LATENCY = 60.0


def total(root: int) -> float:
    """MiB of all processes, the first one too."""
    first = psutil.Process(root).memory_full_info().pss / 2**20
    return first + sum(kind.pss for kind in memory(root).values())


def family(root: int) -> list[psutil.Process]:
    first = psutil.Process(root)
    return [first, *first.children(recursive=True)]


def switches(root: int) -> dict[str, int]:
    """How often threads have waited, by thread."""
    found = {}
    for process in family(root):
        for status in Path(f"/proc/{process.pid}/task").glob("*/status"):
            with suppress(OSError):
                lines = status.read_text().splitlines()
                found[status.parent.name] = next(int(x.split()[1]) for x in lines if x.startswith("voluntary"))
    return found


def written(root: int) -> int:
    """Bytes that those that live by now have had written to disk."""
    count = 0
    for process in family(root):
        with suppress(psutil.Error):
            count += process.io_counters().write_bytes
    return count


def idle(measured: dict[str, float]) -> None:
    site = _scratch.SITE
    serving = site.serve(ONLYSQ_API_URL="")
    try:
        time.sleep(SETTLING)
        before, bytes_before, began = switches(serving.pid), written(serving.pid), time.monotonic()
        time.sleep(MINUTE)
        after, bytes_after, took = switches(serving.pid), written(serving.pid), time.monotonic() - began
        measured["idle: PSS, MiB"] = total(serving.pid)
        each = {thread: (count - before.get(thread, 0)) / took for thread, count in after.items()}
        measured["idle: wake-ups a second"] = sum(each.values())
        measured["idle: kB written a minute"] = (bytes_after - bytes_before) / 1e3 * 60 / took
        show_busiest(serving.pid, each)
    finally:
        site.stop(serving)


def show_busiest(root: int, each: dict[str, float]) -> None:
    _table.head("process", "PSS, MiB", "wake-ups a second")
    for process in family(root):
        with suppress(psutil.Error, OSError):
            threads = [path.name for path in Path(f"/proc/{process.pid}/task").iterdir()]
            own = sum(each.get(thread, 0.0) for thread in threads)
            name = " ".join(process.cmdline()[1:5]).replace(str(_scratch.ROOT), "")
            _table.line(f"{process.pid} {name}", process.memory_full_info().pss / 2**20, own)


def ask(number: int) -> list[Call]:
    user = User.objects.get(is_superuser=True)
    wishes = [Wish(prompt=f"A harbour, {uuid4()}", model="flux", ratio="1:1", count=1) for _ in range(number)]
    return [submit(user, wish, uuid4().hex).generation.calls.get() for wish in wishes]


def wait_until(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 2 * PATIENCE
    while not what() and time.monotonic() < until:
        time.sleep(0.1)


def waiting(number: int, measured: dict[str, float]) -> None:
    with stack(latency=LATENCY, VITRINE_CONCURRENCY=str(number), ONLYSQ_DIALECT="ratio") as (_, pid):
        time.sleep(SETTLING)
        before = total(pid)
        pks = [call.pk for call in in_one_go(number)]
        calls = Call.objects.filter(pk__in=pks)
        wait_until(lambda: calls.filter(sent_at__isnull=False).count() == number)
        measured[f"{number} calls waiting: PSS, MiB"] = now = total(pid)
        print(f"\n{number} calls that wait take {(now - before) * 1024 / number:.0f} KiB each.")
        times = sorted(call.sent_at.timestamp() for call in calls if call.sent_at)
        assert len(times) == number, f"only {len(times)} of {number} were sent"
        name = f"{number} calls: first in flight to all in flight, s"
        if name in WANTED:
            measured[name] = times[-1] - times[0]


def in_one_go(number: int) -> list[Call]:
    """As one form asks for them: they are there all at once."""
    from django.db import transaction

    with transaction.atomic():
        return ask(number)


def single(measured: dict[str, float]) -> None:
    """Calls that come one by one to a site at rest, and what the page would see of it."""
    waits = []
    with stack(latency=0.2, ONLYSQ_DIALECT="ratio"):
        time.sleep(SETTLING / 2)
        for _ in range(SINGLES + 1):
            (call,) = ask(1)
            wait_until(lambda call=call: not Call.objects.get(pk=call.pk).is_running)  # type: ignore[misc]
            call.refresh_from_db()
            assert call.claimed_at
            waits.append((call.claimed_at - call.created_at).total_seconds() * 1e3)
    measured["a call: enqueued to claimed, ms"] = _table.median(waits[1:])


def start(measured: dict[str, float]) -> None:
    site, took = _scratch.SITE, []
    for _ in range(4):
        began = time.monotonic()
        child = site.start_until(site.answers, str(_scratch.ROOT / "manage.py"), "serve", ONLYSQ_API_URL="")
        took.append(time.monotonic() - began)
        site.stop(child)
    measured["second start up to the page, s"] = min(took[1:])


def main(parts: list[str]) -> int:
    measured: dict[str, float] = {}
    if "start" in parts:
        start(measured)
    if "idle" in parts:
        idle(measured)
    if "single" in parts:
        single(measured)
    for number in WAITING if "waiting" in parts else ():
        waiting(number, measured)
    print(f"\n{_table.conditions()}")
    _table.head("what", "wanted at most", "measured", "")
    for name, value in measured.items():
        _table.line(name, WANTED[name], float(value), "met" if value <= WANTED[name] else "MISSED")
    return int(any(value > WANTED[name] for name, value in measured.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["start", "idle", "single", "waiting"]))
