"""Pictures of somebody who has left, offered to somebody who has not said yet whether they want them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from generator.models import Image

ANSWER_WITHIN = timedelta(days=30)


class HandoverQuerySet(models.QuerySet["Handover"]):
    def of(self, user: Any) -> HandoverQuerySet:
        """What this person is or was asked."""
        return self.filter(asked=user)

    def open(self) -> HandoverQuerySet:
        return self.filter(state=Handover.State.OPEN)

    def over(self, now: datetime) -> HandoverQuerySet:
        """Those to which no answer comes any more: it is too late, or whoever was asked is not here any more."""
        is_late = models.Q(created_at__lt=now - ANSWER_WITHIN)
        is_alone = models.Q(asked=None) | models.Q(asked__is_active=False)
        return self.open().filter(is_late | is_alone)

    def given_up(self) -> HandoverQuerySet:
        """Those whose pictures are to be deleted: nobody wanted them."""
        ended = (Handover.State.DECLINED, Handover.State.EXPIRED)
        return self.filter(state__in=ended, fallback=Handover.Fallback.DELETE)


class Handover(models.Model):
    """One question to one person. While it is open, the pictures are private ones of the former member.

        OPEN ──▶ ACCEPTED   the pictures are theirs, each shown as before
             ──▶ DECLINED   what `fallback` says; so does whoever leaves or is deactivated
             ──▶ EXPIRED    the same, after ANSWER_WITHIN

    What is offered to nobody is declined from the start, with nobody asked.

    Each step is one conditional UPDATE, with all that follows from it in the same transaction. Only deleting, which
    takes its time, is a worker's: the pictures stay offered and private until it is done.
    """

    class State(models.TextChoices):
        OPEN = "open", _("not answered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("not answered in time")

    class Fallback(models.TextChoices):
        DELETE = "delete", _("Delete them")
        KEEP = "keep", _("Keep them, shown to nobody (an administrator can open them; that is logged)")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", help_text="whose pictures they were"
    )
    name = models.CharField(max_length=310, blank=True, help_text="what they were called; until there is an answer")
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    fallback = models.CharField(max_length=6, choices=Fallback, default=Fallback.DELETE)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    pictures = models.PositiveIntegerField()
    prompts = models.PositiveIntegerField()
    first_at = models.DateTimeField(help_text="when the first of the pictures was made")
    last_at = models.DateTimeField(help_text="when the last one was")
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", answered_at=None) | models.Q(name="", answered_at__isnull=False),
                name="handover_forgets_the_name",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="handover_open", condition=models.Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.pictures} pictures ({self.get_state_display()})"

    @property
    def answer_by(self) -> datetime:
        return self.created_at + ANSWER_WITHIN


class OfferedPicture(models.Model):
    """A picture of an open handover, or of one whose pictures are being deleted, and who saw it before."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="offered")
    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="offered", verbose_name="picture")
    visibility = models.CharField(max_length=8, choices=Image.Visibility)

    def __str__(self) -> str:
        return str(self.image_id)
