"""Pictures that look as some words say, the nearest first. Who may see what was asked before."""

from __future__ import annotations

import logging
from functools import lru_cache
from heapq import nsmallest
from uuid import UUID

from gallery.models import Embedding
from gallery.semantic.encoder import EncoderError, encoder
from gallery.semantic.vectors import Vector, differing, kept, likeness
from generator.models.image_queryset import ImageQuerySet

log = logging.getLogger(__name__)

# So many of the newest are looked at, and so many of those that are nearest by their signs are put into order.
MOST_READ, MOST = 200_000, 500
_AT_ONCE = 5_000


def like(images: ImageQuerySet, words: str) -> list[UUID]:
    """Keys of those of `images` that are nearest to the words; none if the model fails. Two queries."""
    try:
        own = _vector(words)
    except (EncoderError, ValueError) as error:
        log.error("what is like %r cannot be found: %s", words, error)
        return []
    signs = int.from_bytes(own.signs, "little")
    known = images.filter(embedding__isnull=False).order_by("-pk").values_list("pk", "embedding__signs")[:MOST_READ]
    apart = ((differing(signs, bytes(other)), place, pk) for place, (pk, other) in enumerate(known.iterator(_AT_ONCE)))
    near = [pk for _, _, pk in nsmallest(MOST, apart)]
    steps = dict(Embedding.objects.filter(image__in=near).values_list("image", "steps"))
    return sorted((pk for pk in near if pk in steps), key=lambda pk: -likeness(own.steps, bytes(steps[pk])))


@lru_cache(200)
def _vector(words: str) -> Vector:
    """Pure by the words, and asked for again by each page of what was found."""
    return kept(encoder().text(words))
