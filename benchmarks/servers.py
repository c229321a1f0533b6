"""Web servers compared on this very application: pages, files, unkind connections, stopping, memory, odd requests.

Run `.venv/bin/python benchmarks/servers.py [seconds]`. Of servers that are not installed it says so and goes on; put
them into a folder of their own and name it: `pip install --target DIR granian waitress gevent gunicorn`,
`PYTHONPATH=DIR`. The last row is the server as configured. Linux only, and with wrk. Ends with an error if that one
does not answer within a second under each load of tests/connections.py.
"""

import importlib.util
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # the scratch site comes before all else

# isort: split
import os

from django.conf import settings

from benchmarks import _rows
from benchmarks._stack import Browser
from generator.models import Image
from generator.models.generation import Visibility
from tests.connections import Kind, held, kinds, seconds_for
from tests.process import GUNICORN

SITE = _scratch.SITE
PORT = int(SITE.base.rpartition(":")[2])
ROOT = str(_scratch.ROOT)
ECHO = "benchmarks._echo:application"
LARGE, SMALL = "/static/large.0123456789ab.bin", "/static/small.0123456789ab.bin"
LARGE_BYTES, SMALL_BYTES = 8 * 2**20, 20_000
ASKED = {"/healthz": 300, "/accounts/login/": 100}
QUESTIONS, DEAD = 6, float("inf")
# A hundred originals are a second of work for the pages' code, whichever server asks for them.
SETTLING = 3
CONFIGURED = "as configured"
_GUNICORN = ("-m", "gunicorn", "--bind", f"127.0.0.1:{PORT}", "--no-control-socket", "--log-level", "warning",
             "--graceful-timeout", "10", "--workers", "2", "--threads", "8", "--keep-alive", "75")  # fmt: skip
_GRANIAN = ("-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--port", str(PORT), "--workers", "2",
            "--blocking-threads", "8", "--backpressure", "4000", "--respawn-failed-workers",
            "--workers-kill-timeout", "10", "--log-level", "warning")  # fmt: skip
_WAITRESS = (f"{ROOT}/benchmarks/_echo.py",)
# The package that each needs, its command line, and how many of it share the port.
SERVERS: dict[str, tuple[str, tuple[str, ...], int]] = {
    "gunicorn gthread 2 x 8": ("gunicorn", (*_GUNICORN, "--preload", "--worker-class", "gthread", ECHO), 1),
    "gunicorn gevent 2": ("gevent", (*_GUNICORN, "--worker-class", "gevent", ECHO), 1),
    "waitress 1 x 16": ("waitress", (*_WAITRESS, "16"), 1),
    "waitress 2 x 8": ("waitress", (*_WAITRESS, "8"), 2),
    "granian 2 x 8": ("granian", (*_GRANIAN, ECHO), 1),
    CONFIGURED: ("waitress", (*GUNICORN[:-1], ECHO), 1),
}


@dataclass
class Found:
    """What one server did, by what was measured."""

    cells: dict[str, str] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)
    holds: bool = True


def prepare() -> str:
    """A large and a small static file, and an original as large: the path of that."""
    for path, size in ((LARGE, LARGE_BYTES), (SMALL, SMALL_BYTES)):
        Path(settings.STATIC_ROOT, path.removeprefix("/static/")).write_bytes(os.urandom(size))
    original = Path(settings.MEDIA_ROOT, "originals/shared/large.png")
    original.parent.mkdir(parents=True, exist_ok=True)
    original.write_bytes(os.urandom(LARGE_BYTES))
    _rows.fill(_rows.add_people(1), [("originals/shared/large.png", LARGE_BYTES)] * _rows.FILES, 1)
    Image.objects.update(visibility=Visibility.SHARED, trashed_at=None)
    return f"/images/{Image.objects.get().pk}/original/"


