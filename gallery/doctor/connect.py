"""The page that tells admins how practice becomes the real thing: what to set, where, and what changes then."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery.access import admins_only
from generator.models import Call


@require_safe
@admins_only
def connect_api(request: HttpRequest) -> HttpResponse:
    """The key itself is shown to nobody."""
    context = {
        "host": urlsplit(settings.ONLYSQ_API_URL).netloc,
        "has_key": bool(settings.ONLYSQ_API_KEY),
        "waiting_calls": Call.objects.filter(state=Call.State.QUEUED).count() if settings.SANDBOX else 0,
    }
    return render(request, "doctor/connect_api.html", context)
