"""`manage.py backup FILE`: everything that is worth keeping in one file, while the site runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from gallery.backup.archive import ArchiveError
from gallery.backup.take import back_up
from gallery.doctor import database
from gallery.doctor.finding import counted

_SHOWN = 20


class Command(BaseCommand):
    help = "Write database, originals, replies and secret key into one verified tar file; the site may be running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the archive to write; must not exist")

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        try:
            manifest = back_up(file.absolute())
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"No backup was made: {database.silent(str(error)).sentence}") from error
        except OSError as error:
            raise CommandError(f"No backup was made: {error.strerror}, {error.filename or file}.") from error
        size = file.stat().st_size / 2**20
        self.stdout.write(f"{file}: {counted(manifest.originals(), 'picture')}, {size:,.1f} MiB, verified.")
        if manifest.gone:
            self.stdout.write(f"Left out: {counted(manifest.gone, 'picture')} removed for good while it was made.")
        for line in manifest.damaged[:_SHOWN]:
            self.stderr.write(f"Damaged on this site: {line}.")
        if manifest.damaged:
            self.stderr.write(f"The rest is complete. {len(manifest.damaged):,} damaged: see manage.py doctor --deep.")
            sys.exit(1)
