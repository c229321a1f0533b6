"""What the sandbox charged for: one line per call, on disk before the answer leaves."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from generator.sandbox.contract import Order

_PROMPT_KEPT = 500


class Charges:
    """Counts charged calls, in memory and, if given a path, as JSON lines appended to a file and fsynced."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._calls: list[dict[str, Any]] = []
        self._drawn: dict[tuple[str, str], int] = {}
        self._file = path.open("a", encoding="utf-8") if path else None

    def charge(self, order: Order, reply_id: str, user: int) -> None:
        """Record one paid call. The digest is SHA-256 of the whole prompt; its first 500 characters stay."""
        call = {
            "time": time.time(),
            "id": reply_id,
            "model": order.model,
            "digest": _digest(order.prompt),
            "prompt": order.prompt[:_PROMPT_KEPT],
            "pictures": order.count,
            "user": user,
        }
        with self._lock:
            self._calls.append(call)
            if self._file is not None:
                self._file.write(json.dumps(call) + "\n")
                self._file.flush()
                os.fsync(self._file.fileno())

    def number(self, order: Order) -> int:
        """The number of the order's first picture: the same request again gets new pictures, as from a real model."""
        key = (order.model, _digest(order.prompt))
        with self._lock:
            first = self._drawn.get(key, 0)
            self._drawn[key] = first + order.count
        return first

    def calls(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(call) for call in self._calls]

    def clear(self) -> None:
        """Forget the calls in memory; the file keeps them."""
        with self._lock:
            self._calls.clear()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _digest(prompt: str) -> str:
    return hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()
