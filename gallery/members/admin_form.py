"""The form of a member in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError

from gallery.members.roles import LAST_ADMIN, would_remove_the_last_admin


class MemberAdminForm(UserChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        stays = given.get("is_active") and given.get("is_superuser")
        if not stays and self.instance.pk and would_remove_the_last_admin([self.instance.pk]):
            raise ValidationError(LAST_ADMIN)
        return given
