"""One picture: its page, and what its owner and staff may do with it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gallery.access import with_editable_image, with_trashed_image, with_visible_image
from gallery.browse.listing import home, listing, listing_name, neighbours, siblings
from gallery.feedback.panel import feedback_for
from generator.models import Image
from generator.progress.redirects import own_address


@require_safe
@with_visible_image
def image(request: HttpRequest, image: Image) -> HttpResponse:
    """The picture with everything known about it, between its neighbours in the listing it was opened from."""
    name = listing_name(request.GET.get("in", ""))
    context = {
        "image": image,
        "listing": name,
        "listing_home": home(name),
        "neighbours": neighbours(listing(request.user, name), image),
        "siblings": siblings(request.user, image),
        "parent": Image.objects.visible_to(request.user).filter(remixes=image.generation).first(),
        "is_editable": Image.objects.editable_by(request.user).filter(pk=image.pk).exists(),
        "visibilities": Image.Visibility.choices,
        "share_address": request.build_absolute_uri(reverse("share", args=[image.link])),
        "feedback": feedback_for(image, request.user) if request.user.is_authenticated else None,
    }
    return render(request, "browse/image.html", context)


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
    return redirect(_address(image, request.POST))


@require_POST
@with_editable_image
def throw_away(request: HttpRequest, image: Image) -> HttpResponse:
    """Move the picture to the trash and go on to the next one, with a way back."""
    name = listing_name(request.POST.get("in", ""))
    beside = neighbours(listing(request.user, name), image)
    image.trash()
    undo = reverse("restore", args=[image.pk]) + _within(name)
    messages.success(request, "The picture is in the trash.", extra_tags=undo)
    following = beside.next or beside.previous
    if following:
        return redirect(_address(following, request.POST))
    return redirect(home(name))


@require_POST
@with_trashed_image
def restore(request: HttpRequest, image: Image) -> HttpResponse:
    """Take the picture back out of the trash, and go to it or, from the trash, on with the trash."""
    image.restore()
    messages.success(request, "The picture is back.")
    return redirect(own_address(request, request.POST.get("next", ""), _address(image, request.GET)))


def _address(image: Image, asked: Any) -> str:
    """The picture's page within the listing that the person is browsing."""
    return image.get_absolute_url() + _within(listing_name(asked.get("in", "")))


def _within(name: str) -> str:
    return f"?in={quote(name)}" if name else ""
