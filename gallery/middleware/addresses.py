"""One function for every address that leaves the site: in shares, invitations, mails, files, and for OpenID Connect."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.encoding import iri_to_uri


def absolute(request: HttpRequest, location: str | None = None) -> str:
    """The whole address of one of our own. It begins with `VITRINE_BASE_URL`, by whichever name somebody came in."""
    if location is None or not settings.BASE_URL:
        return HttpRequest.build_absolute_uri(request, location)
    return iri_to_uri(urljoin(f"{settings.BASE_URL}/", location))


class AddressesMiddleware:
    """Has packages use the same function: all of them ask the request for whole addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.build_absolute_uri = partial(absolute, request)
        return self._get_response(request)
