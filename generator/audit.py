"""The one door into the audit log, for what no saved row says by itself: sign-ins, decisions, a settled call.

Rows that are saved or deleted are noted by django-auditlog, as far as they are registered with it. A line holds keys,
kinds and values; what it says is put into words when it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditlog.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import Model

NOBODY = ""


def record(
    event: str, about: Model, actor: AbstractBaseUser | None = None, *, changed: bool = False, **values: Any
) -> None:
    """One line: what happened, to which row, by whom if not by who is signed in.

    `changed` says that it has changed the row itself. `values` are what the sentence needs, and `writer` among them is
    the key of the person whose row it is; never a prompt, a password or a name.
    """
    action = LogEntry.Action.UPDATE if changed else LogEntry.Action.ACCESS
    line = {"action": action, "actor": actor, "additional_data": {"event": event} | values}
    LogEntry.objects.log_create(about, force_log=True, **line)


def record_stranger(event: str, **values: Any) -> None:
    """The same about somebody who has no account here."""
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(get_user_model()), object_pk=NOBODY, object_repr="somebody",
        action=LogEntry.Action.ACCESS, additional_data={"event": event} | values,
    )  # fmt: skip
