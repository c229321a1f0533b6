"""Searches that somebody keeps under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gallery.access import members_only
from gallery.browse.listing import Listing
from gallery.models import SavedSearch

MOST = 50


@dataclass(frozen=True)
class Saved:
    pk: UUID
    name: str
    address: str


def saved_by(user: Any) -> list[Saved]:
    """Of this person, by name, with the addresses of their listings."""
    if not user.is_authenticated:
        return []
    return [
        Saved(kept.pk, kept.name, Listing(kept.scope, q=kept.q, order=kept.order).address())
        for kept in SavedSearch.objects.filter(user=user)[:MOST]
    ]


@require_POST
@members_only
def save(request: HttpRequest) -> HttpResponse:
    """Keep what is asked; the same name once more replaces what it stood for."""
    user: Any = request.user
    listing = Listing.around(request.POST)
    name = " ".join(request.POST.get("name", "").split())[:80] or listing.q[:80]
    kept = SavedSearch.objects.filter(user=user)
    if not listing.q:
        messages.error(request, _("There is nothing to save: ask for something first."))
    elif kept.count() >= MOST and not kept.filter(name=name).exists():
        messages.error(request, _("You have saved as many searches as there is room for. Remove one first."))
    else:
        said = {"scope": listing.scope, "q": listing.q, "order": listing.order}
        SavedSearch.objects.update_or_create(user=user, name=name, defaults=said)
        messages.success(request, _("The search is saved. You find it on the page of the search."))
    return redirect(listing.address())


@require_POST
@members_only
def forget(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(SavedSearch, user=request.user, pk=pk).delete()
    messages.success(request, _("The saved search is removed."))
    return redirect("search")
