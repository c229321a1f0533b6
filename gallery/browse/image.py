"""One picture: its page, and what its owner may do with it."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gallery.access import noting, with_editable_image, with_restorable_image, with_visible_image
from gallery.browse.colours import colours_of, same_colours
from gallery.browse.listing import Listing
from gallery.browse.siblings import siblings
from gallery.browse.signed_urls import Proofs
from gallery.browse.summary import surroundings
from gallery.browse.tiles import Picture, tiles
from gallery.feedback.panel import feedback_for
from gallery.lineage.relatives import relatives
from gallery.looking import is_looking
from gallery.middleware.addresses import absolute
from gallery.models import Report
from gallery.moderation.withheld import reasons
from generator.models import Image
from generator.progress.redirects import own_address
from generator.templatetags.picture import stage_sizes

# Whoever has the link sees these without an account.
_SHARED = (Image.Visibility.LINK, Image.Visibility.PUBLIC)


class Turn(NamedTuple):
    """A way on to the picture beside this one, whose copies the browser loads beforehand."""

    address: str
    thumbs: list[tuple[int, str]]
    sizes: str


class Stage(NamedTuple):
    """The picture, large, and what is on both sides of it; its `place` where something was asked.

    `back` leads to the page that begins with it; a script that finds `home`, the first page, as it was left goes there.
    """

    thumbs: list[tuple[int, str]]
    sizes: str
    back: str
    home: str
    place: str
    before: Turn | None
    after: Turn | None


@require_safe
@with_visible_image
@noting
def image(request: HttpRequest, image: Image) -> HttpResponse:
    """The picture with everything known about it, between its neighbours in the listing it was opened from."""
    listing = Listing.around(request.GET, looking=is_looking(request))
    family = siblings(request.user, image)
    is_own = image.user_id == request.user.pk
    is_staff = request.user.is_authenticated and request.user.is_staff
    # Staff who look at all pictures are told of one; they do not talk about what a member would not see.
    is_seen = not is_staff or is_own or any(each.pk == image.pk for each in family)
    page = {
        "image": image,
        "listing": listing,
        "stage": _stage(request, listing, image),
        "colours": colours_of(image, request.user),
        "same_colours": same_colours(image) if request.user.is_authenticated else "",
        "siblings": tiles(request, family, listing.within),
        "relatives": relatives(request, image),
        "is_own": is_own,
        "is_moderated": is_staff and not is_own,
        "report_reasons": Report.Reason.offered(),
        "why": reasons([image]).get(image.pk),
        "visibilities": Image.Visibility.offered(),
        "share_address": _share_address(request, image) if is_own else "",
        "feedback": feedback_for(image, request.user) if request.user.is_authenticated and is_seen else None,
    }
    return render(request, "browse/image.html", {"page": page, "listing": listing})


def _stage(request: HttpRequest, listing: Listing, image: Image) -> Stage:
    proofs = Proofs(request)
    beside, place = surroundings(listing, image, request.user)
    back = listing.address(before=beside.place) if beside.place else listing.address()

    def copies(of: Image | Picture) -> list[tuple[int, str]]:
        return proofs.thumbs(of.pk, of.width, of.access_version)

    def turn(to: Picture | None) -> Turn | None:
        return Turn(to.get_absolute_url() + listing.within, copies(to), stage_sizes(to.aspect)) if to else None

    sizes = stage_sizes(image.aspect)
    return Stage(copies(image), sizes, back, listing.address(), place, turn(beside.previous), turn(beside.next))


def _share_address(request: HttpRequest, image: Image) -> str:
    """Empty while there is no link that opens it."""
    return absolute(request, reverse("share", args=[image.link])) if image.visibility in _SHARED else ""


@require_POST
@with_editable_image
def visibility(request: HttpRequest, image: Image) -> HttpResponse:
    """Choose who may see the picture."""
    chosen = request.POST.get("visibility", "")
    if chosen not in Image.Visibility.values:
        messages.error(request, "Choose who may see this picture.")
    elif chosen != image.visibility:
        image.show_to(chosen)
        messages.success(request, f"Seen by: {image.get_visibility_display().lower()}.")
    return redirect(image.get_absolute_url() + Listing.around(request.POST).within)


@require_POST
@with_editable_image
def throw_away(request: HttpRequest, image: Image) -> HttpResponse:
    """Move the picture to the trash and go on to the next one, with a way back."""
    listing = Listing.around(request.POST)
    beside = listing.neighbours(request.user, image)
    image.trash()
    undo = reverse("restore", args=[image.pk]) + listing.within
    messages.success(request, "The picture is in the trash.", extra_tags=undo)
    following = beside.next or beside.previous
    return redirect(following.get_absolute_url() + listing.within if following else listing.address())


@require_POST
@with_restorable_image
def restore(request: HttpRequest, image: Image) -> HttpResponse:
    """Take the picture back out of the trash, and go to it or, from the trash, on with the trash."""
    image.restore()
    messages.success(request, "The picture is back.")
    page = image.get_absolute_url() + Listing.around(request.GET).within
    return redirect(own_address(request, request.POST.get("next", ""), page))
