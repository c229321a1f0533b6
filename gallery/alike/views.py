"""Pages of pictures that look nearly the same."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery.access import members_only, noting, with_visible_image
from gallery.alike.nearly import nearly, twins
from gallery.browse.tiles import Picture, Tile, tiles
from gallery.paging import cursor, page_of
from generator.models import Image

MOST_ALIKE = 96
GROUPS = 12
# Of a larger group only the newest are shown.
MOST_OF_GROUP = 24


class Group(NamedTuple):
    """Some of one's pictures that look nearly the same; `pk` is the newest one's, `size` how many there are, and
    `more` how many of them are not shown."""

    pk: object
    tiles: list[Tile]
    size: int
    more: int


@require_safe
@with_visible_image
@noting
def alike(request: HttpRequest, image: Image) -> HttpResponse:
    """What looks nearly the same as a picture, the nearest first, behind the picture itself."""
    keys = nearly(request.user, image, MOST_ALIKE)
    others = Picture.among(Image.objects.visible_to(request.user), keys)
    context = {"image": image, "count": len(others), "tiles": tiles(request, [Picture.of(image), *others])}
    return render(request, "alike/alike.html", context)


@require_safe
@members_only
def duplicates(request: HttpRequest) -> HttpResponse:
    """Those of one's own pictures that look nearly the same, in groups, the newest first."""
    before = cursor(request.GET.get("before", ""))
    groups = twins(request.user)
    if before:
        groups = groups[next((at for at, group in enumerate(groups) if UUID(group[0]) < before), len(groups)) :]
    page = page_of(groups, GROUPS, before, cursor=lambda group: UUID(group[0]))
    shown = [[UUID(key) for key in group[:MOST_OF_GROUP]] for group in page.rows]
    own = Image.objects.editable_by(request.user)
    found = Picture.among(own, [*chain.from_iterable(shown)])
    ready = {tile.picture.pk: tile for tile in tiles(request, found, "?in=mine")}
    rows = [
        Group(some[0], [ready[pk] for pk in some if pk in ready], len(group), len(group) - len(some))
        for group, some in zip(page.rows, shown, strict=True)
    ]
    return render(request, "alike/duplicates.html", {"page": page.of(rows)})
