"""A running Vitrine with people and pictures in it, and an image API that paints when it is told to."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any

from generator.sandbox import SandboxServer
from tests import process


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


class Instance(process.Instance):
    """`manage.py serve` with nothing but `variables` configured."""

    def set_stage(self, **asked: int) -> Stage:
        """Run `stage.py` inside this instance, whose folder is prepared, before it starts."""
        done = self.run("-m", "tests.e2e.stage", json.dumps(asked))
        assert done.returncode == 0, done.stderr
        return Stage(**json.loads(done.stdout))

    def close(self) -> None:
        """Ended as a service manager does it; nothing may be left behind."""
        try:
            self.shut_down()
        finally:
            super().close()
