"""What somebody sees who was given a link: one picture, without an account."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gallery.access import View, with_linked_image
from gallery.browse.media import serve_original, serve_thumb
from generator.models import Image


def _by_link(view: View) -> View:
    """Hand the view the picture of this link, and tell neither the links on the page nor a search engine of it."""

    @with_linked_image
    @wraps(view)
    def wrapped(request: HttpRequest, image: Image, **more: Any) -> HttpResponseBase:
        response = view(request, image, **more)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return require_safe(wrapped)


@_by_link
def share(request: HttpRequest, image: Image) -> HttpResponse:
    """The picture, its prompt, and nothing that is the group's own business."""
    copies = zip(image.thumbs, image.thumb_widths, strict=True)
    thumbs = [(width, reverse("share_thumb", args=[image.link, named])) for (width, _), named in copies]
    return render(request, "browse/share.html", {"image": image, "thumbs": thumbs})


@_by_link
def share_original(request: HttpRequest, image: Image) -> HttpResponseBase:
    return serve_original(request, image)


@_by_link
def share_thumb(request: HttpRequest, image: Image, width: int) -> HttpResponseBase:
    return serve_thumb(request, image, width)
