"""Single pictures within pages of other things."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from gallery.browse.cards import cards as items
from gallery.browse.tiles import Picture, Tile, small, tiles
from generator.models import Image
from generator.templatetags.quick import quick

register = template.Library()


@register.simple_tag(takes_context=True)
def image_card(context: Context, image: Image, within: str = "", current: UUID | str = "") -> SafeString:
    """A picture that opens its page, which says whose it is. Only for those that `visible_to` has let through."""
    (tile,) = tiles(context["request"], [Picture.of(image)], within)
    return quick("browse/_card.html", tile=tile, current=current)


@register.simple_tag(takes_context=True)
def cards(context: Context, images: Iterable[Image]) -> dict[UUID, Tile]:
    """The same of many, by their ids, for quick templates that show them by `browse/_image_card.html`."""
    return {tile.picture.pk: tile for tile in tiles(context["request"], map(Picture.of, images))}


register.simple_tag(items, name="grid_items")


@register.simple_tag
def small_thumb(image: Image) -> SafeString:
    """A picture that opens nothing, for whoever may be shown it small."""
    return quick("browse/_one_thumb.html", picture=image, prompt=image.generation.prompt, small=small(image))
