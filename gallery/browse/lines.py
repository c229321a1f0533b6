"""What a list of pictures says about each, beside what every tile does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Avg, CharField, FloatField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from gallery.browse.tiles import Picture
from gallery.models import Rating
from generator.models import Image


class Line(NamedTuple):
    """`model` is the one that answered or, if it did not say, the one that was asked; `stars` a mean, if there is
    one.
    """

    created_at: datetime
    bytes: int
    format: str
    model: str
    stars: float | None

    @property
    def file(self) -> str:
        """What kind of file it is, in words."""
        return str(Image.Format(self.format).label) if self.format in Image.Format.values else self.format


def lines(pictures: Sequence[Picture], *, is_member: bool) -> dict[UUID, Line]:
    """Of pictures that `visible_to` has let through, by their keys; one query. Stars are for members."""
    ratings = Rating.objects.all() if is_member else Rating.objects.none()
    given = ratings.filter(image=OuterRef("pk")).order_by().values("image").annotate(mean=Avg("stars"))
    said = NullIf("call__reply_model", Value("", CharField()))
    found = Image.objects.filter(pk__in=[picture.pk for picture in pictures]).order_by().values_list(
        "pk", "created_at", "bytes", "format", Coalesce(said, "generation__model"),
        Subquery(given.values("mean"), output_field=FloatField()),
    )  # fmt: skip
    return {pk: Line._make(row) for pk, *row in found}
