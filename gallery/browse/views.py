"""Rows of pictures: everybody's and one's own."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from gallery.browse.listing import MINE, cursor, listing, page_of


@require_safe
@login_required
def explore(request: HttpRequest) -> HttpResponse:
    """Everybody's pictures that this member may see, newest first."""
    return rows(request, "", "browse/explore.html")


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """One's own pictures, whoever else may see them."""
    return rows(request, MINE, "browse/mine.html")


def rows(request: HttpRequest, name: str, template: str, **more: object) -> HttpResponse:
    """The page of a listing or, for a script that scrolls on, only its rows. `more` is for the page alone."""
    before = cursor(request.GET.get("before", ""))
    context = {
        "page": page_of(listing(request.user, name), before),
        "listing": name,
        "is_first": before is None,
        "is_fragment": request.headers.get("HX-Request") == "true",
    }
    response = render(request, "browse/_grid.html" if context["is_fragment"] else template, context | more)
    patch_vary_headers(response, ["HX-Request"])
    return response
