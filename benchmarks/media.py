"""How fast pictures are handed out: thumbnails and originals against an unprotected static file of the same size.

Run `.venv/bin/python benchmarks/media.py [seconds]`. The production web server as configured, on loopback; forty
thumbnails as the page of everybody's pictures names them. All kinds are asked for in turn, several times, so
that a busy moment of the machine meets each; the figures are the medians. The load comes from wrk if it is installed,
else from threads of this process, which reach less. Ends with an error if thumbnails miss their target.
"""

import http.client
import json
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # the scratch site comes before all else

# isort: split
from django.conf import settings

from benchmarks import _rows
from benchmarks._stack import Browser
from benchmarks.ingest import picture
from generator.models import Image
from generator.models.generation import Visibility

CONNECTIONS = 16
ROUNDS = 5
SHOWN = 40
STATIC = "an unprotected static file"
TARGET = "thumbnail, with its proof"
AT_LEAST = 0.5
SCRIPT = """
local places, at = {%s}, 0
request = function() at = at %% #places + 1; return wrk.format("GET", places[at]) end
done = function(summary, latency)
  local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format('\\n{"rate": %%f, "p95": %%f, "wrong": %%d}\\n',
    summary.requests / summary.duration * 1e6, latency:percentile(95) / 1e3, wrong))
end
"""


@dataclass(frozen=True)
class Measured:
    """Answers a second, milliseconds within which 95 of 100 came, and answers that were none."""

    rate: float
    p95: float
    wrong: int


def hang_pictures() -> None:
    """Forty pictures with their thumbnails on disk, and a static file like one of these."""
    people, originals = _rows.add_people(2), _rows.draw_originals()
    _rows.fill(people, originals, SHOWN)
    Image.objects.update(visibility=Visibility.SHARED, trashed_at=None)
    thumb = _scratch.FOLDER / "thumb.webp"
    drawn = picture(_rows.SIDE, 0)
    drawn.thumbnail((320, 320))
    drawn.save(thumb, quality=82, method=2)
    for image in Image.objects.all():
        path = Path(settings.MEDIA_ROOT, image.thumb_name(320))
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(thumb, path)
    shutil.copy(thumb, settings.STATIC_ROOT / "thumb.0123456789ab.webp")


def places(page: str) -> dict[str, list[str]]:
    """What is asked for, by kind."""
    proven = re.findall(r' src="(/images/[\w-]+/thumbs)/\d+/\?p=[\w-]+" srcset="(\S+) 320w', page)
    assert len(proven) == SHOWN
    return {
        STATIC: ["/static/thumb.0123456789ab.webp"],
        TARGET: [smallest for _, smallest in proven],
        "thumbnail, by asking for the session": [f"{stem}/320/" for stem, _ in proven],
        "original, PNG": [stem.replace("thumbs", "original/") for stem, _ in proven],
    }


@contextmanager
def serving() -> Iterator[str]:
    """The web server as `manage.py serve` starts it."""
    site = _scratch.SITE
    web = site.start_web()
    try:
        yield site.base
    finally:
        site.stop(web)


def by_wrk(address: str, cookie: str, asked: list[str], seconds: float) -> Measured:
    script = _scratch.FOLDER / "load.lua"
    script.write_text(SCRIPT % ", ".join(json.dumps(place) for place in asked))
    options = ["-t2", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", str(script), "-H", f"Cookie: {cookie}"]
    done = subprocess.run(["wrk", *options, address], capture_output=True, text=True, check=True)  # noqa: S607
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def by_threads(address: str, cookie: str, asked: list[str], seconds: float) -> Measured:
    times: list[float] = []
    wrong: list[str] = []
    until = time.monotonic() + seconds
    arguments = (urlsplit(address).netloc, cookie, asked, until, times, wrong)
    threads = [threading.Thread(target=_ask, args=arguments) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Measured(len(times) / seconds, _table.p95(times) * 1e3, len(wrong))


def _ask(host: str, cookie: str, asked: list[str], until: float, times: list[float], wrong: list[str]) -> None:
    connection = http.client.HTTPConnection(host)
    while time.monotonic() < until:
        place = asked[len(times) % len(asked)]
        started = time.perf_counter()
        connection.request("GET", place, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - started)
        if answer.status != http.HTTPStatus.OK:
            wrong.append(place)
    connection.close()


def show(kinds: dict[str, list[str]], found: dict[str, list[Measured]], sizes: dict[str, int]) -> bool:
    """Print the table; whether the target is met and every answer was one."""
    print(f"{_table.conditions()}, {CONNECTIONS} connections")
    _table.head("what", "kB", "answers a second", "p95, ms", "ratio")
    base = _table.median([each.rate for each in found[STATIC]])
    ratios = {}
    for kind in kinds:
        rate = _table.median([each.rate for each in found[kind]])
        ratios[kind] = rate / base
        p95 = _table.median([each.p95 for each in found[kind]])
        _table.line(kind, f"{sizes[kind] / 1e3:.0f}", f"{rate:.0f}", p95, ratios[kind])
    wrong = sum(each.wrong for results in found.values() for each in results)
    met = ratios[TARGET] >= AT_LEAST and not wrong
    print(f"\nTarget {AT_LEAST} for the {TARGET}: {'met' if met else 'MISSED'}. Answers that were none: {wrong}.")
    return met


def main(seconds: float) -> int:
    hang_pictures()
    load = by_wrk if shutil.which("wrk") else by_threads
    found: dict[str, list[Measured]] = defaultdict(list)
    with serving() as address:
        browser = Browser(address)
        cookie = f"{settings.SESSION_COOKIE_NAME}={browser.session.cookies[settings.SESSION_COOKIE_NAME]}"
        kinds = places(browser.get("/").text)
        sizes = {kind: len(browser.get(asked[0]).content) for kind, asked in kinds.items()}
        for _ in range(ROUNDS):
            for kind, asked in kinds.items():
                found[kind].append(load(address, cookie, asked, seconds))
    return int(not show(kinds, found, sizes))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3))