@contextmanager
def running(command: tuple[str, ...], copies: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    children = [SITE.start(*command) for _ in range(copies)]
    try:
        SITE.wait_for(SITE.answers)
        time.sleep(2)  # the others of its processes
        yield children
    finally:
        SITE.kill(SITE.processes())


def cpu() -> float:
    """Milliseconds that the server has used so far."""
    return sum(sum(one.cpu_times()[:2]) for one in SITE.processes()) * 1e3


def pss() -> str:
    return f"{sum(one.memory_full_info().pss for one in SITE.processes()) / 2**20:.0f}"


def ask(path: str, times: int) -> tuple[float, float]:
    """CPU and median wall of an answer, in milliseconds."""
    wire, took, before = HTTPConnection("127.0.0.1", PORT, timeout=60), [], 0.0
    for number in range(times + 10):
        before = cpu() if number == 10 else before
        began = time.perf_counter()
        wire.request("GET", path)
        wire.getresponse().read()
        took.append((time.perf_counter() - began) * 1e3)
    return (cpu() - before) / times, _table.median(took[10:])


def load(path: str, cookie: str, connections: int, seconds: float) -> tuple[float, float, float]:
    """Answers and MB a second, and CPU milliseconds for a MB."""
    before = cpu()
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds:.0f}s", "-H", f"Cookie: {cookie}", SITE.base + path]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = cpu() - before
    told = re.search(r"(\d+) requests in ([\d.]+)s, ([\d.]+)(\w+) read", said)
    assert told, said
    megabytes = float(told[3]) * {"KB": 1e-3, "MB": 1, "GB": 1e3, "B": 1e-6}[told[4]]
    return int(told[1]) / float(told[2]), megabytes / float(told[2]), used / max(megabytes, 1e-9)


def worst_while_held(kind: Kind) -> float:
    with held(PORT, kind):
        time.sleep(SETTLING)
        worst = 0.0
        for _ in range(QUESTIONS):
            worst = max(worst, seconds_for(PORT))
            if worst == DEAD:
                break
        return worst


def stop(children: list[subprocess.Popen[bytes]], path: str, cookie: str) -> str:
    """Whether an answer on its way comes whole after SIGTERM, and how long stopping takes with others held."""
    with ExitStack() as stack:
        for kind, number in (("silent", 50), ("slow readers", 5)):
            stack.enter_context(held(PORT, kinds(path, cookie)[kind], number))
        time.sleep(1)
        wire = HTTPConnection("127.0.0.1", PORT, timeout=20)
        wire.request("GET", path, headers={"Cookie": cookie})
        try:
            answer = wire.getresponse()
        except TimeoutError:
            return "dead before"
        began = time.monotonic()
        for child in children:
            child.terminate()
        time.sleep(1)
        try:
            whole = len(answer.read()) == LARGE_BYTES
        except Exception:  # noqa: BLE001 - whatever it is, it is not whole
            whole = False
        try:
            for child in children:
                child.wait(30)
        except subprocess.TimeoutExpired:
            return f"{'whole' if whole else 'cut'}, > 30 s"
        return f"{'whole' if whole else 'cut'}, {time.monotonic() - began:.1f} s"


# What odd requests become


