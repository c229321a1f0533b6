"""Searches that somebody keeps under a name."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gallery.access import members_only
from gallery.browse.listing import Listing
from gallery.browse.wanted import plain
from gallery.models import SavedSearch
from generator.models.compiled import Compiled

MOST, MOST_LETTERS = 50, 80


class Saved(NamedTuple):
    pk: UUID
    name: str
    address: str


def saved_by(user: Any) -> list[Saved]:
    """Of this person, by name, with the addresses of their listings. One query."""
    if not user.is_authenticated:
        return []
    return [
        Saved(pk, name, Listing(scope, q=asked, order=order).address())
        for pk, name, scope, asked, order in _KEPT.rows(user.pk)
    ]


def _kept(person: int) -> QuerySet[SavedSearch, Any]:
    return SavedSearch.objects.filter(user=person).values_list("pk", "name", "scope", "q", "order")[:MOST]


_KEPT = Compiled(_kept)


@require_POST
@members_only
def save(request: HttpRequest) -> HttpResponse:
    """Keep what is asked; the same name once more replaces what it stood for."""
    user: Any = request.user
    listing = Listing.around(request.POST)
    name = _named(request) or listing.q[:MOST_LETTERS]
    kept = SavedSearch.objects.filter(user=user)
    if not listing.q:
        messages.error(request, _("There is nothing to save: ask for something first."))
    elif kept.count() >= MOST and not kept.filter(name=name).exists():
        messages.error(request, _("You have saved as many searches as there is room for. Remove one first."))
    else:
        said = {"scope": listing.scope, "q": listing.q, "order": listing.order}
        SavedSearch.objects.update_or_create(user=user, name=name, defaults=said)
        messages.success(request, _("The search is saved. You find it in Explore and on the page of the search."))
    return redirect(listing.address())


@require_POST
@members_only
def rename(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Call it something else, as long as none of this person's is called so."""
    kept = get_object_or_404(SavedSearch, user=request.user, pk=pk)
    name = _named(request)
    if not name:
        messages.error(request, _("A saved search needs a name."))
        return redirect("search")
    try:
        with transaction.atomic():
            SavedSearch.objects.filter(pk=kept.pk).update(name=name)
    except IntegrityError:
        messages.error(request, _("Another search of yours is called %(name)s.") % {"name": name})
    else:
        messages.success(request, _("The saved search is called %(name)s now.") % {"name": name})
    return redirect("search")


@require_POST
@members_only
def forget(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(SavedSearch, user=request.user, pk=pk).delete()
    messages.success(request, _("The saved search is removed."))
    return redirect("search")


def _named(request: HttpRequest) -> str:
    """What was typed, on one line; of a long one the beginning."""
    return " ".join(plain(request.POST.get("name", "")).split())[:MOST_LETTERS].strip()
