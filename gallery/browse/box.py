"""The box that asks for pictures: in the header of every page, and large on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from gallery.browse.listing import ALL, MINE, TRASH, Listing


@dataclass(frozen=True)
class Box:
    """`action` is the address that answers it, `page` that of the box by itself; `words` are those asked for now."""

    action: str
    page: str
    label: str
    words: str
    order: str


def box(listing: Listing, user: Any) -> Box | None:
    """For the listing that a page is about. Whoever is not signed in may ask on a member's page alone."""
    if not user.is_authenticated and not listing.is_of_somebody:
        return None
    return Box(listing.home, reverse("search") + listing.within, _label(listing), listing.q, listing.order)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The box by itself, for small windows without a script, and what can be asked."""
    listing = Listing.around(request.GET)
    return render(request, "search/search.html", {"box": box(listing, request.user), "listing": listing})


def _label(listing: Listing) -> str:
    match listing.scope:
        case str(scope) if scope == MINE:
            return gettext("Search my pictures")
        case str(scope) if scope == TRASH:
            return gettext("Search the trash")
        case str(scope) if scope == ALL:
            return gettext("Search all pictures")
        case str(scope) if scope:
            return gettext("Search pictures by %(member)s") % {"member": scope.removeprefix("u/")}
    return gettext("Search pictures")
