"""What a member is told in the page: what became of a picture, a comment or a report of theirs, and what is asked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from uuid6 import uuid7

from gallery.models.handover import Handover
from gallery.models.notice_words import SENTENCES, sentence
from generator.models import Image


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user: Any) -> NoticeQuerySet:
        return self.filter(user=user)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def waiting(self) -> NoticeQuerySet:
        """Questions about pictures of somebody who has left; each stays in sight until it is answered."""
        return self.filter(handover__state=Handover.State.OPEN)

    def told(self) -> NoticeQuerySet:
        """All others."""
        return self.exclude(handover__state=Handover.State.OPEN)

    def mark_read(self) -> int:
        return self.unread().update(read_at=timezone.now())


class Notice(models.Model):
    """Something said to one person; `image` is the picture it is about, for as long as there is one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    image = models.ForeignKey(
        Image, verbose_name="picture", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decision = models.ForeignKey(
        "gallery.Decision", on_delete=models.SET_NULL, null=True, blank=True, related_name="notices", editable=False
    )
    handover = models.ForeignKey(
        Handover, on_delete=models.SET_NULL, null=True, blank=True, related_name="notices", editable=False
    )
    text = models.TextField(max_length=1000, blank=True, help_text="what was said before there were kinds")
    kind = models.CharField(max_length=30, blank=True, editable=False)
    values = models.JSONField(default=dict, editable=False, help_text="what the sentence of the kind needs")
    question = models.BooleanField(default=False, help_text="staff wait for an answer")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_user_newest"),
            models.Index(fields=["user"], name="notice_unread", condition=models.Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.sentence[:80]

    @property
    def sentence(self) -> str:
        return sentence(self.kind, self.values) if self.kind in SENTENCES else self.text
