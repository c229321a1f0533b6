"""How many pages a second the web server makes for eight connections at once, beside the baselines.

Run `.venv/bin/python benchmarks/answers.py [seconds]`; by default 5 for each page, in three turns. The web server is
the one of `manage.py serve`, with 1,000 pictures; `wrk` asks, as a member. Ends with an error if Explore is answered
less often, as a multiple of the JSON that its rows would be, than targets.toml says.
"""

import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # the scratch site comes before all else

# isort: split
from django.urls import reverse

from benchmarks import _rows
from benchmarks._pages import HELLO, JSON, cookie

WANTED: dict[str, float] = tomllib.loads(Path(__file__).with_name("targets.toml").read_text())["answers"]
CONNECTIONS, TURNS, PICTURES = 8, 3, 1_000
TOLERANCE = 0.9
PAGES = {HELLO: "/bench/hello/", JSON: "/bench/rows/", "explore": reverse("explore"), "my pictures": reverse("mine")}


def answers(address: str, own: str, seconds: float) -> float:
    """Whole answers a second. Raises AssertionError if one was not 200."""
    options = ["-t2", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-H", f"Cookie: {own}"]
    done = subprocess.run(["wrk", *options, address], capture_output=True, text=True, check=True)  # noqa: S607
    told = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
    assert told, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    return int(told[1]) / float(told[2])


def main(seconds: float) -> int:
    people = _rows.add_people(5)
    _rows.fill(people, _rows.draw_originals(), PICTURES)
    own, found = cookie(people[0]), defaultdict[str, list[float]](list)
    site = _scratch.SITE
    web = site.start_web(DJANGO_SETTINGS_MODULE="benchmarks._load_settings", PYTHONPATH=str(_scratch.ROOT))
    try:
        for page in PAGES.values():
            answers(site.base + page, own, 1)  # whatever is made once is there
        for _ in range(TURNS):  # in turn, so that a busy moment of the machine meets each
            for name, page in PAGES.items():
                found[name].append(answers(site.base + page, own, seconds))
    finally:
        site.stop(web)
    print(f"{_table.conditions()}, {CONNECTIONS} connections")
    _table.head("page", "answers a second", "x JSON")
    ratios = {name: _table.median(each) / _table.median(found[JSON]) for name, each in found.items()}
    for name, ratio in ratios.items():
        _table.line(name, _table.median(found[name]), ratio)
    late = [name for name, wanted in WANTED.items() if ratios[name] < wanted * TOLERANCE]
    for name, wanted in WANTED.items():
        print(f"{name}: {ratios[name]:.2f} x JSON, at least {wanted} wanted: {'MISSED' if name in late else 'holds'}.")
    return int(bool(late))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 5))
