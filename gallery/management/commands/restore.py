"""`manage.py restore FILE`: an installation from a backup, into an empty data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from gallery import doctor
from gallery.backup import restore
from gallery.backup.archive import ArchiveError
from gallery.doctor.finding import counted
from gallery.server import prepare


class Command(BaseCommand):
    help = "Fill an empty data folder (and an empty PostgreSQL database) from a backup; nothing is ever overwritten."
    # They may touch the database, which must not come into being before its time.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="an archive that manage.py backup wrote")

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        try:
            if restore.restore(file.absolute()):
                self.stdout.write("An interrupted restore was finished.")
            prepare.migrate()
            left = restore.finish()
        except (ArchiveError, DatabaseError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Nothing was restored: {error.strerror}, {error.filename or file}.") from error
        if left:
            self.stdout.write(
                f"{counted(left, 'call')} waiting when the backup was made: shown as Outcome unknown, "
                "for their owners to decide whether to send again."
            )
        self.stdout.write(
            "Accounts, roles and pictures are those of the archive: if it is not your own, look at who is an admin "
            "before you open the site."
        )
        self._look()

    def _look(self) -> None:
        """The doctor's view of it; that no worker runs yet goes without saying."""
        found = [*doctor.examine(), *doctor.examine_files(deep=True)]
        for finding in found:
            if finding.area != "worker":
                self.stdout.write(f"{finding.level.upper()} {finding.area}: {finding.sentence}\n    {finding.advice}")
        self.stdout.write("Restored.")
