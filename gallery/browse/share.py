"""What somebody sees who was given a link: one picture, without an account."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gallery.browse.media import serve_original, serve_thumb
from generator.models import Image

View = Callable[..., HttpResponseBase]


def _by_link(view: View) -> View:
    """Hand the view the picture of this link. A link that was taken back is a 404, like one that never was."""

    @wraps(view)
    def wrapped(request: HttpRequest, link: str, **more: Any) -> HttpResponseBase:
        images = Image.objects.visible_to(request.user, link=link).select_related("user", "generation", "call")
        response = view(request, get_object_or_404(images, link=link), **more)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return require_safe(wrapped)


@_by_link
def share(request: HttpRequest, image: Image) -> HttpResponse:
    """The picture, its prompt, and nothing that is the group's own business."""
    thumbs = [(width, reverse("share_thumb", args=[image.link, width])) for width in image.thumb_widths]
    return render(request, "browse/share.html", {"image": image, "thumbs": thumbs})


@_by_link
def share_original(request: HttpRequest, image: Image) -> HttpResponseBase:
    return serve_original(request, image)


@_by_link
def share_thumb(request: HttpRequest, image: Image, width: int) -> HttpResponseBase:
    return serve_thumb(request, image, width)
