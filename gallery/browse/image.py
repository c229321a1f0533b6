"""One picture: its page, and what its owner may do with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gallery.access import noting, with_editable_image, with_restorable_image, with_visible_image
from gallery.browse.listing import Listing, siblings
from gallery.browse.summary import surroundings
from gallery.feedback.panel import feedback_for
from gallery.looking import is_looking
from gallery.middleware.addresses import absolute
from gallery.models import Report
from gallery.moderation.withheld import reasons
from generator.models import Image
from generator.progress.redirects import own_address


@require_safe
@with_visible_image
@noting
def image(request: HttpRequest, image: Image) -> HttpResponse:
    """The picture with everything known about it, between its neighbours in the listing it was opened from."""
    looking = is_looking(request)
    listing = Listing.around(request.GET, looking=looking)
    neighbours, place = surroundings(listing, image, request.user)
    is_own = image.user_id == request.user.pk
    is_staff = request.user.is_authenticated and request.user.is_staff
    is_discussed = request.user.is_authenticated and (not is_staff or is_own or _is_visible(request, image))
    context = {
        "image": image,
        "listing": listing,
        "neighbours": neighbours,
        "place": place,
        "siblings": siblings(request.user, image),
        "parent": _parent(request, image),
        "is_editable": is_own,
        "is_moderated": is_staff and not is_own,
        "report_reasons": Report.Reason.offered(),
        "why": reasons([image]).get(image.pk),
        "visibilities": Image.Visibility.offered(),
        "share_address": absolute(request, reverse("share", args=[image.link])),
        "feedback": feedback_for(image, request.user) if is_discussed else None,
    }
    return render(request, "browse/image.html", context)


def _parent(request: HttpRequest, image: Image) -> Image | None:
    """What it was remixed from, for whoever may see that; most pictures were made of nothing."""
    pk = image.generation.parent_id
    return Image.objects.visible_to(request.user).filter(pk=pk).first() if pk else None


def _is_visible(request: HttpRequest, image: Image) -> bool:
    return Image.objects.visible_to(request.user).filter(pk=image.pk).exists()


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
