"""What pictures from before anybody looked look like: a worker finds it out, bit by bit, from their thumbnails."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.db import Error
from PIL import Image as Pillow

from generator import store
from generator.imaging.fingerprint import fingerprint
from generator.imaging.palette import palette
from generator.models import Image
from generator.models.image_queryset import ImageQuerySet
from generator.worker.points import tidied
from generator.worker.tasks import hand_over, in_rounds, outliving_outages

log = logging.getLogger(__name__)

TASK = "generator.worker.looks.add_missing_looks"
# Pictures of one look.
CHUNK = 100
# Pixels of the smallest copy, which is 320 wide and as high as it likes.
_MOST_PIXELS = 2**24


def missing() -> int:
    """How many pictures nobody has looked at."""
    return _waiting().count()


@outliving_outages
def add_missing_looks() -> None:
    """A worker's task, as long as there is something to add."""
    in_rounds(added(), TASK)


def added() -> Iterator[int]:
    """Give those pictures a fingerprint and colours that have none, the newest first: how many, after each look.

    May be ended and begun again at any time. A picture without any thumbnail is left for another time: pages have a
    worker make lost ones again.
    """
    waiting = _waiting().newest()
    images = list(waiting[:CHUNK])
    while images:
        found = [image for image in images if _look(image)]
        Image.objects.all().describe(found, "fingerprint", "colours")
        yield len(found)
        images = list(waiting.filter(pk__lt=images[-1].pk)[:CHUNK])


def _waiting() -> ImageQuerySet:
    """Colours were the last to be looked for: what has them has a fingerprint, too."""
    return Image.objects.filter(colours=None)


def _look(image: Image) -> bool:
    name = next(store.remaining_thumbs(image, 0), None)
    if name is None:
        return False
    try:
        with store.open_file(name) as file, Pillow.open(file, formats=["WEBP"]) as small:
            if small.width * small.height > _MOST_PIXELS:
                return False
            image.fingerprint, image.colours = fingerprint(small), palette(small)
    except (OSError, ValueError, SyntaxError) as error:
        log.warning("a thumbnail of %s cannot be read: %s", image.pk, error)
        return False
    return True


def _have_some_looked_at(**_more: Any) -> None:
    try:
        if _waiting().exists():
            hand_over(TASK)
    except Error as error:  # the next look comes
        log.warning("nobody can be asked to look at pictures: %s", error)


tidied.connect(_have_some_looked_at, dispatch_uid="looks")
