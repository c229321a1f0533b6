"""Whether the whole site holds: fifty members browsing while thirty-two calls are in flight, and memory stays put.

Run `.venv/bin/python benchmarks/load.py [seconds]`; ten minutes by default. Web server and worker as `manage.py serve`
starts them, against a sandbox API that takes about twenty seconds, and 2,000 pictures to look at. Each member opens
page after page with a second or three to look at it, loads the pictures on the first screen that its browser does not
have yet, and asks for news as the page's script does. Some of them have all the calls, sent by the form. Members and
sandbox live in this process, whose share of the processors is printed: they wait for it too.

Memory is compared between the end of the warm-up, a minute or a third of the run, and the end of the run, for each kind
of process as a sum over all of them. Ends with an error if any answer was none, if a call did not succeed, if fewer
calls were in flight than meant, or if memory grew too far. Linux only.
"""

import http.client
import random
import re
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _table
from benchmarks._stack import PATIENCE, PROBING, Fields, Memory, memory, stack  # the scratch site comes before all else

# isort: split
from django.conf import settings
from django.db import connection
from django.test import Client

from benchmarks import _rows
from generator.models import Call

MEMBERS, MAKERS, IN_FLIGHT = 50, 8, 32
# Each maker's calls that have not ended, so that a few are always queued behind those in flight.
OUTSTANDING = 5
PICTURES, SCREENFUL = 2_000, 16
LATENCY, THINKING, SIDE = 20.0, (1.0, 3.0), 64
WARM_UP, GROWTH = 60.0, 0.15
UNFINISHED = (Call.State.QUEUED, Call.State.SENDING, Call.State.RECEIVED)
CSRF = "s" * 32
VISITS = {"explore": 25, "older rows": 30, "image page": 25, "my images": 10, "create": 10}
OTHERS = ("submit", "generation page", "news", "thumbnail", "original")


@dataclass
class Figures:
    """Seconds and a sentence for each answer that was none, by page; what had to be asked twice. All members write."""

    stop: threading.Event = field(default_factory=threading.Event)
    times: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in (*VISITS, *OTHERS)})
    wrong: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in (*VISITS, *OTHERS)})
    closed: list[str] = field(default_factory=list)


