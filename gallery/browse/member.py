"""The page of one member: those of their pictures that the visitor may see."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gallery.browse.listing import listing, listing_name
from gallery.browse.views import rows
from gallery.models import User

# Counting goes no further: it would read all pictures of somebody who has made very many.
MOST_COUNTED = 1000


@require_safe
def member(request: HttpRequest, username: str) -> HttpResponse:
    """For members everybody's page; for others only that of somebody who shows them a picture.

    Whoever is not signed in cannot tell a member who shows them nothing from a name that nobody has.
    """
    name = listing_name(f"u/{username}")
    if not name:
        raise Http404("no member can have this name")
    person = User.objects.filter(username=username, left_at=None, awaits_approval=False).first()
    seen = listing(request.user, name)
    if person is None or not (request.user.is_authenticated or (person.is_active and seen.exists())):
        raise Http404("no such member")
    return rows(request, name, "browse/member.html", member=person, count=_count(seen), most=MOST_COUNTED)


def _count(images: Any) -> int:
    """The number of pictures, or one more than `MOST_COUNTED` if there are more."""
    return int(images.order_by()[: MOST_COUNTED + 1].count())
