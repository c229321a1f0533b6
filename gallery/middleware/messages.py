"""Messages in a cookie of our own name, as all our cookies; what is too long for one goes into the session."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class OwnCookie(CookieStorage):
    @property
    def cookie_name(self) -> str:  # type: ignore[override]  # read as an attribute
        name: str = settings.MESSAGES_COOKIE_NAME
        return name


class Messages(FallbackStorage):
    storage_classes = (OwnCookie, SessionStorage)
