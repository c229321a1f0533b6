"""Doors of the pages about people."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

View = Callable[..., HttpResponseBase]


def staff_only(view: View) -> View:
    """Visitors are sent to sign in; to members there is nothing here."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        user: Any = request.user
        if not user.is_authenticated:
            # After signing in an address that takes POSTs only would be a dead end.
            return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("people"))
        if not user.is_staff:
            raise Http404("for staff")
        return view(request, *args, **more)

    return wrapped


def admins_only(view: View) -> View:
    """The same, and moderators are told that they may not."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        user: Any = request.user
        if not user.is_superuser:
            raise PermissionDenied("for admins")
        return view(request, *args, **more)

    return staff_only(wrapped)
