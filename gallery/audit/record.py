"""Lines about things that are no change of a row: sign-ins, decisions, a resumed queue."""

from __future__ import annotations

from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from gallery.models import User

NOBODY = ""


def record(event: str, about: Model, actor: User | None = None, **more: Any) -> None:
    """One line: what happened, to which row, by whom if not by who is signed in.

    `more` is what the sentence needs; never a prompt or a password.
    """
    values = {"action": LogEntry.Action.ACCESS, "actor": actor, "additional_data": {"event": event} | more}
    LogEntry.objects.log_create(about, force_log=True, **values)


def record_stranger(event: str, **more: Any) -> None:
    """The same about somebody who has no account here."""
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(User), object_pk=NOBODY, object_repr="somebody",
        action=LogEntry.Action.ACCESS, additional_data={"event": event} | more,
    )  # fmt: skip
