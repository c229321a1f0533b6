"""Back to where a person came from, if that is a page of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


class SeeOther(HttpResponseRedirect):
    """After a POST: whatever the answer is, it is read with a GET."""

    status_code = 303


def own_address(request: HttpRequest, address: str, otherwise: str) -> str:
    """`address` if it leads to ourselves, else `otherwise`. A word alone is none: Django takes it for a view's name."""
    is_ours = "/" in address and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else otherwise


def page_of(request: HttpRequest) -> str:
    """The path of the page that a script asks on behalf of; empty if it is none of ours."""
    parts = urlsplit(own_address(request, request.headers.get("HX-Current-URL", ""), ""))
    return parts.path + (f"?{parts.query}" if parts.query else "")
