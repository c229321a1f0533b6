"""A mail server, and a site that sends its mail there as one with EMAIL_URL does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.gallery.mail.server import MailServer


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with MailServer() as server:
        settings.EMAIL_BACKEND = "gallery.mail.outbox.Outbox"
        settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.MAIL = True
        yield server
