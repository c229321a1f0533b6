"""A site of its own for the drills: data folder, database, image API, worker and web server as real processes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import requests
from django.conf import settings
from django.db import connections
from environ import Env

from gallery.models import User
from generator.models import Call, Event, Provider
from generator.sandbox import SandboxServer
from generator.submit import Wish, submit
from generator.worker.cluster import processes
from tests.drills.browser import cookies_of
from tests.drills.database import Database
from tests.prepared import copy_folder
from tests.process import GUNICORN, ROOT, START_SECONDS, Instance, lives

ENTRY = str(ROOT / "tests" / "drills" / "entry.py")
# What must hold does so within this time of the worker's return.
PROMISED_SECONDS = 60
# For a worker that is to have enough of an API that is silent; elsewhere a slow machine gets its time.
IMPATIENT = {"ONLYSQ_READ_TIMEOUT": "5", "ONLYSQ_TOTAL_TIMEOUT": "8"}
# The queue's own, which nothing of ours uses.
QUEUE_COMMAND = "qcluster"
# So many stand still with replies at points of their own, and some are left.
STORERS = 8
# Processes that take wake-ups: those that store, and one that sends.
WORKERS = STORERS + 1
# At this point a call stands still at the API, which has sent half of the reply; at the others its worker does.
HALF = "[half]"


class Site(Instance):
    """`data` is its folder; `variables` go into the environment of its processes."""

    database: Database

    def __init__(self, data: Path, database: Database, kind: str, **variables: str) -> None:
        self.kind = kind
        self.points = data.with_name(data.name + "-points")
        self.sandbox = SandboxServer(latency=0.2, dialect="size")
        told = {
            "VITRINE_SECRET_KEY": settings.SECRET_KEY, "VITRINE_LEASE_SECONDS": "10", "VITRINE_CONCURRENCY": "10",
            "VITRINE_STORERS": str(STORERS),
            "VITRINE_MIN_FREE_MB": "1", "DRILL_POINTS": str(self.points),
            "ONLYSQ_API_URL": self.sandbox.url, "ONLYSQ_DIALECT": "size", "ONLYSQ_CONNECT_TIMEOUT": "2",
            "ONLYSQ_READ_TIMEOUT": "120", "ONLYSQ_TOTAL_TIMEOUT": "150", "WEB_CONCURRENCY": "1",
        }  # fmt: skip
        super().__init__(data, database, **(told | variables))
        self._worker: subprocess.Popen[bytes] | None = None

    # Its life

    def begin(self, prepared: Path) -> None:
        """With a copy of that folder and the person who asks; the image API answers from here on."""
        copy_folder(prepared, self.folder)
        self.points.mkdir(parents=True)
        self.sandbox.start()
        self.enter()
        User.objects.create_user("olga")

    def enter(self) -> None:
        """Make this process look at the site's rows and files."""
        connections["default"].close()
        del connections["default"]
        # Complete as Django completes it, with its own defaults beside ours.
        found = Env.db_url_config(self.database.url)
        connections.settings["default"] |= found | {"OPTIONS": {}, "CONN_MAX_AGE": 600}
        if found["ENGINE"].endswith("sqlite3"):
            connections.settings["default"]["OPTIONS"] = {"timeout": 30, "transaction_mode": "IMMEDIATE"}
        settings.DATA_DIR, settings.MEDIA_ROOT = self.folder, self.folder / "media"
        settings.SPOOL_ROOT = self.folder / "spool"

    def close(self) -> None:
        self.sandbox.close()
        connections["default"].close()
        super().close()

    # Its processes

    def start_worker(self, **variables: str) -> None:
        """Return when its cluster is complete, and that of an earlier one has been ended."""
        earlier = self.clusters()
        self.start_command(**variables)
        self.wait_for(lambda: not any(lives(one) for one in earlier), START_SECONDS)
        self.wait_for_cluster()

    def wait_for_cluster(self) -> None:
        """Until it is complete: the workers, a monitor and a pusher."""
        self.wait_for(lambda: len(self.pool()) >= WORKERS + 2, START_SECONDS)

    def start_command(self, **variables: str) -> None:
        """Start the worker, and don't wait for it."""
        self._worker = self.start(ENTRY, "worker", **variables)

    def start_second_cluster(self) -> subprocess.Popen[bytes]:
        """As somebody does by mistake who knows the queue's own command; it leads a process group."""
        second = self.start(ENTRY, QUEUE_COMMAND)
        self.wait_for(lambda: len(self.processes(QUEUE_COMMAND)) >= WORKERS + 4, START_SECONDS)
        return second

    @property
    def is_running(self) -> bool:
        return self._worker is not None and self._worker.poll() is None

    def stop_worker(self) -> None:
        """As a service manager does; nothing may be left behind."""
        if self._worker is None:
            return
        self.stop(self._worker)
        self._worker = None
        assert not self.clusters(), "the worker left its cluster behind"

    def clusters(self) -> list[psutil.Process]:
        """Every process of the worker's cluster, in the order in which they began."""
        return sorted(processes(self.folder / "worker.lock"), key=lambda process: (process.create_time(), process.pid))

    def web_servers(self) -> list[psutil.Process]:
        return self.processes(GUNICORN[-1])

    def pool(self) -> list[psutil.Process]:
        """The sentinel's children: the workers, then the monitor, then the pusher."""
        return self.clusters()[1:]

    def role(self, name: str) -> list[psutil.Process]:
        """Processes of a fresh cluster by what they do: sentinel, workers, monitor, pusher."""
        places = {"sentinel": slice(0, 1), "workers": slice(1, 1 + WORKERS)}
        places |= {"monitor": slice(1 + WORKERS, 2 + WORKERS), "pusher": slice(2 + WORKERS, 3 + WORKERS)}
        return self.clusters()[places[name]]

    def kill_command(self) -> None:
        """Only the worker command itself: its cluster goes on without a watch."""
        if self._worker:
            self.kill([self._worker.pid])

    # Its work

    def submit(self, *prompts: str, **asked: Any) -> list[Call]:
        """A call of four small pictures for each prompt, as the form makes it; a number makes each prompt unique."""
        asked = {"model": "flux", "width": 64, "height": 64, "count": 4} | asked
        olga = User.objects.get(username="olga")
        made = []
        for prompt in prompts:
            token = uuid4().hex
            larger = self._to_be_halved(token[:12]) if HALF in prompt else {}
            wish = Wish(prompt=f"{prompt} {token[:12]}", **(asked | larger))
            made.append(submit(olga, wish, token).generation.calls.get())
        return made

    def _to_be_halved(self, prompt: str) -> dict[str, Any]:
        """The API will stall once; its reply is so large that the worker has some of it on disk by then."""
        self.sandbox.faults.add("stall", times=1, prompt=prompt)
        return {"model": "kandinsky", "width": 256, "height": 256}

    def at_point(self, call: Call) -> int:
        """Number of the process that stands still with this call; 0 if none does yet."""
        if HALF in call.generation.prompt:
            return self._worker_of(call) if any(map(_size, self.folder.glob(f"spool/{call.pk}.*.part"))) else 0
        mark = self.points / str(call.generation_id)
        return int(mark.read_text() or 0) if mark.exists() else 0

    def holder(self, call: Call) -> int:
        """Number of the process that has the call in its hands."""
        return self.at_point(call) or self._worker_of(call)

    def _worker_of(self, call: Call) -> int:
        """As its row says, which is not there yet while it is claimed."""
        return int(self.calls([call])[0].worker.rpartition(":")[2])

    def go_on(self, call: Call) -> None:
        """At the API all calls go on that stand still there."""
        if HALF in call.generation.prompt:
            self.sandbox.faults.release()
        (self.points / f"{call.generation_id}.go").touch()

    def charged(self, call: Call) -> int:
        """How often the API charged for its prompt since the call is there; a retry has the prompt of its first."""
        paid = [paid for paid in self.sandbox.charged if paid["prompt"] == call.generation.prompt]
        return sum(one["time"] >= call.created_at.timestamp() for one in paid)

    def sent(self, calls: Iterable[Call]) -> list[Call]:
        """Those of them that the API was asked for."""
        return [call for call in calls if self.charged(call)]

    def calls(self, calls: Iterable[Call]) -> list[Call]:
        """The same calls as they are now."""
        now = Call.objects.select_related("generation").in_bulk([call.pk for call in calls])
        return [now[call.pk] for call in calls]

    def states(self, calls: Iterable[Call]) -> list[str]:
        return [str(call.state) for call in self.calls(calls)]

    def settled(self, calls: Iterable[Call]) -> bool:
        return not any(call.is_running for call in self.calls(calls))

    def history(self, call: Call) -> list[str]:
        return list(Event.objects.filter(call=call).values_list("what", flat=True))

    def peace(self) -> None:
        """No faults, no pause, nothing waiting: as a drill wants to find it."""
        self.sandbox.faults.clear()
        self.sandbox.key, self.sandbox.latency = "", 0.2
        Provider.objects.current().resume()

    def page(self, address: str) -> str:
        """A page as olga sees it, from the running web server."""
        answer = requests.get(self.base + address, cookies=cookies_of("olga", self.base), timeout=30)
        assert answer.status_code == 200, answer.status_code
        return answer.text

    def wait_for_event(self, call: Call, what: Event.What, times: int = 1) -> None:
        self.wait_for(lambda: self.history(call).count(what) >= times)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
