"""What is added, changed and deleted in the administration, as far as no watched row says so by itself."""

from __future__ import annotations

from typing import Any

from auditlog.registry import auditlog
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from generator.audit import record


class Audited(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Each list of the administration is one, those that packages bring too: no form of it leaves nothing behind."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change and not auditlog.contains(type(obj)):
            _record("row added", obj)
        elif change and (fields := _unwatched(obj, form.changed_data)):
            _record("row changed", obj, fields=fields)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Django's admin calls this before it deletes, on every way."""
        for row in queryset:
            if not auditlog.contains(type(row)):
                _record("row removed", row)
        return super().log_deletions(request, queryset)


def _record(event: str, row: Model, **values: Any) -> None:
    if owner := _owner(row):
        values["writer"] = owner
    record(event, row, changed=True, **values)


def _owner(row: Any) -> int | None:
    """The key of the member whose row it is: their address, their session, what they sign in with elsewhere."""
    own: int | None = getattr(row, "user_id", None) or getattr(getattr(row, "account", None), "user_id", None)
    return own


def _unwatched(row: Model, names: list[str]) -> list[str]:
    """Those of these columns whose values are in no other line; their names alone are written."""
    model = type(row)
    if not auditlog.contains(model):
        return names
    watched = auditlog.get_model_fields(model)["include_fields"]
    return [name for name in names if name not in watched and not model._meta.get_field(name).many_to_many]
