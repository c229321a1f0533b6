"""Very many pictures of one member, without their files: `python -m tests.e2e.walls painter00 600`.

Runs in the environment of an instance, beside its processes. Only their owner sees them, so that no other story does.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from uuid import uuid4

import django

SHAPES = [(192, 128), (128, 128), (128, 192), (224, 128)]
PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAIAAAHiYkAAAACwAAAAAAQABAAACAkQBADs="


def main(name: str, count: int) -> None:
    """The newest is called `wall 1`; all are older than what hangs there already."""
    from django.db import transaction
    from django.utils import timezone

    from gallery.models import User
    from generator.models import Call, Generation, Image

    user, now = User.objects.get(username=name), timezone.now()
    asked = {"model": "flux", "ratio": "1:1", "count": 1, "visibility": "private"}
    wishes = [Generation(user=user, prompt=f"wall {n}", token=uuid4().hex, **asked) for n in range(1, count + 1)]
    calls, images = [], []
    for number, wish in enumerate(wishes):
        then = now - timedelta(hours=1 + number)
        times = dict.fromkeys(("claimed_at", "sent_at", "received_at", "finished_at", "settled_at"), then)
        call = Call(generation=wish, user=user, number=1, state=Call.State.SUCCEEDED, pictures=1, **times)
        width, height = SHAPES[number % len(SHAPES)]
        calls.append(call)
        images.append(
            Image(
                id=Image.id_for(call, 0),
                call=call,
                generation=wish,
                user=user,
                index=0,
                file="nowhere.png",
                format=Image.Format.PNG,
                width=width,
                height=height,
                bytes=1,
                sha256="0" * 64,
                visibility="private",
                placeholder=PLACEHOLDER,
                created_at=then,
            )
        )  # fmt: skip
    with transaction.atomic():
        Generation.objects.bulk_create(wishes)
        Call.objects.bulk_create(calls)
        Image.objects.bulk_create(images)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gallery.settings")
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
