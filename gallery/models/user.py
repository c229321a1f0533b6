"""A member."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from gallery.models.member_names import check_letters, check_reserved, normal
from generator.models import Image
from generator.models.addresses import address

_NAMES = ("username", "first_name", "last_name")


def shown_name(username: str, first_name: str, last_name: str, left_at: datetime | None) -> str:
    """What a member is called on every page."""
    return "Former member" if left_at else f"{first_name} {last_name}".strip() or username


class User(AbstractUser):
    """A member. Their role is read off Django's own two flags, so that every package understands it."""

    class Role(models.TextChoices):
        MEMBER = "member", "Member"
        MODERATOR = "moderator", "Moderator"
        ADMIN = "admin", "Admin"

    class Theme(models.TextChoices):
        AUTO = "", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Layout(models.TextChoices):
        """How a grid of pictures is laid out."""

        ROWS = "rows", _("Rows")
        SQUARES = "squares", _("Squares")
        LIST = "list", _("List")

    class Density(models.TextChoices):
        """How large a grid shows its pictures."""

        SMALL = "small", _("Small")
        MEDIUM = "medium", _("Medium")
        LARGE = "large", _("Large")

    class Stacks(models.TextChoices):
        """Where a grid shows the pictures of one wish that stand side by side as one."""

        EXPLORE = "explore", _("In Explore")
        ON = "on", _("Everywhere")
        OFF = "off", _("Nowhere")

    theme = models.CharField(max_length=8, choices=Theme, default=Theme.AUTO, blank=True)
    language = models.CharField(max_length=10, blank=True, help_text="empty: as the browser asks")
    grid_layout = models.CharField(max_length=8, choices=Layout, blank=True, help_text="empty: rows")
    grid_density = models.CharField(max_length=8, choices=Density, blank=True, help_text="empty: medium")
    grid_stacks = models.CharField(max_length=8, choices=Stacks, blank=True, help_text="empty: in Explore")
    default_visibility = models.CharField(
        "who sees new pictures",
        max_length=8,
        choices=[("", "As usual here"), *Image.Visibility.choices],
        blank=True,
        help_text="what the form for new pictures starts with",
    )
    invitation = models.ForeignKey(
        "gallery.Invitation", on_delete=models.SET_NULL, null=True, blank=True, related_name="guests", editable=False
    )
    awaits_approval = models.BooleanField(default=False, help_text="asked to join; staff have not answered yet")
    left_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="deleted their own account")

    def __str__(self) -> str:
        return shown_name(self.username, self.first_name, self.last_name, self.left_at)

    def clean(self) -> None:
        """What they are called is checked when it changes: the first admin may be called so."""
        super().clean()
        self.first_name, self.last_name = normal(self.first_name), normal(self.last_name)
        known: Any = User.objects.filter(pk=self.pk).values("username", "first_name", "last_name").first() or {}
        changed = {name: getattr(self, name) for name in _NAMES if getattr(self, name) != known.get(name)}
        errors: dict[str, ValidationError] = {}
        for field, name in changed.items():
            try:
                check_letters(name)
                check_reserved(name)
            except ValidationError as error:
                errors[field] = error
        if errors:
            raise ValidationError(errors)
        if {"first_name", "last_name"} & {*changed}:
            check_reserved(self.first_name, self.last_name)

    def get_absolute_url(self) -> str:
        """The page of their pictures; empty once they have left."""
        return "" if self.left_at else address("member", self.username)

    @property
    def role(self) -> Role:
        if self.is_superuser:
            return self.Role.ADMIN
        return self.Role.MODERATOR if self.is_staff else self.Role.MEMBER

    @role.setter
    def role(self, role: str) -> None:
        self.is_superuser = role == self.Role.ADMIN
        self.is_staff = role in (self.Role.MODERATOR, self.Role.ADMIN)


def anybody(key: int, *, is_member: bool, is_staff: bool) -> User | AnonymousUser:
    """Somebody with these rights, for SQL that is made once for all who have them: `visible_to` knows nothing else of
    who asks than that, and their key.
    """
    return User(pk=key, is_staff=is_staff) if is_member else AnonymousUser()
