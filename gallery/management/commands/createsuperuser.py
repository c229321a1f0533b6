"""Django's own, with the one check of names."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.exceptions import ValidationError

from gallery.models.member_names import check_name


class Command(createsuperuser.Command):
    def _validate_username(self, username: Any, verbose_field_name: str, database: str) -> str | None:
        """What is wrong with it as a sentence, or nothing."""
        try:
            check_name(username or "")
        except ValidationError as error:
            return "; ".join(error.messages)
        found: str | None = super()._validate_username(username, verbose_field_name, database)  # type: ignore[misc]
        return found
