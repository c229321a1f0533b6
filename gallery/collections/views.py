"""Favourites: one form, sent by the heart of any picture."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.middleware import HtmxDetails

from gallery.access import with_discussed_image
from gallery.collections.controls import Look
from gallery.models import Favourite, User
from generator.brakes import braked, sentence, wait
from generator.models import Image
from generator.models.addresses import address
from generator.progress.redirects import own_address
from generator.templatetags.quick import quick


class Request(HttpRequest):
    htmx: HtmxDetails


@require_POST
@with_discussed_image
def favourite(request: Request, image: Image) -> HttpResponse:
    """Make it one, or none any more, as the form says: sent twice, it stays so."""
    wanted, user = request.POST.get("favourite"), cast(User, request.user)
    if wanted not in ("yes", "no"):
        return _refuse(request, image, _("Say whether the picture is to be a favourite."), 422)
    if seconds := braked(request, "favourite"):
        return wait(_refuse(request, image, sentence(seconds), 429), seconds)
    if wanted == "yes":
        Favourite.objects.all().keep(image, user)
    else:
        Favourite.objects.filter(image=image, user=user).delete()
    return _answer(request, image, is_added=wanted == "yes")


def _answer(request: Request, image: Image, *, is_added: bool) -> HttpResponse:
    """The button anew for a script; for everybody else the page they came from, at this picture."""
    if not request.htmx:
        return redirect(f"{_page(request, image)}#favourite-{image.pk}")
    notice = _("It is among your favourites.") if is_added else _("It is none of your favourites any more.")
    look = Look.PAGE if request.POST.get("look") == Look.PAGE else Look.TILE
    said = {"is_added": is_added, "look": look, "id": image.pk, "to": address("favourite", image.pk)}
    number = Favourite.objects.filter(image=image).count() if look == Look.PAGE else 0
    return HttpResponse(quick("collections/_answer.html", **said, notice=notice, favourites=number))


def _refuse(request: Request, image: Image, sentence: str, status: int) -> HttpResponse:
    """Scripts have sentences of their own for a status."""
    if request.htmx:
        return HttpResponse(sentence, status=status)
    if status == 429:
        return render(request, "busy.html", {"said": sentence}, status=status)
    messages.error(request, sentence)
    return redirect(_page(request, image))


def _page(request: HttpRequest, image: Image) -> str:
    return own_address(request, request.POST.get("next", ""), image.get_absolute_url())
