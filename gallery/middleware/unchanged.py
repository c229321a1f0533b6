"""A page that the browser has already is not sent once more.

Each is made anew for whoever asks, by the same rules as ever; only then it is compared. So nothing is remembered here,
and there is nothing to invalidate. The mark (`ETag`) is of the bytes, without the masked token of its forms, and of
what the browser sends with them: its session and the secret behind the token. To another session, and so to another
person, no mark of before means anything; and a page that is kept has forms that still can be sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac

_PURPOSE = "gallery.middleware.unchanged"
_TYPES = ("text/html", "application/json")
# As templates write it; a quote that a person typed is another word there.
_TOKEN = re.compile(rb'(csrf(?:middlewaretoken" value=|token": )")[A-Za-z0-9]{64}"')


class UnchangedMiddleware:
    """Comes before the one for sessions, so that it sees what they and the rest have made of an answer."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self._get_response(request)
        if request.method not in ("GET", "HEAD") or not _may_be_kept(response):
            return response
        response.headers["ETag"] = _mark(request, response.content)
        return get_conditional_response(request, etag=response.headers["ETag"], response=response)


def _may_be_kept(response: Any) -> bool:
    """Pages and JSON, unless they say that nobody is to keep them or how that is known."""
    if response.streaming or response.status_code != HTTPStatus.OK or response.has_header("ETag"):
        return False
    is_page = response.headers.get("Content-Type", "").startswith(_TYPES)
    return is_page and "no-store" not in response.headers.get("Cache-Control", "")


def _mark(request: HttpRequest, content: bytes) -> str:
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    said = f"{len(session)} {session} {request.META.get('CSRF_COOKIE', '')} ".encode(errors="surrogatepass")
    digest = salted_hmac(_PURPOSE, said + _TOKEN.sub(rb"\1", content), algorithm="sha256").hexdigest()
    return f'W/"{digest[:32]}"'
