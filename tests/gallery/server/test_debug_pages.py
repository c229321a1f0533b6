"""What an error page of debug mode keeps to itself."""

from __future__ import annotations

import sys
from typing import Any

from django.test import RequestFactory
from django.views.debug import ExceptionReporter


def test_passwords_in_addresses_are_left_out(rf: RequestFactory, settings: Any) -> None:
    address = "redis://:horse-battery@cache.example.org/0"
    other = {"BACKEND": "django.core.cache.backends.dummy.DummyCache", "LOCATION": address}
    settings.CACHES = settings.CACHES | {"other": other}
    settings.EMAIL_HOST_PASSWORD = "horse-battery"
    settings._OIDC_CLIENT = ("vitrine", "horse-battery")
    told = {"EMAIL_URL": "smtp://site:horse-battery@mail.example.org", "DATABASE_URL": "horse-battery"}
    request = rf.get("/", **told)
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        reporter = ExceptionReporter(request, *sys.exc_info())
    shown = str((reporter.get_traceback_data()["request_meta"], reporter.get_traceback_data()["settings"]))
    assert "cache.example.org" in shown
    assert "horse-battery" not in shown
