"""The practice server as a process, with or without Django, which would take memory and time."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.sandbox.faults import FaultError, parse
from generator.sandbox.server import SandboxServer

if TYPE_CHECKING:
    from argparse import ArgumentParser

HELP = "Run a practice server that speaks the image API and draws its pictures itself."
_SIGNALS = {signal.SIGINT, signal.SIGTERM}


class UnusableError(Exception):
    """An option, or the address; the message is a sentence."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 picks a free one")
    parser.add_argument("--dialect", choices=("ratio", "size", "both"), default="both")
    parser.add_argument("--key", default="", help="accept only this bearer key")
    parser.add_argument("--latency", type=float, default=3.0, metavar="SECONDS", help="of a reply, about")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[:TIMES]", help="see sandbox/faults.py")
    parser.add_argument("--log", type=Path, metavar="FILE", help="append a JSON line for every charged call")


def run(options: dict[str, Any], say: Callable[[str], None], report: Callable[[str], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; `say` is given the address, `report` a line for each request.

    Raises UnusableError.
    """
    try:
        faults = [parse(text) for text in options["fault"]]
        server = _server(options, report)
    except FaultError as error:
        raise UnusableError(str(error)) from None
    server.faults.replace(faults)
    _serve(server, say)


def _server(options: dict[str, Any], report: Callable[[str], None] | None) -> SandboxServer:
    host, port = options["host"], options["port"]
    told = {name: options[name] for name in ("dialect", "key", "latency", "log")}
    try:
        return SandboxServer(host, port, report=report, **told)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnusableError(f"The sandbox API cannot start on {host}:{port}: {reason}.") from None


def _serve(server: SandboxServer, say: Callable[[str], None]) -> None:
    """Signals are blocked before the first thread starts and waited for, so that none can arrive between."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        with server:
            say(f"Sandbox API on {server.url}")
            signal.sigwait(_SIGNALS)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
