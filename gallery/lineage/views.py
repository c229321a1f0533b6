"""The page of a picture's family."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery.access import noting, with_visible_image
from gallery.browse.tiles import tiles
from gallery.lineage.rewording import MOST_LETTERS
from gallery.lineage.tree import family_of
from generator.models import Image


@require_safe
@with_visible_image
@noting
def family(request: HttpRequest, image: Image) -> HttpResponse:
    """What a picture was made from and what was made from it, as a tree, with what was changed at each step."""
    found = family_of(request.user, image)
    context = {
        "image": image,
        "family": found,
        "tiles": {tile.picture.pk: tile for tile in tiles(request, found.pictures)},
        "most_letters": MOST_LETTERS,
    }
    return render(request, "lineage/family.html", context)
