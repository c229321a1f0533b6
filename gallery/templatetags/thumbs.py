"""Addresses of thumbnails that carry a proof for the browser that asked for the page."""

from __future__ import annotations

from django import template
from django.template import Context

from gallery.browse.signed_urls import thumb_addresses
from generator.models import Image

register = template.Library()


@register.simple_tag(takes_context=True)
def proven_thumbs(context: Context, image: Image) -> list[tuple[int, str]]:
    """Pairs of width and address, as `Image.thumbs`. Only for pictures that `visible_to` has let through."""
    return thumb_addresses(context["request"], image)
