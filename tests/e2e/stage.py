"""Members who are signed in, and pictures of theirs: `python -m tests.e2e.stage '{"painters": 2, ...}'`.

Runs in the environment of one instance, before its processes start and want to write, too, and prints what it made as
JSON. One run makes everything, because starting Django takes longer than all the rest.
"""

from __future__ import annotations

import base64
import colorsys
import io
import json
import os
import sys
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import django

MONTHS = 14
PASSWORD = "seven-brushes-dry"
# The pictures of a family, each with the place of the one it was made from.
FAMILY = [
    (None, "A lighthouse on a cliff, oil painting"), (0, "A lighthouse on a cliff at dusk, oil painting"),
    (0, "A lighthouse on a cliff, watercolour"), (0, "An old lighthouse on a rock, oil painting"),
    (1, "A lighthouse on a cliff at dusk, storm, oil painting"), (1, "A lighthouse on a cliff at dawn, oil painting"),
    (2, "A lighthouse and two boats on a cliff, watercolour"), (4, "A lighthouse in a storm at dusk, oil painting"),
    (4, "A lighthouse on a cliff at dusk, storm, oil painting"), (7, "A lighthouse in a storm at night, ink"),
    (6, "A lighthouse and seven boats, watercolour on grey paper"), (9, "A lighthouse in a storm at night, woodcut"),
]  # fmt: skip
SHAPES = [(192, 128), (128, 128), (128, 192), (224, 128), (160, 128)]


def main(
    painters: int = 0, newcomers: int = 0, staff: int = 0, travellers: int = 0, elders: int = 0, pictures: int = 0
) -> dict[str, Any]:
    """Each painter has so many pictures; newcomers have none, nor have `staff` moderators and as many admins.
    Travellers have one of each of the last MONTHS, for themselves alone; elders have a FAMILY of pictures.
    """
    from django.contrib.auth.hashers import make_password
    from django.db import transaction
    from django.template.loader import render_to_string

    from gallery.search import index

    password = make_password(PASSWORD)
    with transaction.atomic():
        people = [_person(f"painter{n:02}", password, pictures) for n in range(painters)]
        people += [_person(f"newcomer{n:02}", password, 0) for n in range(newcomers)]
        people += [_person(f"{role}{n:02}", password, 0, role) for role in ("moderator", "admin") for n in range(staff)]
        people += [_traveller(f"traveller{n:02}", password) for n in range(travellers)]
        people += [_elder(f"elder{n:02}", password) for n in range(elders)]
    index.add_older()
    pages = {name: render_to_string(name) for name in ("400.html", "403.html", "500.html")}
    return {"people": people, "pages": pages}


def _person(name: str, password: str, pictures: int, role: str = "member") -> dict[str, Any]:
    from django.conf import settings
    from django.test import Client

    from gallery.models import User

    user = User(username=name, password=password)
    user.role = role  # type: ignore[method-assign, assignment]
    user.save()
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    made = [_picture(user, f"{name}, study {n}", SHAPES[n % len(SHAPES)]) for n in range(1, pictures + 1)]
    return {"name": name, "role": role, "session": session, "pictures": made}


def _traveller(name: str, password: str) -> dict[str, Any]:
    from django.utils import timezone

    from gallery.models import User

    told, moment = _person(name, password, 0), timezone.now()
    user = User.objects.get(username=name)
    for ago in range(MONTHS):
        size = SHAPES[ago % len(SHAPES)]
        told["pictures"].append(_picture(user, f"{name}, month {ago}", size, moment, visibility="private"))
        moment = (moment.replace(day=1) - timedelta(days=1)).replace(day=15)
    return told | {"role": "traveller"}


def _elder(name: str, password: str) -> dict[str, Any]:
    from gallery.models import User

    told = _person(name, password, 0)
    user, made = User.objects.get(username=name), told["pictures"]
    for place, (source, prompt) in enumerate(FAMILY):
        parent = None if source is None else made[source]
        made.append(_picture(user, prompt, SHAPES[place % len(SHAPES)], parent=parent))
    return told | {"role": "elder"}


def _picture(user: Any, prompt: str, size: tuple[int, int], now: datetime | None = None, **more: Any) -> str:
    """A small picture as if the API had sent it, now if nothing is said; with its thumbnails."""
    from pathlib import Path

    from django.conf import settings
    from django.utils import timezone

    from generator import store
    from generator.imaging.thumbnails import render
    from generator.models import Call, Image
    from generator.submit import Wish, submit

    parent = Image.objects.filter(pk=more.pop("parent", None)).first()
    wish = Wish(prompt=prompt, model=more.pop("model", "flux"), ratio="1:1", parent=parent)
    call = submit(user, wish, uuid4().hex).generation.calls.get()
    now = now or timezone.now()
    receipt = {"reply_id": "imagen_" + uuid4().hex[:24] * 2, "reply_model": "flux", "usage": 152, "api_user": 7}
    times = dict.fromkeys(("claimed_at", "sent_at", "received_at", "finished_at", "reply_created"), now)
    Call.objects.filter(pk=call.pk).update(state=Call.State.SUCCEEDED, elapsed_time=3.2, **receipt, **times)
    call.refresh_from_db()
    pk = Image.id_for(call, 0)
    path = Path(settings.MEDIA_ROOT, Image.original_name(pk, "png"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content := _drawn(prompt, size))
    image = Image.objects.create(
        id=pk, call=call, generation=call.generation, user=user, index=0, file=Image.original_name(pk, "png"),
        format=Image.Format.PNG, width=size[0], height=size[1], bytes=len(content), sha256="0" * 64,
        placeholder="data:image/png;base64," + base64.b64encode(_drawn(prompt, (4, 3))).decode(),
        created_at=now, **more,
    )  # fmt: skip
    picture = render(path, lambda width: store.thumb_path(image, width), settings.MAX_PIXELS)
    image.fingerprint, image.colours = picture.fingerprint, picture.colours
    image.save(update_fields=["fingerprint", "colours"])
    return str(pk)


def _drawn(prompt: str, size: tuple[int, int]) -> bytes:
    from PIL import Image as Pillow
    from PIL import ImageOps

    red, green, blue = colorsys.hsv_to_rgb(sum(prompt.encode()) * 37 % 360 / 360, 0.55, 1)
    light = (int(red * 255), int(green * 255), int(blue * 255))
    target = io.BytesIO()
    grey = Pillow.linear_gradient("L").resize(size)
    ImageOps.colorize(grey, "#1d2430", light).save(target, "PNG")
    return target.getvalue()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gallery.settings")
    django.setup()
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))))
