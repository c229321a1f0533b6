"""`manage.py worker`: sends the calls and stores the pictures."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from generator.checks import CALLS
from generator.models import Call
from generator.worker import watchdog
from generator.worker.cluster import AlreadyRunningError


class Command(BaseCommand):
    help = "Send queued calls to the image API and store what comes back, until stopped."
    # `prepare` runs all of them.
    requires_system_checks = (CALLS, Tags.files, Tags.security)

    def handle(self, *_args: Any, **_options: Any) -> None:
        check_prepared()
        try:
            watchdog.run(Path(settings.DATA_DIR) / "worker.lock")
        except AlreadyRunningError:
            raise CommandError("A worker is already running for this data folder.") from None


def check_prepared() -> None:
    """A folder or tables that are not there yet come by no waiting; a server that is away for now is waited for."""
    if not Path(settings.DATA_DIR).is_dir():
        raise CommandError(f"There is no data folder {settings.DATA_DIR}: run manage.py prepare first.")
    with suppress(OperationalError):
        is_prepared = Call._meta.db_table in connection.introspection.table_names()
        connection.close()
        if not is_prepared:
            raise CommandError("The database has no tables yet: run manage.py prepare first.")
