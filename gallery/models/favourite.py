"""Pictures that somebody wants to find again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models

from generator.models import Image

if TYPE_CHECKING:
    from gallery.models.user import User


class FavouriteQuerySet(models.QuerySet["Favourite"]):
    def keep(self, image: Image, user: User) -> None:
        """However often it is asked for, there is one; the first one stays where it is in the order."""
        self.bulk_create([Favourite(image=image, user=user)], ignore_conflicts=True)

    def number(self, image: Image, user: Any) -> int | None:
        """Where a picture stands in the order of somebody's favourites; None if it is none of them."""
        return self.filter(image=image, user_id=user.pk or 0).values_list("pk", flat=True).first()

    def numbers(self, keys: Iterable[UUID], user: Any) -> dict[UUID, int]:
        """The same of those of these pictures that are among them, by their keys."""
        return dict(self.filter(image__in=[*keys], user_id=user.pk or 0).values_list("image", "pk"))


class Favourite(models.Model):
    """A picture that a person keeps at hand. Keys are given one after the other, so that they tell what was added last.

    Whose favourites a picture is among is known to them alone; others are told how many people that are.
    """

    image = models.ForeignKey(
        Image, verbose_name="picture", on_delete=models.CASCADE, related_name="favourites", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites", db_index=False
    )
    kept_at = models.DateTimeField(auto_now_add=True)

    objects = FavouriteQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "image"], name="favourite_once_per_person")]
        indexes = [
            models.Index(fields=["user", "id"], name="favourite_added"),
            models.Index(fields=["image"], name="favourite_of"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id}"
