"""`manage.py sandbox`: the practice image API as a process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from generator.sandbox import command

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Runs until SIGINT or SIGTERM. Needs no database."""

    help = command.HELP
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        command.add_arguments(parser)

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        try:
            command.run(options, self._say if verbosity else self._keep, self._report if verbosity > 1 else None)
        except command.UnusableError as error:
            raise CommandError(str(error)) from None

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _keep(self, line: str) -> None:
        """To itself."""

    def _report(self, line: str) -> None:
        self.stderr.write(line)
