"""The pictures that came of one prompt together."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import QuerySet

from gallery.browse.tiles import COLUMNS, Picture
from gallery.models.user import anybody
from generator.models import Image
from generator.models.compiled import SOMETHING, Compiled


def siblings(user: Any, image: Image) -> list[Picture]:
    """The pictures of the same generation that this person may see, in the order they were asked for."""
    found = _siblings(user.is_authenticated, user.is_staff).rows(user.pk, image.generation_id)
    return [Picture._make(row) for row in found]


@cache
def _siblings(is_member: bool, is_staff: bool) -> Compiled:
    def rows(person: int) -> QuerySet[Image, Any]:
        somebody = anybody(person, is_member=is_member, is_staff=is_staff)
        images = Image.objects.visible_to(somebody).filter(generation=SOMETHING)
        return images.order_by("call__number", "index").values_list(*COLUMNS)

    return Compiled(rows)
