"""A browser in which somebody has signed in before: whoever guesses their password elsewhere does not lock them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

_SALT = "gallery.middleware.known_browser"
_YEAR = 365 * 24 * 3600
# People who share a browser; the one who came first is forgotten.
_MOST = 5


class KnownBrowserMiddleware:
    """Remembers in a cookie of its own, signed and of no other use, who has signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self._get_response(request)
        if name := getattr(request, "has_signed_in", ""):
            known = [mark for mark in _marks(request) if mark != _mark(name)]
            response.set_cookie(
                settings.KNOWN_COOKIE_NAME, signing.dumps([*known, _mark(name)][-_MOST:], salt=_SALT), max_age=_YEAR,
                secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
            )  # fmt: skip
        return response


def knows(request: HttpRequest, name: str) -> bool:
    """Whether somebody has signed in by this name here."""
    return _mark(name) in _marks(request)


def _marks(request: HttpRequest) -> list[str]:
    try:
        return list(signing.loads(request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), salt=_SALT, max_age=_YEAR))
    except signing.BadSignature:
        return []


def _mark(name: str) -> str:
    return salted_hmac(_SALT, name.lower()).hexdigest()[:16]


def _signed_in(request: Any, user: Any, **_more: Any) -> None:
    if request is not None:
        request.has_signed_in = user.get_username()


def watch() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="known browser")
