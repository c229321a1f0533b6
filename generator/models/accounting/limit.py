"""How much may be used: by one member, by a group, by everyone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce


class LimitQuerySet(models.QuerySet["Limit"]):
    def applying_to(self, user_id: Any) -> LimitQuerySet:
        """Every limit that this person's calls count against."""
        groups = self.model._meta.get_field("group").remote_field.model
        mine = Q(user=user_id) | Q(group__in=groups._default_manager.filter(user=user_id))
        return self.filter(mine | Q(user=None, group=None)).select_related("user", "group")


class Limit(models.Model):
    """An upper bound. Of all that apply to a person, the tightest one wins.

    Whose use is counted: `user`'s; `group`'s members together, or with `each` every one of them by themselves;
    without both, everyone together, or with `each` every member by themselves.
    """

    class What(models.TextChoices):
        PICTURES_DAY = "pictures/day", "Pictures a day"
        PICTURES_MONTH = "pictures/month", "Pictures a month"
        UNITS_MONTH = "units/month", "Usage units a month"
        MONEY_MONTH = "money/month", "Money a month"
        IN_FLIGHT = "in flight", "Calls at the same time"

    what = models.CharField("limit on", max_length=16, choices=What)
    amount = models.DecimalField("at most", max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="limits"
    )
    group = models.ForeignKey("auth.Group", on_delete=models.CASCADE, null=True, blank=True, related_name="limits")
    each = models.BooleanField(
        "each by themselves", default=False, help_text="for every member of the group (or of all) on their own"
    )
    changed_at = models.DateTimeField(auto_now=True)

    objects = LimitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None) | Q(group=None, each=False),
                name="limit_of_one_kind_of_people",
                violation_error_message="A limit is for one member, for a group or for everyone, not for two of them; "
                "“each by themselves” is for groups and for everyone.",
            ),
            # Written out, because to a database two empty columns are not the same.
            models.UniqueConstraint(
                "what",
                Coalesce("user", 0),
                Coalesce("group", 0),
                "each",
                name="limit_once",
                violation_error_message="There is such a limit for these people already. Change that one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {Decimal(self.amount).normalize():f}, {self.scope}"

    def clean(self) -> None:
        """What is counted in ones has no fractions."""
        if self.amount is not None and self.what != self.What.MONEY_MONTH and self.amount != int(self.amount):
            raise ValidationError({"amount": "Only money has fractions. Write a whole number."})

    @property
    def is_own(self) -> bool:
        """Whether everybody it is for is counted by themselves."""
        return self.user_id is not None or self.each

    @property
    def scope(self) -> str:
        """Whom it is for, in the words of staff."""
        if self.user:
            return str(self.user)
        if self.group:
            return f"each member of {self.group}" if self.each else f"all of {self.group} together"
        return "each member" if self.each else "everyone together"
