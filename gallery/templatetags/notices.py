"""Looking up what a notice is about."""

from __future__ import annotations

from uuid import UUID

from django import template

from gallery.models import Notice
from generator.models import Image

register = template.Library()


@register.filter
def of_notice(images: dict[UUID, Image], notice: Notice) -> Image | None:
    """The notice's picture, if the person may still see it."""
    return images.get(notice.image_id) if notice.image_id else None
