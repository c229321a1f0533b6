"""The box that asks for pictures: in the header of every page, and large on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from gallery.access import members_only
from gallery.browse.listing import Listing
from gallery.browse.saved import saved_by
from gallery.browse.wanted import ALL, FAVOURITES, MINE, TRASH
from gallery.middleware.addresses import absolute
from gallery.search.overtime import OvertimeError, limited
from gallery.search.suggestions import Suggestion, suggestions
from generator.models.addresses import address

_RECENT, MOST_RECENT = "searches", 6


@dataclass(frozen=True)
class Box:
    """`action` is the address that answers it, `page` that of the box by itself; `words` and `order` are those asked
    for now, as addresses have them.
    """

    action: str
    page: str
    label: str
    words: str
    order: str
    suggestions: str = ""


def box(listing: Listing, user: Any) -> Box | None:
    """For the listing that a page is about. Whoever is not signed in may ask on a member's page alone."""
    if not user.is_authenticated and not listing.is_of_somebody:
        return None
    scope = f"?{urlencode({'in': listing.scope})}" if listing.scope else ""
    offers = address("suggest") + scope if user.is_authenticated else ""
    return Box(listing.home, address("search") + listing.within, _label(listing), listing.q, listing.order_word, offers)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The box by itself, for small windows without a script, and what can be asked."""
    listing = Listing.around(request.GET)
    saved = [{**one._asdict(), "whole": absolute(request, one.address)} for one in saved_by(request.user)]
    said = {"box": box(listing, request.user), "listing": listing, "saved": saved}
    return render(request, "search/search.html", said)


@require_safe
@members_only
def suggest(request: HttpRequest) -> HttpResponse:
    """For a script, while somebody types: what they may mean or, before they do, what they looked for lately."""
    typed, listing = request.GET.get("q", ""), Listing.around(request.GET)
    try:
        with limited():
            offered = suggestions(typed, listing.images(request.user)) if typed.strip() else _recent(request)
    except OvertimeError:
        offered = []
    return render(request, "search/_suggestions.html", {"suggestions": offered})


def remember(request: HttpRequest, listing: Listing) -> None:
    """A search that somebody made, among their latest ones; they go with the session."""
    if not (listing.question and request.user.is_authenticated):
        return
    kept = request.session.get(_RECENT, [])
    if kept[:1] != [listing.q]:
        request.session[_RECENT] = [listing.q, *(one for one in kept if one != listing.q)][:MOST_RECENT]


def _recent(request: HttpRequest) -> list[Suggestion]:
    """What this person has saved, and their latest searches."""
    saved = [Suggestion("saved", one.name, "", one.address) for one in saved_by(request.user)[:MOST_RECENT]]
    return [*saved, *(Suggestion("recent", said, said) for said in request.session.get(_RECENT, []))]


def _label(listing: Listing) -> str:
    match listing.scope:
        case str(scope) if scope == MINE:
            return gettext("Search my pictures")
        case str(scope) if scope == FAVOURITES:
            return gettext("Search my favourites")
        case str(scope) if scope == TRASH:
            return gettext("Search the trash")
        case str(scope) if scope == ALL:
            return gettext("Search all pictures")
        case str(scope) if scope:
            return gettext("Search pictures by %(member)s") % {"member": scope.removeprefix("u/")}
    return gettext("Search pictures")
