"""Requests to the OpenID Connect provider. A page waits for each, so they are few at a time and end within seconds."""

from __future__ import annotations

import threading
from typing import Any

import requests
from allauth.socialaccount import app_settings

from generator.onlysq.wire import Wire, WireSession

# For one request with its redirects, however slowly the provider talks.
SECONDS = 10
# Threads of this process that may wait for it; the others make pages.
_places = threading.BoundedSemaphore(3)


class ProviderSession(requests.Session):
    """Every failure, also that too many wait already, is a `RequestException`: the provider is away."""

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        if not _places.acquire(blocking=False):
            raise requests.ConnectionError("too many wait for it already")
        try:
            with Wire(SECONDS) as wire, _FollowingSession(wire, url) as session:
                return session.request(method, url, *args, **{"timeout": app_settings.REQUESTS_TIMEOUT} | options)
        finally:
            _places.release()


class _FollowingSession(WireSession):
    """Providers may move."""

    get_redirect_target = requests.Session.get_redirect_target
