"""What holds for every request and every answer, whoever makes it: pages, files, refusals, redirects, errors."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Names that no stranger can register: only the network one is in says where they lead.
_PRIVATE_SUFFIXES = (".local", ".localhost", ".lan", ".internal", ".home.arpa")


class HeadersMiddleware:
    """Gives each answer the headers that it does not bring itself; one to HEAD consists of nothing else."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._headers = {
            "Content-Security-Policy": build_policy(),
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
            # Pages are made for one person. The browser may go back to one, but asks before it shows it anew.
            "Cache-Control": "private, no-cache",
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        _note_length(response)
        if request.method == "HEAD":
            _remove_body(response)
        return response


def _note_length(response: Any) -> None:
    """Also of what is answered before Django would note it: without one the web server ends the connection."""
    if not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))


def _remove_body(response: Any) -> None:
    """Views answer HEAD as they answer GET. The web server would drop the bytes, and complain each time."""
    if response.streaming:
        response.streaming_content = ()
    else:
        response.content = b""


class LimitsMiddleware:
    """Turns away requests by a name that is not ours, for what no database holds, and larger than any form of ours."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _check_host(request)
        if _holds_nul(request):
            raise BadRequest("A question with a NUL in it.")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return HttpResponse("This is more than can be sent here.\n", "text/plain; charset=utf-8", status=413)
        return self._get_response(request)


def _holds_nul(request: HttpRequest) -> bool:
    """PostgreSQL keeps none, and would be asked for it: by a page's address, the admin's filters, a session's key."""
    asked = "".join((request.path_info, *request.COOKIES.values()))
    return "\0" in asked or "%00" in request.META.get("QUERY_STRING", "")


def _check_host(request: HttpRequest) -> None:
    """Raise `DisallowedHost` for a name that is not allowed.

    While nobody has said what the site is called, it answers to addresses and to names of the local network. Any
    other name may be a stranger's, who could lead people's browsers and the links in mails to a server of theirs.
    """
    try:
        host = request.get_host()
        is_ours = not settings.LOCAL_NAMES_ONLY or is_local_name(split_domain_port(host)[0])
    except DisallowedHost:  # which names a variable that is none of ours
        is_ours, host = False, request.headers.get("Host", "")
    if not is_ours:
        raise DisallowedHost(f"Invalid Host header: {host[:300]!r}. If it is yours, add it to VITRINE_ALLOWED_HOSTS.")


def is_local_name(name: str) -> bool:
    """Whether it is an IP address, a word without dots, or ends in a suffix that is never registered."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return "." not in name or name.endswith(_PRIVATE_SUFFIXES)
    return True
