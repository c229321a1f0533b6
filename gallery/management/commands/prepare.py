"""`manage.py prepare`: makes the data folder ready for this version."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from gallery.doctor import probe_file
from gallery.server import modes, prepare


class Command(BaseCommand):
    help = "Make the data folder ready: secret key, database, static files, first administrator. Repeatable."

    # A folder that cannot be written deserves a sentence rather than a list; the checks follow below.
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        prepare.make_folder(settings.DATA_DIR)
        self.check()
        prepare.make_secret_key(settings.SECRET_KEY_FILE)
        prepare.make_database_file()
        modes.narrow()
        prepare.migrate()
        probe_file.lay()
        if not settings.DEBUG:
            prepare.collect_static(settings.STATIC_ROOT)
        if password := prepare.make_first_admin():
            self.stdout.write(
                f"\nFirst administrator: {settings.ADMIN_USERNAME}\n"
                f"Password:            {password}   (shown only this once)\n"
                f"Change it with:      .venv/bin/python manage.py changepassword {settings.ADMIN_USERNAME}\n\n"
            )
