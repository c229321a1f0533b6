"""The practice image API as a process."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from generator.sandbox import SandboxServer
from generator.sandbox.faults import FaultError, parse

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

_SIGNALS = {signal.SIGINT, signal.SIGTERM}


class Command(BaseCommand):
    """Runs until SIGINT or SIGTERM. Needs no database."""

    help = "Run a practice server that speaks the image API and draws its pictures itself."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001, help="0 picks a free one")
        parser.add_argument("--dialect", choices=("ratio", "size", "both"), default="both")
        parser.add_argument("--key", default="", help="accept only this bearer key")
        parser.add_argument("--latency", type=float, default=3.0, metavar="SECONDS", help="of a reply, about")
        parser.add_argument(
            "--fault", action="append", default=[], metavar="NAME[:TIMES]", help="see sandbox/faults.py"
        )
        parser.add_argument("--log", type=Path, metavar="FILE", help="append a JSON line for every charged call")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            faults = [parse(text) for text in options["fault"]]
            server = self._server(options)
        except FaultError as error:
            raise CommandError(str(error)) from None
        server.faults.replace(faults)
        self._serve(server, options["verbosity"])

    def _server(self, options: dict[str, Any]) -> SandboxServer:
        try:
            return SandboxServer(
                options["host"],
                options["port"],
                dialect=options["dialect"],
                key=options["key"],
                latency=options["latency"],
                log=options["log"],
                report=self._report if options["verbosity"] > 1 else None,
            )
        except (OSError, OverflowError) as error:
            where = f"{options['host']}:{options['port']}"
            raise CommandError(
                f"The sandbox API cannot start on {where}: {getattr(error, 'strerror', None) or error}."
            ) from None

    def _report(self, line: str) -> None:
        self.stderr.write(line)

    def _serve(self, server: SandboxServer, verbosity: int) -> None:
        """Signals are blocked before the first thread starts and waited for, so that none can arrive between."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            with server:
                if verbosity:
                    self.stdout.write(f"Sandbox API on {server.url}")
                    self.stdout.flush()
                signal.sigwait(_SIGNALS)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


if __name__ == "__main__":  # without the rest of the project, which takes memory and time
    Command().run_from_argv([sys.argv[0], "sandbox", *sys.argv[1:]])
