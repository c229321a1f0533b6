"""What members say about pictures: stars, comments, reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Avg, Count
from django.utils import timezone
from uuid6 import uuid7

from generator.models import Image

if TYPE_CHECKING:
    from gallery.models.user import User


class RatingQuerySet(models.QuerySet["Rating"]):
    def summary(self, image: Image) -> dict[str, Any]:
        """Average (or None) and number of an image's stars."""
        return self.filter(image=image).aggregate(average=Avg("stars"), count=Count("pk"))

    def rate(self, image: Image, user: User, stars: int) -> None:
        """One rating per person; 0 takes it back."""
        if stars:
            self.update_or_create(image=image, user=user, defaults={"stars": stars})
        else:
            self.filter(image=image, user=user).delete()


class Rating(models.Model):
    """One person's stars for a picture."""

    image = models.ForeignKey(Image, verbose_name="picture", on_delete=models.CASCADE, related_name="ratings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ratings")
    stars = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    rated_at = models.DateTimeField(auto_now=True)

    objects = RatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "user"], name="rating_once_per_person"),
            models.CheckConstraint(condition=models.Q(stars__range=(1, 5)), name="rating_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} of 5"


class CommentQuerySet(models.QuerySet["Comment"]):
    def shown_to(self, user: Any) -> CommentQuerySet:
        """What stands under a picture: a hidden comment is there for its writer only, a trashed one for nobody."""
        return self.filter(
            models.Q(state=Comment.State.SHOWN) | models.Q(state=Comment.State.HIDDEN, user_id=user.pk or 0)
        )


class Comment(models.Model):
    """Something a person says about a picture."""

    class State(models.TextChoices):
        SHOWN = "shown", "Shown"
        HIDDEN = "hidden", "Hidden"
        TRASHED = "trashed", "In the trash"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    image = models.ForeignKey(Image, verbose_name="picture", on_delete=models.CASCADE, related_name="comments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comments")
    text = models.TextField(max_length=2000)
    token = models.CharField(max_length=64, help_text="one per form: a double click is one comment")
    state = models.CharField(max_length=7, choices=State, default=State.SHOWN)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="when staff looked at it")

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "token"], name="comment_once_per_token"),
        ]
        indexes = [
            models.Index(fields=["-id"], name="comment_new", condition=models.Q(seen_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def save(self, *args: Any, **options: Any) -> None:
        """In one transaction with whatever follows from it, such as its words, which are searched for."""
        with transaction.atomic():
            super().save(*args, **options)

    def edit(self, text: str) -> None:
        """Its writer says something else, which staff look at anew. What is hidden stays so."""
        self.text, self.edited_at, self.seen_at = text, timezone.now(), None
        self.save(update_fields=["text", "edited_at", "seen_at"])

    def get_additional_data(self) -> dict[str, Any]:
        """What the audit log keeps of a comment that is deleted: not its words."""
        return {"writer": self.user_id, "picture": str(self.image_id)}


class Report(models.Model):
    """A person asks staff to look at a picture."""

    class Reason(models.TextChoices):
        OFFENSIVE = "offensive", "Offensive or upsetting"
        PRIVACY = "privacy", "Shows a real person or private matter"
        RIGHTS = "rights", "Breaks somebody's rights"
        OTHER = "other", "Something else"
        # Not a choice of the form: the owner of a picture that staff have hidden asks them to look again.
        APPEAL = "appeal", "Its owner asks to look again"

        @classmethod
        def offered(cls) -> list[tuple[str, Any]]:
            """What one may report a picture for."""
            return [(reason.value, reason.label) for reason in cls if reason is not cls.APPEAL]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    image = models.ForeignKey(Image, verbose_name="picture", on_delete=models.CASCADE, related_name="reports")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=12, choices=Reason)
    text = models.TextField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["image", "user"], condition=models.Q(resolved_at=None), name="report_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], name="report_open", condition=models.Q(resolved_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()
