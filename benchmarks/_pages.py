"""What a request costs, measured through the application as the web server calls it, and held against targets.toml.

A page is a line of its own: who asks, for what, and what the answer must hold to be whole. All pages of one table are
asked for in turn, so that a busy moment of the machine meets each. What counts is CPU time as a multiple of what the
hello-world view takes in the same run.
"""

from __future__ import annotations

import io
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from wsgiref.util import FileWrapper

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import _table
from gallery.models import User
from gallery.server.deep_calls import with_room

settings.ROOT_URLCONF = "benchmarks._baselines"  # before the first request

from gallery.wsgi import application  # noqa: E402

HELLO, JSON = "hello, world", "JSON, 48 rows with counts"
TARGETS = Path(__file__).with_name("targets.toml")
TOLERANCE = 1.1
COMPRESSED = "gzip"
# What the web server's loop takes of a file at a time, once a thread has answered.
PIECE = 256 * 1024


@dataclass(frozen=True)
class Page:
    """`cookie` is the browser's; the whole answer has status `status` and holds `whole` so often."""

    name: str
    address: str
    cookie: str = ""
    whole: str = ""
    times: int = 1
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, **headers: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of an answer."""
        body: list[bytes] = []
        return self._ask(body.append, headers), b"".join(body)

    def take(self) -> None:
        """The same, letting go of each piece as the web server does."""
        self._ask(len, {})

    def _ask(self, take: Callable[[bytes], object], headers: dict[str, str]) -> dict[str, str]:
        path, _, query = self.address.partition("?")
        host, port = settings.ALLOWED_HOSTS[0], str(settings.PORT)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": host, "SERVER_PORT": port, "HTTP_HOST": f"{host}:{port}", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_COOKIE": self.cookie, "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0), "wsgi.file_wrapper": _file, **self.headers, **headers,
        }  # fmt: skip
        told: list[tuple[str, dict[str, str]]] = []
        answer = application(environ, lambda status, given, *_: told.append((status, dict(given))))  # type: ignore[arg-type,func-returns-value]
        for piece in answer:
            take(piece)
        answer.close()  # type: ignore[attr-defined]
        status, given = told[0]
        assert status.startswith(str(self.status)), (self.address, status)
        return given

    def check(self) -> None:
        """The whole page is there."""
        body = self.ask(HTTP_ACCEPT_ENCODING="identity")[1].decode(errors="replace")
        assert not self.whole or body.count(self.whole) == self.times, (self.name, body.count(self.whole))

    def queries(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.ask()
        return len(captured)

    def sizes(self) -> tuple[int, int | None]:
        """Bytes of the body plain, and as a browser gets it if that is shorter."""
        plain = len(self.ask(HTTP_ACCEPT_ENCODING="identity")[1])
        headers, body = self.ask(HTTP_ACCEPT_ENCODING=COMPRESSED)
        return plain, len(body) if headers.get("Content-Encoding") else None


@dataclass(frozen=True)
class Figures:
    """Of one page in one table, in milliseconds."""

    queries: int
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return _table.median(self.cpu)


def cookie(user: User) -> str:
    """What the browser of somebody who has signed in sends."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def baselines(member: str) -> list[Page]:
    return [
        Page(HELLO, "/bench/hello/", whole="Hello, world"),
        Page(JSON, "/bench/rows/", member),
    ]


def head() -> None:
    _table.head(
        "pictures", "page", "CPU, ms", "p95", "wall, ms", "p95", "x hello", "x JSON", "queries", "bytes", "gzip"
    )


def measure(label: str, pages: list[Page], rounds: int) -> dict[str, tuple[float, int]]:
    """Print a line for each page, baselines among them; by name the ratio of each to hello-world, and its queries.

    With the room that the web server's threads have: how long a page takes would go by how deep this is called.
    """
    return with_room(_measure, label, pages, rounds)


def _measure(label: str, pages: list[Page], rounds: int) -> dict[str, tuple[float, int]]:
    found = {page.name: Figures(_warm(page)) for page in pages}
    for _ in range(rounds):
        for page in pages:
            cpu, wall = _timed(page.take)
            found[page.name].cpu.append(cpu)
            found[page.name].wall.append(wall)
    hello, json = found[HELLO].middle, found[JSON].middle
    for page in pages:
        it = found[page.name]
        plain, compressed = page.sizes()
        _table.line(
            label, page.name, it.middle, _table.p95(it.cpu), _table.median(it.wall), _table.p95(it.wall),
            it.middle / hello, it.middle / json, it.queries, plain, compressed or "-",
        )  # fmt: skip
    return {name: (it.middle / hello, it.queries) for name, it in found.items()}


def _file(opened: IO[bytes], _size: int) -> FileWrapper:
    return FileWrapper(opened, PIECE)


def _warm(page: Page) -> int:
    """Ask often enough that whatever is made once is there; the number of queries from then on."""
    page.check()
    page.queries()
    return page.queries()


def _timed(take: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    take()
    return (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3


def missed(worst: dict[str, float]) -> list[str]:
    """Say of each page with a target whether it holds, by its highest ratio; those more than a tenth above it."""
    targets: dict[str, float] = tomllib.loads(TARGETS.read_text())["ratios"]
    late = []
    for name, target in targets.items():
        if name in worst:
            holds = worst[name] <= target * TOLERANCE
            late += [] if holds else [name]
            print(f"{name}: {worst[name]:.1f} x hello, at most {target} wanted: {'holds' if holds else 'MISSED'}.")
    return late
