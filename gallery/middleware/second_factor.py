"""Staff who must have a second factor are led to set one up before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# What one needs to set one up, and to leave.
_OPEN = {
    "account_login", "account_logout", "account_reauthenticate", "account_set_password", "admin:logout", "admin:login",
    "openid_connect_login", "openid_connect_callback", "healthz", "healthz_media", "healthz_session", "readyz",
}  # fmt: skip
_NEEDED = "Staff need a second factor here: set up an authenticator app or a passkey, and everything opens."


class SecondFactorMiddleware:
    """Does nothing unless `VITRINE_STAFF_SECOND_FACTOR` is on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseBase | None:
        if not _is_missing(request):
            return None
        is_page = request.method == "GET" and "HX-Request" not in request.headers
        if not is_page or not request.accepts("text/html"):
            return HttpResponse(_NEEDED, "text/plain; charset=utf-8", status=403)
        messages.warning(request, _NEEDED)
        return redirect("mfa_index")


def _is_missing(request: HttpRequest) -> bool:
    """Whether this request must wait until a second factor is there."""
    user: Any = request.user
    if not (settings.STAFF_SECOND_FACTOR and user.is_staff):
        return False
    name = request.resolver_match.view_name if request.resolver_match else ""
    return name not in _OPEN and not name.startswith("mfa_") and not get_adapter().is_mfa_enabled(user, _FACTORS)
