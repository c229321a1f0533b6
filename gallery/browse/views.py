"""Pages of pictures: everybody's, one's own, a member's, and what was thrown away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from gallery.access import members_only, sign_in
from gallery.browse.appearance import Appearance
from gallery.browse.box import remember
from gallery.browse.days import Day, headings
from gallery.browse.lines import lines
from gallery.browse.listing import Listing
from gallery.browse.orders import BY_TIME, new_seed
from gallery.browse.stacks import NONE, stacks
from gallery.browse.summary import MOST_COUNTED, found
from gallery.browse.tiles import Picture, small, tiles
from gallery.browse.timeline import timeline
from gallery.browse.wanted import ALL, FAVOURITES, MINE, TRASH
from gallery.collections.controls import controls
from gallery.models import User
from gallery.moderation.withheld import Why, reasons
from gallery.paging import Page
from gallery.search.marking import marker
from generator.models.addresses import pattern
from generator.models.compiled import SOME_NAME, CompiledObjects
from generator.templatetags.picture import cut


@require_safe
@members_only
def explore(request: HttpRequest) -> HttpResponse:
    """Everybody's pictures that this member may see, newest first."""
    return grid(request, Listing.from_address(request.GET), "browse/explore.html")


@require_safe
@members_only
def mine(request: HttpRequest) -> HttpResponse:
    """One's own pictures, whoever else may see them."""
    return grid(request, Listing.from_address(request.GET, MINE), "browse/mine.html")


@require_safe
@members_only
def favourites(request: HttpRequest) -> HttpResponse:
    """One's favourites, as far as one may still see them; what was added last comes first."""
    return grid(request, Listing.from_address(request.GET, FAVOURITES), "collections/favourites.html")


@require_safe
def member(request: HttpRequest, username: str) -> HttpResponseBase:
    """For members everybody's page; for others only that of somebody who shows them a picture.

    Whoever is not signed in cannot tell a member who shows them nothing from a name that nobody has.
    """
    listing = Listing.of_member(username, request.GET)
    person = _PERSON.first(0, name=username) if listing else None
    is_member = request.user.is_authenticated
    if listing and person and (is_member or (person.is_active and listing.images(request.user).exists())):
        count = Listing(listing.scope).count(request.user, MOST_COUNTED)
        return grid(request, listing, "browse/member.html", member=person, count=count, most=MOST_COUNTED)
    if not is_member:
        return sign_in(request, request.path)
    raise Http404("no such member")


def _with_a_page(_person: int) -> QuerySet[User]:
    return User.objects.filter(username=SOME_NAME, left_at=None, awaits_approval=False)


_PERSON = CompiledObjects(User, _with_a_page)


def grid(request: HttpRequest, listing: Listing, template: str, **more: object) -> HttpResponse:
    """The page of a listing or, for a script that scrolls on, only its rows. `more` is for the page alone."""
    if listing.is_unseeded:
        return redirect(listing.shuffled(new_seed()).address())
    is_fragment = request.headers.get("HX-Request") == "true"
    page, said = found(listing, request.user)
    if _is_head(listing, page) and not is_fragment:
        return redirect(listing.first.address())
    if page.rows and page.is_first and not is_fragment:
        remember(request, listing)
    appearance, days = Appearance.of(request.user, request.GET), _days(listing, page, is_fragment=is_fragment)
    caption = marker(listing.question) or (_longer if appearance.is_list else None)
    shown = tiles(request, page.rows, listing.within, caption)
    is_all = listing.scope == ALL  # where there are pictures that one may look at and do nothing with
    context = {
        "page": page.of(shown),
        "favourites": None if is_all else controls(request.user, [picture.pk for picture in page.rows]),
        "appearance": appearance,
        "stacks": stacks(request, shown, days) if appearance.is_stacked(listing.scope) else NONE,
        "lines": lines(page.rows, is_member=request.user.is_authenticated) if appearance.is_list else {},
        "listing": listing,
        "is_fragment": is_fragment,
        "summary": said,
        "days": days,
        "timeline": "" if is_fragment else timeline(listing, page, request.user, request.GET),
    }
    name, status = ("browse/_grid.html" if is_fragment else template), 503 if said and said.is_too_much else 200
    response = render(request, name, context | more, status=status)
    patch_vary_headers(response, ["HX-Request"])
    if ways := _ways(listing, page):
        response["Link"] = ways
    return response


def _longer(prompt: str) -> str:
    """What a list has room for."""
    return cut(prompt, 400)


def _days(listing: Listing, page: Page[Picture], *, is_fragment: bool) -> dict[str, Day]:
    """A page of its own says each of its days; what follows a page does not say again the one that this ended in."""
    if listing.order not in BY_TIME:
        return {}
    shown = listing.before.key if is_fragment and listing.before else None
    return headings((picture.pk for picture in page.rows), shown)


def _is_head(listing: Listing, page: Page[Picture]) -> bool:
    """Whether somebody went back to the head, where there may be less than a page, or nothing."""
    return listing.after is not None and page.is_first


def _ways(listing: Listing, page: Page[Picture]) -> str:
    """For scripts, which may keep any page without those around it: the pages on both sides of it."""
    there = {"prev": {"before": None, "after": page.newer}, "next": {"before": page.older, "after": None}}
    return ", ".join(f'<{listing.address(**at)}>; rel="{rel}"' for rel, at in there.items() if any(at.values()))


@require_safe
@members_only
def trash(request: HttpRequest) -> HttpResponse:
    """One's own thrown-away pictures, each with the days it has left and, if staff have put it there, why."""
    listing = Listing.from_address(request.GET, TRASH)
    if listing.is_unseeded:
        return redirect(listing.shuffled(new_seed()).address())
    page, asked = found(listing, request.user)
    if _is_head(listing, page):
        return redirect(listing.first.address())
    why = reasons(page.rows)
    now, restore = timezone.now(), pattern("restore", UUID)
    rows = [
        Thrown(picture, small(picture), _left(picture, now), restore % picture.pk, why.get(picture.pk))
        for picture in page.rows
    ]
    said = {"listing": listing, "summary": asked, "days": settings.TRASH_DAYS}
    status = 503 if asked and asked.is_too_much else 200
    return render(request, "browse/trash.html", {"page": page.of(rows)} | said, status=status)


class Thrown(NamedTuple):
    """A picture in the trash: the address of its thumbnail, how long it stays, where to send the wish to have it back,
    and why if staff have put it there.
    """

    picture: Picture
    small: str
    left: str
    restore: str
    why: Why | None


def _left(picture: Picture, now: datetime) -> str:
    """In full days until it is deleted for good."""
    if picture.trashed_at is None:
        raise ValueError("not in the trash")
    days = (picture.trashed_at + timedelta(days=settings.TRASH_DAYS) - now).days
    if days <= 0:
        return gettext("Last day")
    return ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
