"""Somebody who is signed in, for requests to the running web server."""

from __future__ import annotations

from django.conf import settings
from django.test import Client

from gallery.models import User
from tests.process import session_cookie


def cookies_of(name: str, base: str) -> dict[str, str]:
    """Those of a session of theirs; they join if they have not yet."""
    user, _ = User.objects.get_or_create(username=name)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return {session_cookie(base): client.cookies[settings.SESSION_COOKIE_NAME].value}
