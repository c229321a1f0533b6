"""The way to an OpenID Connect provider, which may be away."""

from __future__ import annotations

import logging

from allauth.socialaccount.providers.openid_connect.views import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = logging.getLogger(__name__)


def oidc_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """allauth's, except that a provider who does not answer, or not as one should, is a page and no crash."""
    try:
        return login(request, provider_id)  # type: ignore[no-any-return]
    except (OSError, KeyError, TypeError) as error:  # every failure of the network is an OSError
        log.error("The OpenID Connect provider does not answer as it should: %s: %s", type(error).__name__, error)
        return render(request, "socialaccount/authentication_error.html", {"is_away": True}, status=503)
