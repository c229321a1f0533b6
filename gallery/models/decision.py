"""What staff decided about a report or a comment, and what it takes to undo it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from uuid6 import uuid7

from gallery.models.feedback import Comment, Report
from generator.models import Image


class Decision(models.Model):
    """One answer of staff to one item of the inbox.

    An item may have several, one after the other: undone ones, and questions that were answered. It is working
    state, and goes with its picture when that is deleted for good; the audit log keeps that it was made.
    """

    class Action(models.TextChoices):
        FINE = "fine", "No problem"
        HIDE = "hide", "Hide"
        TRASH = "trash", "Trash"
        ASK = "ask", "Ask the owner"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, null=True, blank=True, related_name="decisions")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="decisions")
    image = models.ForeignKey(Image, verbose_name="picture", on_delete=models.CASCADE, related_name="decisions")
    action = models.CharField(max_length=5, choices=Action)
    note = models.TextField(max_length=500, blank=True, help_text="what the owner was asked")
    answer = models.TextField(max_length=1000, blank=True, help_text="what the owner answered")
    before = models.JSONField(default=dict, editable=False, help_text="what it changed, to undo exactly that")
    batch = models.UUIDField(default=uuid7, editable=False, help_text="the same for all that one press decided")
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(report=None, comment__isnull=False) | models.Q(report__isnull=False, comment=None),
                name="decision_about_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["batch"], name="decision_batch")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} ({'report' if self.report_id else 'comment'})"

    @property
    def item(self) -> Report | Comment:
        item = self.report or self.comment
        assert item  # noqa: S101 - the constraint says so # nosec B101
        return item

    @property
    def can_be_undone(self) -> bool:
        """What the owner has answered is theirs, and the item is open again already."""
        return not (self.undone_at or self.answer)