def say(lines: str, *, body: bytes = b"", path: str = "/echo", method: str = "GET") -> tuple[str, dict[str, str]]:
    """Status of the answer, and what the application saw."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=4) as wire:
        try:
            wire.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode() + body)
        except OSError:
            return "hung up", {}
        got = b""
        try:
            while not re.search(rb"\r\n\r\n(\{.*\})?$", got) and (more := wire.recv(65_536)):
                got += more
        except OSError:
            got = got or b"HTTP/1.1 nothing"
    status = got.split(b" ")[1].decode().strip() if b" " in got else "hung up"
    seen = json.loads(told[0]) if (told := re.search(rb"\{.*\}", got)) and status == "200" else {}
    return status, seen


def odd_requests() -> dict[str, str]:
    forwarded = say("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n")[1]
    absolute = say("", path="http://evil.example/echo")
    ten = b"0" * 10_000_000
    end = b"0\r\n\r\n"
    chunks = b"".join(b"10000\r\n" + b"0" * 65_536 + b"\r\n" for _ in range(160)) + end
    return {
        "10 MB, declared": say(f"Content-Length: {len(ten)}\r\n", body=ten, method="POST")[0],
        "10 MB, in chunks": say("Transfer-Encoding: chunked\r\n", body=chunks, method="POST")[0],
        "Expect": say("Expect: 100-continue\r\nContent-Length: 5\r\n", method="POST")[0],
        "X-Forwarded-For": forwarded.get("HTTP_X_FORWARDED_FOR", "dropped"),
        "REMOTE_ADDR, scheme": f"{forwarded.get('REMOTE_ADDR')}, {forwarded.get('wsgi.url_scheme')}",
        "X_Forwarded_For": say("X_Forwarded_For: 6.6.6.6\r\n")[1].get("HTTP_X_FORWARDED_FOR", "dropped"),
        "two lengths": say("Content-Length: 5\r\nContent-Length: 6\r\n", body=b"123456", method="POST")[0],
        "length and chunks": say("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body=end, method="POST")[0],
        "absolute form": f"{absolute[0]} {absolute[1].get('PATH_INFO', '')} {absolute[1].get('HTTP_HOST', '')}",
        "folded header": say("X-Odd: a\r\n b\r\n")[0],
        "Range": say("Range: bytes=0-9\r\n", path=LARGE)[0],
    }


def hang_up_at_once(path: str) -> str:
    """Whether the server minds people who leave."""
    began = SITE.log_file.stat().st_size
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", PORT)) as wire:
            wire.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    answers = seconds_for(PORT) < DEAD
    lines = len(SITE.log(began).splitlines())
    return f"{'answers' if answers else 'dead'}, {lines} lines"


def measure(name: str, original: str, seconds: float) -> Found:
    _, command, copies = SERVERS[name]
    found = Found()
    cells = found.cells
    with running(command, copies) as children:
        browser = Browser(SITE.base)
        cookie = f"{settings.SESSION_COOKIE_NAME}={browser.session.cookies[settings.SESSION_COOKIE_NAME]}"
        browser.session.close()
        cells["PSS idle, MB"] = pss()
        for path, times in ASKED.items():
            cells[f"{path}: CPU, p50 ms"] = "{:.2f}, {:.2f}".format(*ask(path, times))
        for connections in (8, 32):
            cells[f"sign-in a s, {connections} conn."] = f"{load('/accounts/login/', '', connections, seconds)[0]:.0f}"
        for kind, path in (("large", LARGE), ("small", SMALL), ("original", original)):
            rate, megabytes, used = load(path, cookie, 8, seconds)
            cells[f"{kind}: a s, MB/s, CPU ms/MB"] = f"{rate:.0f}, {megabytes:.0f}, {used:.2f}"
        cells["PSS loaded, MB"] = pss()
        loads = kinds(LARGE) | {"slow readers of an original": kinds(original, cookie)["slow readers"]}
        for label, one in loads.items():
            worst = worst_while_held(one)
            found.holds = found.holds and worst < 1
            cells[f"{one.number} {label}"] = "dead" if worst == DEAD else f"{worst:.3f}"
            if worst == DEAD:
                SITE.wait_for(SITE.answers)
        found.odd = odd_requests() | {"people who leave": hang_up_at_once(LARGE)}
        cells["stop"] = stop(children, original, cookie)
    return found


def show(found: dict[str, Found]) -> None:
    for table in ("cells", "odd"):
        rows = {name: getattr(one, table) for name, one in found.items()}
        _table.head("", *rows)
        for label in next(iter(rows.values())):
            _table.line(label, *(row.get(label, "") for row in rows.values()))
        print()


def main(seconds: float) -> int:
    original, found = prepare(), {}
    print(_table.conditions(), end="\n\n")
    for name, (package, _, _) in SERVERS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{name}: {package} is not installed, see above.")
            continue
        found[name] = measure(name, original, seconds)
        print(f"{name}: {found[name]}", file=sys.stderr)
    show(found)
    return int(not found[CONFIGURED].holds)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 2))
