"""A member."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.urls import reverse

from generator.models import Image


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

    theme = models.CharField(max_length=8, choices=Theme, default=Theme.AUTO, blank=True)
    language = models.CharField(max_length=10, blank=True, help_text="empty: as the browser asks")
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
        return "Former member" if self.left_at else self.get_full_name() or self.username

    def get_absolute_url(self) -> str:
        """The page of their pictures; empty once they have left."""
        return "" if self.left_at else reverse("member", args=[self.username])

    @property
    def role(self) -> Role:
        if self.is_superuser:
            return self.Role.ADMIN
        return self.Role.MODERATOR if self.is_staff else self.Role.MEMBER

    @role.setter
    def role(self, role: str) -> None:
        self.is_superuser = role == self.Role.ADMIN
        self.is_staff = role in (self.Role.MODERATOR, self.Role.ADMIN)
