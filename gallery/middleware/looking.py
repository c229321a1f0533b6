"""Tells every room, those too that know nothing of sessions and staff, whether all pictures are being looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from gallery.looking import is_looking


class LookingMiddleware:
    """Sets `request.is_looking`, which asks nothing of the session before somebody reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.is_looking = SimpleLazyObject(lambda: is_looking(request))
        return self._get_response(request)
