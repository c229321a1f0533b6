"""Fingerprints of pictures from before there were any: a worker makes them, bit by bit, of their thumbnails."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.db import Error
from PIL import Image as Pillow

from generator import store
from generator.imaging.fingerprint import fingerprint
from generator.models import Image
from generator.worker.points import tidied
from generator.worker.tasks import hand_over, in_rounds, outliving_outages

log = logging.getLogger(__name__)

TASK = "generator.worker.fingerprints.add_missing_fingerprints"
# Pictures of one look.
CHUNK = 100
# Pixels of the smallest copy, which is 320 wide and as high as it likes.
_MOST_PIXELS = 2**24


def missing() -> int:
    return Image.objects.filter(fingerprint=None).count()


@outliving_outages
def add_missing_fingerprints() -> None:
    """A worker's task, as long as there is something to add."""
    in_rounds(added(), TASK)


def added() -> Iterator[int]:
    """Give those pictures a fingerprint that have none, the newest first: how many, after each look.

    May be ended and begun again at any time. A picture without any thumbnail is left for another time: pages have a
    worker make lost ones again.
    """
    waiting = Image.objects.filter(fingerprint=None).newest()
    images = list(waiting[:CHUNK])
    while images:
        found = [image for image in images if _look(image)]
        for image in found:
            Image.objects.filter(pk=image.pk).update(fingerprint=image.fingerprint)
        yield len(found)
        images = list(waiting.filter(pk__lt=images[-1].pk)[:CHUNK])


def _look(image: Image) -> bool:
    name = next(store.remaining_thumbs(image, 0), None)
    if name is None:
        return False
    try:
        with store.open_file(name) as file, Pillow.open(file, formats=["WEBP"]) as small:
            if small.width * small.height > _MOST_PIXELS:
                return False
            image.fingerprint = fingerprint(small)
    except (OSError, ValueError, SyntaxError) as error:
        log.warning("a thumbnail of %s cannot be read: %s", image.pk, error)
        return False
    return True


def _have_some_added(**_more: Any) -> None:
    try:
        if Image.objects.filter(fingerprint=None).exists():
            hand_over(TASK)
    except Error as error:  # the next look comes
        log.warning("nobody can be asked for fingerprints: %s", error)


tidied.connect(_have_some_added, dispatch_uid="fingerprints")
