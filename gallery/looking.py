"""Looking at all pictures, those too that only their owners see: an act of its own, for half an hour, written down."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from generator.audit import record
from generator.models import Image

SECONDS = 30 * 60
_UNTIL, _OPENED = "looking_until", "looking_opened"
# Beyond so many pictures of one look a picture may get a second line.
_MOST_REMEMBERED = 500


def may_look(user: Any) -> bool:
    """Admins, and moderators where the instance says so."""
    return bool(user.is_staff and (user.is_superuser or settings.MODERATORS_LOOK))


def is_looking(request: HttpRequest) -> bool:
    """Whether this browser is in the middle of it; asks the session of staff alone."""
    user: Any = getattr(request, "user", None)
    if not (user and user.is_authenticated and may_look(user)):
        return False
    return float(request.session.get(_UNTIL, 0)) > time.time()


def begin(request: HttpRequest) -> None:
    user: Any = request.user
    record("looking", user)
    request.session[_UNTIL], request.session[_OPENED] = time.time() + SECONDS, []


def stop(request: HttpRequest) -> None:
    user: Any = request.user
    if request.session.pop(_UNTIL, None):
        record("looked enough", user)
    request.session.pop(_OPENED, None)


def note(request: HttpRequest, image: Image) -> None:
    """A line about a picture that is open to this person only because they look; one in each look."""
    opened = list(request.session.get(_OPENED, []))
    if image.pk.hex not in opened:
        record("opened", image)
        request.session[_OPENED] = [*opened, image.pk.hex][-_MOST_REMEMBERED:]
