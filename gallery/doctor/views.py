"""What machines ask (`/healthz`, `/readyz`; the doctor `/healthz/media`), and the page of findings for staff."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.conf import settings
from django.contrib import admin
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery import doctor
from gallery.browse.media import bytes_of
from gallery.browse.signed_urls import is_alive_now
from gallery.doctor import base_address, probe_file
from gallery.doctor.database import has_all_migrations
from gallery.doctor.worker import is_watched
from generator import store

_PLAIN = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


class ProbeMiddleware:
    """Answers probes before anything else looks at them.

    They come over plain HTTP and by whatever address the prober knows, so neither the redirect to https nor the
    check of the host's name may stand in their way; and they cost no session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = _VIEWS.get(request.path_info)
        return view(request) if view else self._get_response(request)


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The web server lives; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8", headers=_PLAIN)


@require_safe
def healthz_media(_request: HttpRequest) -> HttpResponseBase:
    """One file, always the same and nobody's secret, sent as pictures are: by the proxy, if one sends them."""
    try:
        response = bytes_of(probe_file.NAME, "text/plain; charset=utf-8")
    except OSError:
        response = HttpResponse("There is no such file.\n", content_type="text/plain; charset=utf-8", status=404)
    for name, value in _PLAIN.items():
        response[name] = value
    return response


@require_safe
def healthz_session(request: HttpRequest) -> HttpResponse:
    """Whether the session of this browser lets somebody in: asked by nginx, which sends thumbnails without us.

    nginx remembers a yes for as long as we would (docs/deploy.md); a no it does not.
    """
    return HttpResponse(status=204 if is_alive_now(request) else 403, headers=_PLAIN)


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Whether the site can work: names and yes or no, nothing that a stranger could use.

    django-health-check 4 asks in threads of an event loop, each with a connection of its own, and waits for all of
    them after it has given up on one; it answers 500 with the words of the error.
    """
    answers = {
        "database": _answers(_can_read),
        "migrations": _answers(has_all_migrations),
        "folders": _are_writable(),
        "worker": _answers(is_watched),
    }
    return JsonResponse(answers, status=200 if all(answers.values()) else 503, headers=_PLAIN)


def _answers(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except Error:
        return False


def _can_read() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _are_writable() -> bool:
    """The folders that are there; those that are not yet are made in the data folder when they are needed."""
    folders = (settings.DATA_DIR, store.folder(), settings.SPOOL_ROOT)
    there = [folder for folder in folders if folder.exists()]
    return settings.DATA_DIR in there and all(os.access(folder, os.W_OK | os.X_OK) for folder in there)


_VIEWS = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/healthz/session": healthz_session,
    base_address.PATH: healthz_media,
}


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The doctor's findings that are quick to have; files are compared by the command."""
    context = {
        **admin.site.each_context(request),
        "title": "Health",
        "findings": list(doctor.examine()),
    }
    return render(request, "doctor/health.html", context)
