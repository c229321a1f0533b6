"""`manage.py worker`: sends the calls and stores the pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generator import worker


class Command(BaseCommand):
    help = "Send queued calls to the image API and store what comes back, until stopped."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            worker.run(Path(settings.DATA_DIR) / "worker.lock")
        except worker.AlreadyRunningError:
            raise CommandError("A worker is already running for this data folder.") from None
