"""What a person asked for, once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext
from uuid6 import uuid7

from generator.models.addresses import address
from generator.models.call import Call

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class Visibility(models.TextChoices):
    """Who may see a picture, from fewest to most."""

    PRIVATE = "private", "Only me"
    LINK = "link", "Whoever has the link"
    SHARED = "shared", "Everyone signed in"
    PUBLIC = "public", "Everyone"

    @classmethod
    def offered(cls) -> list[tuple[str, str]]:
        """For forms, where somebody chooses: they are told what staff may do all the same."""
        said = gettext("Only me (an administrator can open it; that is logged)")
        return [(choice.value, said if choice is cls.PRIVATE else str(choice.label)) for choice in cls]


class GenerationQuerySet(models.QuerySet["Generation"]):
    def visible_to(self, user: Any) -> GenerationQuerySet:
        """Its owner's and, for staff, everybody's: calls and failures are nobody else's business."""
        if not user.is_authenticated:
            return self.none()
        return self.all() if user.is_staff else self.filter(user=user)

    def with_calls(self) -> GenerationQuerySet:
        """Ready to be shown: calls and pictures in two further queries, whatever the number."""
        return self.select_related("user").prefetch_related("calls__images", "calls__retry")

    def book(self, user: AbstractBaseUser, token: str, **asked: Any) -> tuple[Generation, bool]:
        """The generation of this token and whether it is new: the same token never makes a second one.

        The calls are committed together with it, so that nothing is ever sent that no row knows of. LimitError, and
        nothing is written, if a limit of the user leaves no room for them.
        """
        with transaction.atomic():
            generation, is_new = self.get_or_create(user=user, token=token, defaults=asked)
            if is_new:
                generation._plan_calls()
        return generation, is_new


class Generation(models.Model):
    """A prompt and its settings. Its state is read off its calls, never stored twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="generations")
    prompt = models.TextField()
    model = models.CharField("model asked for", max_length=100)
    ratio = models.CharField(max_length=8, blank=True, help_text="ratio dialect")
    width = models.PositiveIntegerField(null=True, blank=True, help_text="pixels, size dialect")
    height = models.PositiveIntegerField(null=True, blank=True, help_text="pixels, size dialect")
    count = models.PositiveSmallIntegerField(default=1, help_text="pictures asked for")
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.SHARED)
    parent = models.ForeignKey(
        "generator.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="remixes",
        help_text="the picture this was remixed from",
    )
    token = models.CharField(max_length=64, help_text="one per form: a double click is one generation")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "token"], name="generation_once_per_token"),
            models.CheckConstraint(
                condition=models.Q(ratio="", width__isnull=False, height__isnull=False)
                | (~models.Q(ratio="") & models.Q(width=None, height=None)),
                name="generation_ratio_or_size",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="generation_user_newest"),
            models.Index(fields=["model", "-id"], name="generation_model_newest"),
        ]

    def __str__(self) -> str:
        return self.prompt[:80]

    def get_absolute_url(self) -> str:
        return address("generator:generation", self.pk)

    @property
    def aspect(self) -> float:
        """Width over height of what was asked for."""
        if self.width and self.height:
            return self.width / self.height
        across, _, down = self.ratio.partition(":")
        return int(across) / int(down)

    def _plan_calls(self) -> None:
        """The `size` dialect brings all pictures in one call, the `ratio` dialect one picture a call."""
        Call.objects.all().book(self, [1] * self.count if self.ratio else [self.count])

    def current_calls(self) -> list[Call]:
        """The calls that speak for it."""
        return self.speaking(self.calls.all())

    @staticmethod
    def speaking(calls: Iterable[Call]) -> list[Call]:
        """Of a generation's calls, not those sent again since, nor those a person has put away.

        Unless their reply came in late after all.
        """
        return [call for call in calls if call.has_reply or not (call.is_retried or call.dismissed_at)]

    @property
    def is_running(self) -> bool:
        return any(call.is_running for call in self.current_calls())
