"""A running Vitrine, started as a person starts it, and an image API that paints when it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from generator.sandbox import SandboxServer

ROOT = Path(__file__).resolve().parents[2]
OURS = ("VITRINE_", "ONLYSQ_", "DATABASE_URL", "CACHE_URL", "HOST", "PORT", "DJANGO_", "COV_", "WEB_")
START_SECONDS, STOP_SECONDS = 120, 90


class Easel(SandboxServer):
    """The sandbox API without a clock: replies leave at once or, after `hold()`, not before `release()`.

    A story can look at a running call for as long as it needs, on a machine of any speed.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._free = threading.Event()
        self._free.set()

    def hold(self) -> None:
        self._free.clear()

    def release(self) -> None:
        self._free.set()

    def latency_for(self, seed: str) -> float:
        while not self._free.wait(0.05) and not self.stopping.is_set():
            pass
        return 0.0

    def charged_for(self, prompt: str) -> int:
        """How many calls with this prompt were paid for."""
        return sum(call["prompt"] == prompt for call in self.charged)


@dataclass(frozen=True)
class Stage:
    """Who is there and what hangs on the walls before a story begins; `pages` are error pages by file name."""

    people: list[dict[str, Any]]
    pages: dict[str, str]


class Instance:
    """`manage.py serve` on a free port and a data folder of its own, with nothing but `variables` configured."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.base = f"http://127.0.0.1:{_free_port()}"
        self._variables = {"PORT": self.base.rpartition(":")[2], "VITRINE_DATA_DIR": str(folder), **variables}
        self._log = folder.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return kept | {"VITRINE_ENV_FILE": os.devnull} | self._variables

    def start(self) -> None:
        """Return as soon as it has said that it is ready."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while "Vitrine is ready" not in self.log:
            assert self._process.poll() is None, f"It has ended:\n{self.log}"
            assert time.monotonic() < deadline, f"It is not ready:\n{self.log}"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it as a service manager would; nothing may be left behind."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            left = self._processes()
            for process in left:
                process.kill()
            self._process.wait()
        assert not left, f"Left behind: {left}"

    def set_stage(self, **asked: int) -> Stage:
        """Run `stage.py` inside this instance, before it starts."""
        self.manage("prepare")
        done = subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-m", "tests.e2e.stage", json.dumps(asked)],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=START_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return Stage(**json.loads(done.stdout))

    def manage(self, *arguments: str) -> str:
        """What a command of `manage.py` says, which must succeed."""
        done = subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=START_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _processes(self) -> list[psutil.Process]:
        """Whatever was started for this data folder, however it was handed on since."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("VITRINE_DATA_DIR") == str(self.folder):
                    found.append(process)
            except psutil.Error:
                continue
        return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
