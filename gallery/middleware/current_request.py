"""Who is at work: the request that a line of the log comes from."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

_request: ContextVar[HttpRequest | None] = ContextVar("audited_request", default=None)


class AuditMiddleware:
    """Remembers the request while it is answered; asks nothing of the database before there is a line to write.

    The package's own one would believe any `X-Forwarded-For`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _request.set(request)
        try:
            return self._get_response(request)
        finally:
            _request.reset(token)


def current_request() -> HttpRequest | None:
    """None in commands and workers."""
    return _request.get()


def current_actor() -> int | None:
    user = getattr(_request.get(), "user", None)
    return user.pk if user and user.is_authenticated else None


def current_address() -> str | None:
    """The IP address as the rate limits see it: behind a proxy what that says, else nobody's word for it."""
    request = _request.get()
    if request is None:
        return None
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # a socket without an address
        return None
