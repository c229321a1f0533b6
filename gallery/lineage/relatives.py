"""What a picture was made from and what was made from it, for the picture's own page."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest

from gallery.browse.tiles import COLUMNS, Picture, Tile, tiles
from gallery.models.user import anybody
from generator.models import Image
from generator.models.compiled import SOMETHING, Compiled

# Of what was made from a picture its page shows so many, the newest.
MOST = 12


class Relatives(NamedTuple):
    """Each of them seen by whoever asks. `has_more` says that more was made from it than is shown."""

    source: Tile | None
    made: list[Tile]
    has_more: bool

    def __bool__(self) -> bool:
        return bool(self.source or self.made)


def relatives(request: HttpRequest, image: Image) -> Relatives:
    """One query, and another one for a picture that was made from one."""
    user: Any = request.user
    who, parent = (user.is_authenticated, user.is_staff), image.generation.parent_id
    made = _made_from(*who).rows(user.pk, image.pk)
    source = _itself(*who).rows(user.pk, parent) if parent else []
    if not (made or source):
        return Relatives(None, [], has_more=False)
    shown = tiles(request, (Picture._make(row) for row in [*source, *made[:MOST]]))
    return Relatives(shown[0] if source else None, shown[len(source) :], len(made) > MOST)


@cache
def _made_from(is_member: bool, is_staff: bool) -> Compiled:
    def rows(person: int) -> QuerySet[Image, Any]:
        somebody = anybody(person, is_member=is_member, is_staff=is_staff)
        images = Image.objects.visible_to(somebody).filter(generation__parent=SOMETHING)
        return images.newest().values_list(*COLUMNS)[: MOST + 1]

    return Compiled(rows)


@cache
def _itself(is_member: bool, is_staff: bool) -> Compiled:
    def rows(person: int) -> QuerySet[Image, Any]:
        somebody = anybody(person, is_member=is_member, is_staff=is_staff)
        return Image.objects.visible_to(somebody).filter(pk=SOMETHING).order_by().values_list(*COLUMNS)

    return Compiled(rows)
