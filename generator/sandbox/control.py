"""What a running sandbox goes by and has charged, and the control endpoint that tells and changes it.

GET    /control             everything at a glance
GET    /control/faults      the faults still to come
POST   /control/faults      replace them: one object {"name": ..., "times": n, ...} or a list of them
DELETE /control/faults      clear them
POST   /control/latency     {"seconds": 1.5}
GET    /control/charged     {"count": n, "calls": [...]}
DELETE /control/charged     start counting anew (a log file keeps its lines)
"""

from __future__ import annotations

import math
import zlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from generator.sandbox.charges import Charges
from generator.sandbox.contract import RefusalError
from generator.sandbox.faults import FaultError, Faults, from_json

if TYPE_CHECKING:
    from pathlib import Path

    from generator.sandbox.contract import Dialect

_MOST_SECONDS = 3600


class Sandbox:
    """How it answers, and what it has charged. All of it may be changed while it serves."""

    def __init__(self, dialect: Dialect, key: str, latency: float, log: Path | None) -> None:
        self.dialect, self.key, self.latency = dialect, key, latency
        self.faults = Faults()
        self.charges = Charges(log)

    @property
    def charged(self) -> list[dict[str, Any]]:
        """The paid calls so far: time, id, model, digest, prompt, pictures, user."""
        return self.charges.calls()

    def latency_for(self, seed: str) -> float:
        """Seconds, within a quarter of `latency`, the same for the same seed."""
        share = zlib.crc32(seed.encode("utf-8", "surrogatepass")) / 2**32
        return self.latency * (0.75 + 0.5 * share)


def respond(sandbox: Sandbox, method: str, path: str, value: object) -> dict[str, Any]:
    """Do what a control request asks and return its answer; RefusalError 400, 404 or 405 if it makes no sense."""
    match method, path:
        case "GET", "/control":
            return _faults(sandbox) | {
                "dialect": sandbox.dialect,
                "latency": sandbox.latency,
                "charged": len(sandbox.charged),
            }
        case "GET", "/control/faults":
            return _faults(sandbox)
        case "POST", "/control/faults":
            return _set_faults(sandbox, value)
        case "DELETE", "/control/faults":
            sandbox.faults.clear()
            return _faults(sandbox)
        case "POST", "/control/latency":
            return _set_latency(sandbox, value)
        case "GET", "/control/charged":
            return {"count": len(calls := sandbox.charged), "calls": calls}
        case "DELETE", "/control/charged":
            sandbox.charges.clear()
            return {"count": 0, "calls": []}
    raise RefusalError(404, f"There is no {method} {path[:80]}.")


def _faults(sandbox: Sandbox) -> dict[str, Any]:
    return {"faults": [asdict(fault) for fault in sandbox.faults.waiting()]}


def _set_faults(sandbox: Sandbox, value: object) -> dict[str, Any]:
    try:
        sandbox.faults.replace([from_json(fault) for fault in (value if isinstance(value, list) else [value])])
    except FaultError as error:
        raise RefusalError(400, str(error)) from None
    return _faults(sandbox)


def _set_latency(sandbox: Sandbox, value: object) -> dict[str, Any]:
    seconds = value.get("seconds") if isinstance(value, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        raise RefusalError(400, "The latency is an object with a number of seconds.")
    if not 0 <= seconds <= _MOST_SECONDS:
        raise RefusalError(400, f"The latency is between 0 and {_MOST_SECONDS} seconds.")
    sandbox.latency = float(seconds)
    return {"latency": sandbox.latency}
