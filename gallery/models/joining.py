"""How one becomes a member: the rule of this instance, and invitations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from uuid6 import uuid7

from gallery.models.user import User

if TYPE_CHECKING:
    from uuid import UUID

SALT = "gallery.invitation"


class JoiningManager(models.Manager["Joining"]):
    def current(self) -> Joining:
        """The one row; made on first use."""
        return self.get_or_create(pk=1)[0]


class Joining(models.Model):
    """One row: who may become a member by themselves."""

    class Rule(models.TextChoices):
        CLOSED = "closed", "Nobody; admins make the accounts"
        INVITATION = "invitation", "Whoever has an invitation"
        APPROVAL = "approval", "Whoever asks, once staff approve; and whoever has an invitation"

    rule = models.CharField(max_length=12, choices=Rule, default=Rule.CLOSED)

    objects = JoiningManager()

    def __str__(self) -> str:
        return self.get_rule_display()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def good(self, now: datetime) -> InvitationQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=now, uses__lt=F("uses_allowed"))

    def of_token(self, token: str) -> Invitation | None:
        """The good invitation that this link's token names, if there is one."""
        try:
            pk: UUID = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            return None
        return self.good(timezone.now()).filter(pk=pk).first()


class Invitation(models.Model):
    """A link by which people become members. The link is signed, so that the table holds no secret."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.CharField(max_length=10, choices=User.Role, default=User.Role.MEMBER)
    group = models.ForeignKey("auth.Group", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=100, blank=True, help_text="whom it is for; only staff see it")
    uses_allowed = models.PositiveSmallIntegerField("how many people", default=1)
    uses = models.PositiveSmallIntegerField(default=0, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(uses__lte=F("uses_allowed")), name="invitation_not_overused"),
        ]

    def __str__(self) -> str:
        return self.note or str(self.pk)

    @property
    def token(self) -> str:
        return signing.dumps(str(self.pk), salt=SALT)

    @property
    def is_good(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.uses < self.uses_allowed

    def use(self) -> bool:
        """Count one guest; False if it has run out meanwhile. One conditional UPDATE: of two people one wins."""
        return Invitation.objects.good(timezone.now()).filter(pk=self.pk).update(uses=F("uses") + 1) == 1
