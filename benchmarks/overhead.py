"""How much longer a picture takes to appear than the API takes to make it, through the real thing.

Run `.venv/bin/python benchmarks/overhead.py [pictures]`; 20 by default, one after the other. Starts web server and
worker as `manage.py serve` does, against a sandbox API that takes about a second, signs in, sends the form, asks for
news every second as the page does, and fetches the thumbnail. What the sandbox says in `elapsed-time` is taken off.
SQLite, or the PostgreSQL server that DATABASE_URL names.
"""

import sys
import time
import tomllib
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _table
from benchmarks._stack import Browser, stack  # the scratch site comes before all else

# isort: split
from generator.models import Call

TARGET = 0.5
# Milliseconds from stored to seen, by what is measured.
WANTED: dict[str, float] = tomllib.loads(Path(__file__).with_name("targets.toml").read_text())["overhead"]
INTERVAL = 1.0  # as the page asks
CREATE = "/create/"
PHASES = (
    "click to row (form, commit)",
    "queued to claimed",
    "claimed to sent",
    "the API's own time",
    "rest of the reply (connect, transfer, fsync)",
    "reply to stored",
    "stored to seen (news, thumbnail)",
)


def submit(browser: Browser, number: int) -> tuple[Call, float, float]:
    """The call, and in seconds since the epoch when the form was sent and when its thumbnail was there."""
    fields = browser.fill(CREATE, prompt=f"A lighthouse in the fog, number {number}", count="1")
    clicked = time.time()
    thumbnail = browser.wait_for_picture(browser.post(CREATE, fields), INTERVAL)
    browser.get(thumbnail)
    seen = time.time()
    call = Call.objects.latest("pk")
    assert str(call.images.get().pk) in thumbnail
    return call, clicked, seen


def phases(call: Call, clicked: float, seen: float) -> list[float]:
    """Seconds for each of PHASES, from the call's own row."""
    stamps = [call.created_at, call.claimed_at, call.sent_at, call.received_at, call.finished_at]
    times = [clicked, *(stamp.timestamp() for stamp in stamps if stamp), seen]
    assert len(times) == len(stamps) + 2
    spans = [later - earlier for earlier, later in pairwise(times)]
    api = call.elapsed_time or 0.0
    return [*spans[:3], api, spans[3] - api, *spans[4:]]


def report(runs: list[list[float]]) -> bool:
    """Print the table; whether the target is met."""
    _table.head("from click to picture, ms", "median", "p95", "share")
    above = [sum(run) - run[3] for run in runs]
    for place, name in enumerate(PHASES):
        values = [run[place] * 1e3 for run in runs]
        middle = _table.median(values)
        share = "" if place == 3 else f"{100 * middle / 1e3 / _table.median(above):.0f} %"
        _table.line(name, middle, _table.p95(values), share)
    middle = _table.median(above)
    _table.line("**above the API's time**", middle * 1e3, _table.p95(above) * 1e3, "")
    is_met = middle < TARGET
    verdict = "met" if is_met else "MISSED"
    print(f"\nTarget: median above the API's time under {TARGET * 1e3:.0f} ms, as measured here: {verdict}.")
    return _hold([run[-1] * 1e3 for run in runs]) and is_met


def _hold(seen: list[float]) -> bool:
    """Whether what was stored was seen soon enough, in milliseconds."""
    found = {"stored to seen, median, ms": _table.median(seen), "stored to seen, p95, ms": _table.p95(seen)}
    for name, value in found.items():
        print(f"{name}: {value:.0f}, at most {WANTED[name]} wanted: {'holds' if value <= WANTED[name] else 'MISSED'}.")
    return all(value <= WANTED[name] for name, value in found.items())


def main(pictures: int) -> int:
    with stack(latency=1) as (address, _):
        browser = Browser(address)
        submit(browser, 0)  # every process has loaded what it needs
        runs = [phases(*submit(browser, number)) for number in range(1, pictures + 1)]
        print(f"{_table.conditions()}; {pictures} pictures, news every {INTERVAL * 1e3:.0f} ms")
    return int(not report(runs))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 20))
