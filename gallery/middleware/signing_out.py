"""What a browser keeps of somebody ends when they sign out in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from gallery.browse import signed_urls

# Never "cookies": they would go from every other site of the same host, too.
CLEAR = '"cache", "storage"'
_PURPOSE = "gallery.middleware.signing_out"


def account_key(user: Any) -> str:
    """Tells accounts apart in a browser, and nothing else; empty for visitors."""
    return salted_hmac(_PURPOSE, str(user.pk)).hexdigest()[:16] if user and user.is_authenticated else ""


class SigningOutMiddleware:
    """The answer to signing out empties what browsers keep, where they listen: on https.

    Everywhere scripts compare the account that a page was made for with the one in a cookie of no other use
    (`static/js/page.js`), so that Back shows nobody else's page, and drafts are nobody else's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self._get_response(request)
        if getattr(request, "has_signed_out", False):
            response.headers["Clear-Site-Data"] = CLEAR
            response.delete_cookie(settings.ACCOUNT_COOKIE_NAME, samesite="Lax")
        elif (key := getattr(request, "shown_account", "")) and key != request.COOKIES.get(
            settings.ACCOUNT_COOKIE_NAME
        ):
            response.set_cookie(
                settings.ACCOUNT_COOKIE_NAME, key, max_age=settings.SESSION_COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE, samesite="Lax",
            )  # fmt: skip
        return response


def sign_out(request: Any) -> None:
    """Somebody signs out in this browser, by whichever door."""
    request.has_signed_out = True
    signed_urls.forget(request.session.session_key)


def _signed_out(request: HttpRequest | None, **_more: Any) -> None:
    if request is not None:
        sign_out(request)


def watch() -> None:
    user_logged_out.connect(_signed_out, dispatch_uid="signing out")