class Tab:
    """One tab of a member's browser: a connection, the cookies, and what it knows from the page it shows."""

    def __init__(self, address: str, session: str, figures: Figures) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
        cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}"
        self._headers = {"Cookie": cookies, "X-CSRFToken": CSRF}
        self._figures = figures
        self._stored: set[str] = set()
        self._images: list[str] = []
        self._older = ""
        self._pace, self._known, self._seen = 0, "", dict[str, str]()

    def ask(
        self, name: str, path: str, form: dict[str, str] | None = None, *, by_script: bool = False
    ) -> tuple[str, str]:
        """Body and `Location` of the answer; both empty, and the figures know, if it is not what a page needs."""
        method, body = ("GET", None) if form is None else ("POST", urlencode(form))
        headers = self._headers | ({"HX-Request": "true"} if by_script else {})
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        started = time.perf_counter()
        try:
            answer, data = self._exchange(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self._figures.wrong[name].append(f"{path}: {error!r}")
            return "", ""
        self._figures.times[name].append(time.perf_counter() - started)
        if answer.status >= 400 or (answer.status < 300) != (form is None):
            self._figures.wrong[name].append(f"{path}: {answer.status}")
            return "", ""
        is_page = answer.getheader("Content-Type", "").startswith("text/html")
        return data.decode() if is_page else "", answer.getheader("Location", "")

    def _exchange(self, *request: Any) -> tuple[http.client.HTTPResponse, bytes]:
        """A server may close an idle connection just as it is used again: then browsers ask once more, on a new one."""
        was_idle = self._connection.sock is not None
        try:
            self._connection.request(*request)
            answer = self._connection.getresponse()
        except ConnectionError:
            if not was_idle or request[0] != "GET":
                raise
            self._figures.closed.append(request[1])
            self._connection.close()
            return self._exchange(*request)
        return answer, answer.read()

    def browse(self) -> None:
        """Page after page until told to stop."""
        self._figures.stop.wait(random.uniform(0, THINKING[1]))
        while not self._figures.stop.is_set():
            self._visit(random.choices(list(VISITS), weights=list(VISITS.values()))[0])
            self._think()
        self._connection.close()

    def _visit(self, name: str) -> None:
        if name == "older rows" and self._older:
            self._show(name, self._older, by_script=True)
        elif name == "image page" and self._images:
            page = self._show(name, random.choice(self._images))
            self._load("original", re.findall(r'class="stage-picture" src="([^"]+)"', page))
        else:
            path = {"my images": "/mine/", "create": "/create/"}.get(name, "/")
            self._show("explore" if path == "/" else name, path)

    def _show(self, name: str, path: str, *, by_script: bool = False) -> str:
        page, _ = self.ask(name, path, by_script=by_script)
        if not by_script:
            self._seen = {}
        self._read(page)
        if older := re.search(r'href="(\?before=[\w-]+)"', page):
            self._older = path.partition("?")[0] + older[1]
        self._images = re.findall(r'href="(/images/[\w-]{36}/)', page) or self._images
        self._load("thumbnail", re.findall(r' srcset="(\S+) 320w', page)[:SCREENFUL])
        return page

    def _load(self, name: str, found: list[str]) -> None:
        """What the browser has it does not ask for again: these answers may be kept for a week."""
        for path in found:
            if path not in self._stored:
                self._stored.add(path)
                self.ask(name, path)

    def _read(self, page: str) -> None:
        """Take over what the page's script would know: how often to ask, and which tiles are still running."""
        if poll := re.search(r"\?known=([\d-]+)", page):
            every = re.search(r"every (\d+)s", page)
            self._known, self._pace = poll[1], int(every[1]) if every else 0
        for call in re.findall(r'id="call-([\w-]{36})"', page):
            self._seen.pop(call.replace("-", ""), None)
        self._seen |= dict(re.findall(r'name="seen" value="(\w+):(\w+)"', page))

    def _think(self) -> None:
        """Look at the page, which asks for news meanwhile. The server would close the idle connection anyway."""
        self._connection.close()
        until = time.monotonic() + random.uniform(*THINKING)
        while (left := until - time.monotonic()) > 0 and not self._figures.stop.wait(min(self._pace or left, left)):
            if time.monotonic() < until:
                seen = [f"{call}:{version}" for call, version in self._seen.items()]
                query = urlencode({"known": self._known, "seen": seen}, doseq=True)
                self._read(self.ask("news", f"/live/?{query}", by_script=True)[0])

    def send_forms(self, user: int) -> None:
        """Keep OUTSTANDING calls of this maker on their way, a small picture each."""
        calls = Call.objects.filter(generation__user=user, state__in=UNFINISHED)
        number = 0
        while not self._figures.stop.is_set():
            if calls.count() >= OUTSTANDING:
                self._connection.close()
                self._figures.stop.wait(0.5)
                continue
            number += 1
            page, _ = self.ask("create", "/create/")
            asked = {"prompt": f"A harbour at dawn, {user}, {number}", "count": "1"}
            form = Fields(page).values | asked | {"size": "custom", "width": str(SIDE), "height": str(SIDE)}
            _, place = self.ask("submit", "/create/", form)
            if place:
                self.ask("generation page", place)
            else:
                self._think()
        self._connection.close()
        connection.close()


def hang_pictures() -> dict[int, str]:
    """2,000 pictures with real files; the session of each member by user id."""
    people = _rows.add_people(MEMBERS)
    _rows.fill(people, _rows.draw_originals(), PICTURES)
    _rows.hang_thumbs()
    sessions = {}
    for person in people:
        client = Client(SERVER_NAME="localhost")
        client.force_login(person)
        sessions[person.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return sessions


@contextmanager
def everybody(address: str, sessions: dict[int, str], figures: Figures) -> Iterator[None]:
    """All members browse, and the makers send forms from a second tab, until the block ends.

    Raises what went wrong in one of them, if it was not an answer of the server.
    """
    with ThreadPoolExecutor(MEMBERS + MAKERS) as pool:
        running = [pool.submit(Tab(address, key, figures).browse) for key in sessions.values()]
        for user, key in list(sessions.items())[:MAKERS]:
            running.append(pool.submit(Tab(address, key, figures).send_forms, user))
        try:
            yield
        finally:
            figures.stop.set()
    for each in running:
        each.result()


def watch(until: float) -> list[int]:
    """Calls in flight, looked at every second."""
    found = []
    while time.monotonic() < until:
        found.append(Call.objects.filter(state=Call.State.SENDING).count())
        time.sleep(1)
    return found


def drain() -> None:
    """Let what was sent come back."""
    until = time.monotonic() + 4 * LATENCY
    while Call.objects.filter(state__in=UNFINISHED).exists() and time.monotonic() < until:
        time.sleep(0.5)


def show_pages(figures: Figures) -> bool:
    _table.head("page", "answers", "errors", "median, ms", "p95, ms")
    for name, times in figures.times.items():
        milliseconds = [1e3 * each for each in times] or [float("nan")]
        wrong = len(figures.wrong[name])
        _table.line(name, len(times), wrong, _table.median(milliseconds), _table.p95(milliseconds))
    wrongs = [f"{name} {what}" for name, each in figures.wrong.items() for what in each]
    print(*wrongs[:20], f"asked again because an idle connection had been closed: {len(figures.closed)}", sep="\n")
    return not wrongs


def show_calls(sampled: list[int]) -> bool:
    calls = Call.objects.filter(generation__width=SIDE)  # those hung beforehand have none
    states = {state: calls.filter(state=state).count() for state in Call.State.values}
    print("calls:", ", ".join(f"{number} {state}" for state, number in states.items() if number), end="; ")
    middle = _table.median(sampled)
    print(f"in flight: median {middle:.0f}, least {min(sampled)}, looked at {len(sampled)} times\n")
    return states[Call.State.SUCCEEDED] == sum(states.values()) and middle >= IN_FLIGHT - 1


def show_memory(before: dict[str, Memory], after: dict[str, Memory]) -> bool:
    _table.head("memory, MiB", "processes", "RSS before", "RSS after", "PSS before", "PSS after", "growth of PSS")
    growths = []
    for kind, then in before.items():
        now = after[kind]
        growths.append(now.pss / then.pss - 1)
        shown = f"{then.processes} to {now.processes}"
        _table.line(kind, shown, then.rss, now.rss, then.pss, now.pss, f"{growths[-1]:+.1%}")
    return max(growths) <= GROWTH


def main(seconds: float) -> int:
    sessions, figures = hang_pictures(), Figures()
    warm_up = min(WARM_UP, seconds / 3)
    with stack(LATENCY, ONLYSQ_DIALECT="size", VITRINE_CONCURRENCY=str(IN_FLIGHT)) as (address, pid):
        with everybody(address, sessions, figures):
            started, busy = time.monotonic(), time.process_time()
            time.sleep(warm_up)
            before = memory(pid)
            sampled = watch(started + seconds - PROBING)
            after = memory(pid)
            busy = time.process_time() - busy
            print(f"{_table.conditions()}; {MEMBERS} members for {seconds:.0f} s, warm after {warm_up:.0f} s;", end=" ")
        drain()
    print(f"members and sandbox: {busy / seconds:.2f} of a core\n")
    verdicts = {
        "no errors": show_pages(figures),
        f"{IN_FLIGHT} calls in flight, all succeeded": show_calls(sampled),
        f"memory within {GROWTH:.0%}": show_memory(before, after),
    }
    print("", *(f"{name}: {'met' if met else 'MISSED'}." for name, met in verdicts.items()), sep="\n")
    return int(not all(verdicts.values()))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 600))
