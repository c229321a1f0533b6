"""After VITRINE_SECRET_KEY was changed: seal the secrets of second factors by the new one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from gallery.account.sealing import seal_all


class Command(BaseCommand):
    help = "Seal the secrets of second factors by the key of today (older ones: VITRINE_SECRET_KEY_FALLBACKS)."

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = seal_all()
        self.stdout.write(f"Sealed: {done}.")
        if lost:
            self.stdout.write(f"Cannot be opened by any key: {lost}. Give the old key, or have them set up anew.")
