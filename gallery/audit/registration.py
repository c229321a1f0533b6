"""Which rows the audit log watches, what it leaves out, and who signs in. Called once, when the site starts."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as second_factor
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from auditlog.signals import pre_log
from django.contrib.auth import signals as auth
from django.contrib.auth.models import Group
from django.db.models import Model
from django.db.models.signals import pre_delete, pre_save
from django.utils.crypto import salted_hmac

from gallery.middleware.current_request import current_actor, current_address, current_request
from gallery.models import Comment, Invitation, Joining, User
from generator.audit import record, record_stranger
from generator.models import Image, Limit, Price

# Made by the thousand by members and workers, and each has a history of its own.
_QUIET = {Image, Comment}
# As long as a username can be.
_MOST_LETTERS = 150


class AppendOnlyError(Exception):
    """A line of the audit log was to be changed or removed."""


def watch() -> None:
    auditlog.register(
        User,
        include_fields=["is_active", "is_staff", "is_superuser", "awaits_approval", "left_at", "invitation"],
        m2m_fields={"groups"},
    )
    auditlog.register(Image, include_fields=["visibility", "trashed_at", "hidden_at", "removed_at", "user"])
    auditlog.register(Comment, include_fields=["state"])
    auditlog.register(Joining, include_fields=["rule"])
    auditlog.register(Invitation, include_fields=["role", "group", "uses_allowed", "expires_at", "revoked_at"])
    auditlog.register(Limit, include_fields=["what", "amount", "user", "group", "each"])
    auditlog.register(Price, include_fields=["model", "valid_from", "per_call", "per_picture", "per_unit"])
    auditlog.register(Group, include_fields=["name"])
    pre_log.connect(_is_wanted, dispatch_uid="audit")
    pre_save.connect(_complete, sender=LogEntry, dispatch_uid="audit")
    pre_delete.connect(_refuse, sender=LogEntry, dispatch_uid="audit")
    auth.user_logged_in.connect(_signed_in, dispatch_uid="audit")
    auth.user_logged_out.connect(_signed_out, dispatch_uid="audit")
    auth.user_login_failed.connect(_failed, dispatch_uid="audit")
    for signal, event in ((account.password_changed, "password"), (account.password_reset, "password reset")):
        signal.connect(_event(event), dispatch_uid=f"audit {event}", weak=False)
    account.email_confirmed.connect(_address_confirmed, dispatch_uid="audit")
    for signal, event in (
        (second_factor.authenticator_added, "factor added"),
        (second_factor.authenticator_removed, "factor removed"),
        (second_factor.authenticator_reset, "factor reset"),
    ):
        signal.connect(_factor_event(event), dispatch_uid=f"audit {event}", weak=False)
    second_factor.authentication_failed.connect(_factor_event("factor failed"), dispatch_uid="audit", weak=False)


def _is_wanted(sender: Any, action: int, **_more: Any) -> bool:
    """Not what workers do, nor the making of pictures and comments, nor the row of a rule that nobody set yet."""
    if sender in _QUIET:
        return action != LogEntry.Action.CREATE and current_request() is not None
    return not (sender is Joining and action == LogEntry.Action.CREATE)


def _complete(instance: LogEntry, **_more: Any) -> None:
    """Who and from where; and keys instead of names, which people may take along when they leave."""
    if not instance._state.adding:
        raise AppendOnlyError
    instance.actor_id = instance.actor_id or current_actor()
    instance.remote_addr = instance.remote_addr or current_address()
    instance.actor_email = None
    model = instance.content_type.model_class()
    instance.object_repr = f"{model._meta.verbose_name if model else 'row'} {instance.object_pk}".strip()


def _refuse(**_more: Any) -> None:
    raise AppendOnlyError


def _member(user: Model) -> User | None:
    """Who signs in is nobody yet to the request, and who signs out is nobody any more."""
    return user if isinstance(user, User) else None


def _signed_in(user: Model, **_more: Any) -> None:
    record("signed in", user, _member(user))


def _signed_out(user: Model | None, **_more: Any) -> None:
    if user is not None and user.pk:
        record("signed out", user, _member(user))


def _failed(credentials: dict[str, Any], **_more: Any) -> None:
    """A name that nobody has is not kept: people type their password there. Its mark, of no other use, tells which
    attempts were at the same one."""
    name = str(credentials.get("username") or credentials.get("email") or "")[:_MOST_LETTERS].replace("\0", "")
    if known := User.objects.filter(username=name).first():
        record("failed", known)
    else:
        record_stranger("failed", mark=salted_hmac("gallery.audit", name).hexdigest()[:6])


def _address_confirmed(email_address: Any, **_more: Any) -> None:
    """Only that somebody else has done so: what members do about their own addresses is their affair."""
    if current_actor() not in (None, email_address.user_id):
        record("address confirmed", email_address.user)


def _event(event: str) -> Any:
    def receive(user: Model, **_more: Any) -> None:
        record(event, user)

    return receive


def _factor_event(event: str) -> Any:
    def receive(user: Model, authenticator: Any = None, **_more: Any) -> None:
        record(event, user, factor=str(getattr(authenticator, "type", "")))

    return receive
