"""The forms of a member in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.db import transaction

from gallery.audit.administration import tell_of_take_over
from gallery.people.roles import LAST_ADMIN, would_remove_the_last_admin
from generator.audit import record

GROUPS = "Limits and the review of usage go by them. What somebody may do comes from the role alone."


class MemberAdminForm(UserChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "groups" in self.fields:  # not in the forms that only look
            self.fields["groups"].help_text = GROUPS

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        stays = given.get("is_active") and given.get("is_superuser")
        if not stays and self.instance.pk and would_remove_the_last_admin([self.instance.pk]):
            raise ValidationError(LAST_ADMIN)
        return given


class MemberPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Somebody else's password; that it was set is in the audit log."""

    def save(self, commit: bool = True) -> Any:
        with transaction.atomic():
            user = super().save(commit)
            record("password set", user, changed=True)
            tell_of_take_over(user.pk, "password set")
        return user
