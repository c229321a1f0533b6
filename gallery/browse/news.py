"""How many pictures have come since somebody opened a listing: what the page asks now and then."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery import looking
from gallery.access import members_only
from gallery.browse.listing import Listing
from gallery.browse.orders import NEWEST
from gallery.paging import Cursor
from gallery.search.overtime import OvertimeError, limited

# More than this is "a lot", and not worth counting.
MOST = 99


@require_safe
@members_only
def news(request: HttpRequest) -> HttpResponse:
    """Those in front of the picture `after`, that this person sees, as a link to the head of the listing; 204 for none.
    Only where the newest come first, for elsewhere there is no place where they stand.
    """
    listing = Listing.around(request.GET, looking=looking.is_looking(request))
    than = Cursor.of(request.GET.get("after", ""))
    if than is None or listing.order != NEWEST:
        return HttpResponse(status=204)
    count = _count(listing, request.user, than)
    if not count:
        return HttpResponse(status=204)
    said = {"count": min(count, MOST), "is_more": count > MOST, "address": listing.address()}
    return render(request, "browse/_news.html", said)


def _count(listing: Listing, user: Any, than: Cursor) -> int:
    """What takes too long to find out is not worth it."""
    if not listing.question:
        return listing.read_by(user).newer(than, MOST + 1)
    try:
        with limited():
            return listing.read_by(user).newer(than, MOST + 1)
    except OvertimeError:
        return 0
