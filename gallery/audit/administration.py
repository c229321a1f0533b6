"""What is added, changed and deleted in the administration, as far as no watched row says so by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from auditlog.registry import auditlog
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from gallery.middleware.current_request import current_actor
from gallery.models import Notice, User
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
    owner = row.pk if isinstance(row, User) else _owner(row)
    if owner and row.pk != owner:
        values["writer"] = owner
    record(event, row, changed=True, **values)
    if owner and (kind := _taken_over(event, row, values.get("fields", ()))):
        tell_of_take_over(owner, kind)


def _taken_over(event: str, row: Model, fields: Iterable[str]) -> str:
    """Which way into somebody's account staff have changed, as a kind of notice."""
    if isinstance(row, Authenticator):
        return "factor removed" if event == "row removed" else ""
    is_address = isinstance(row, EmailAddress | SocialAccount) or (
        isinstance(row, User) and {"email", "username"} & {*fields}
    )
    return "address changed" if is_address else ""


def tell_of_take_over(member: int, kind: str) -> None:
    """The member is told, unless they did it themselves."""
    if current_actor() != member and User.objects.filter(pk=member, left_at=None).exists():
        Notice.objects.create(user_id=member, kind=kind)


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
