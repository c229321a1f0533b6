"""The whole of Vitrine as real processes on the scratch site, with the sandbox API in this process."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import psutil
import requests
from django.conf import settings

from benchmarks import _scratch, _table
from generator.sandbox import SandboxServer
from generator.worker import cluster

PATIENCE = 60
AFTER_NEWS = 0.2  # `load delay` of generator/progress/_poll.html
# Of the worker, by which its cluster is found.
LOCK = _scratch.SITE.folder / "worker.lock"
# How memory is looked at: one moment may be an odd one.
SAMPLES, PROBING = 5, 5.0


@contextmanager
def stack(latency: float, **environment: str) -> Iterator[tuple[str, int]]:
    """`manage.py serve` with a sandbox API that takes `latency` seconds: its address and process id."""
    site = _scratch.SITE
    with SandboxServer(latency=latency) as sandbox:
        serving = site.serve(**({"ONLYSQ_API_URL": sandbox.url} | environment))
        try:
            yield site.base, serving.pid
        finally:
            site.stop(serving)


@dataclass(frozen=True)
class Memory:
    """Processes of one kind, and what they use together, in MiB. PSS counts a shared page once among its users."""

    processes: int
    rss: float
    pss: float


def memory(root: int) -> dict[str, Memory]:
    """Of the processes below `root` by kind, the median of SAMPLES within PROBING seconds. Linux only."""
    samples: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for _ in range(SAMPLES):
        queue = {process.pid for process in cluster.processes(LOCK)}
        used: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for process in psutil.Process(root).children(recursive=True):
            with suppress(psutil.Error):
                told = process.memory_full_info()
                used[_kind(process, queue)].append((told.rss, told.pss))
        for kind, each in used.items():
            samples[kind].append((len(each), sum(rss for rss, _ in each), sum(pss for _, pss in each)))
        time.sleep(PROBING / SAMPLES)
    middles = {kind: [_table.median(column) for column in zip(*rows, strict=True)] for kind, rows in samples.items()}
    return {kind: Memory(int(n), rss / 2**20, pss / 2**20) for kind, (n, rss, pss) in sorted(middles.items())}


def _kind(process: psutil.Process, queue: set[int]) -> str:
    if "gunicorn" in process.cmdline():
        return "web server (gunicorn)"
    return "queue (cluster)" if process.pid in queue else "worker (the watch)"


class Fields(HTMLParser):
    """What a browser would send for a form that nobody has touched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        chosen = given.get("type") not in ("radio", "checkbox") or "checked" in given
        if tag == "input" and chosen and given.get("name"):
            self.values.setdefault(str(given["name"]), given.get("value") or "")


class Browser:
    """As much of a browser as asking for a picture takes."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.send_form("/accounts/login/", login="admin", password=_scratch.PASSWORD)
        assert settings.SESSION_COOKIE_NAME in self.session.cookies

    def get(self, path: str, **more: Any) -> requests.Response:
        response = self.session.get(self.address + path, timeout=PATIENCE, **more)
        response.raise_for_status()
        return response

    def fill(self, path: str, **values: str) -> dict[str, str]:
        """The fields of the form at `path`, these filled in."""
        return Fields(self.get(path).text).values | values

    def post(self, path: str, fields: dict[str, str]) -> str:
        """The page that the form leads to."""
        response = self.session.post(self.address + path, fields, timeout=PATIENCE)
        response.raise_for_status()
        return response.text

    def send_form(self, path: str, **values: str) -> str:
        return self.post(path, self.fill(path, **values))

    def wait_for_picture(self, page: str, interval: float) -> str:
        """Ask for news as the page's script does, a question each `interval` seconds and one soon after news: the
        thumbnail's address.
        """
        seen: list[str] = []
        until = time.monotonic() + PATIENCE
        due = time.monotonic()
        while time.monotonic() < until:
            seen = re.findall(r'name="seen" value="(\w+:\w+)"', page) or seen
            known = re.findall(r"\?known=([\d-]+)", page)
            time.sleep(max(0.0, due - time.monotonic()))
            due = time.monotonic() + interval
            news = self.get("/live/", params={"known": known, "seen": seen})
            if found := re.search(r'src="(/images/[\w-]+/thumbs/\d+/[^"]*)"', news.text):
                return found[1]
            if news.text:
                page = news.text
                due = time.monotonic() + AFTER_NEWS  # a new element on the page, a new clock
        raise TimeoutError("the picture did not come")
