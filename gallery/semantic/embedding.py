"""Has a worker tell what is in each picture, the newest first, bit by bit, from its copies."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.db import Error, transaction
from PIL import Image as Pillow

from gallery.models import Embedding
from gallery.semantic.encoder import EncoderError, encoder, is_ready
from gallery.semantic.vectors import kept
from generator import store
from generator.models import Image
from generator.models.image_queryset import ImageQuerySet, written
from generator.worker.points import tidied
from generator.worker.tasks import hand_over, in_rounds, outliving_outages

log = logging.getLogger(__name__)

TASK = "gallery.semantic.embedding.add_missing"
# Pictures of one look.
CHUNK = 16
# A model sees 224 pixels in each direction.
_WIDTH = 320


def watch() -> None:
    """Called once, when a site with a model starts."""
    written.connect(_soon, sender=Image, dispatch_uid="semantic")
    tidied.connect(_look, dispatch_uid="semantic")


def waiting() -> ImageQuerySet:
    return Image.objects.filter(embedding=None)


@outliving_outages
def add_missing() -> None:
    """A worker's task, as long as there is something to add. Another one at the same time does the same for nothing."""
    if not is_ready():
        return
    try:
        in_rounds(added(), TASK)
    except EncoderError as error:
        log.error("the model of pictures cannot be used: %s", error)


def added() -> Iterator[int]:
    """How many, after each look. A picture that cannot be read is left for another time. Raises EncoderError."""
    images = list(waiting().newest()[:CHUNK])
    while images:
        found = [embedding for image in images if (embedding := _embedded(image))]
        Embedding.objects.bulk_create(found, ignore_conflicts=True)
        yield len(found)
        images = list(waiting().newest().filter(pk__lt=images[-1].pk)[:CHUNK])


def _embedded(image: Image) -> Embedding | None:
    for name in store.remaining_thumbs(image, _WIDTH):
        try:
            with store.open_file(name) as file, Pillow.open(file, formats=["WEBP"]) as copy:
                return Embedding(image=image, **kept(encoder().picture(copy))._asdict())
        except (OSError, ValueError, SyntaxError) as error:
            log.warning("a thumbnail of %s cannot be read: %s", image.pk, error)
    return None


def _soon(**_more: Any) -> None:
    transaction.on_commit(_hand_over, robust=True)


def _hand_over() -> None:
    if is_ready():
        hand_over(TASK)


def _look(**_more: Any) -> None:
    with suppress(Error):  # the next look comes
        if waiting().exists():
            _hand_over()
