"""The site's addresses and two more, which every page is measured beside. They are never tuned.

`hello` is what the server, its middleware and Django cost before there is anything to show. `rows` is what a program
that only speaks JSON would answer in place of Explore: as many pictures, with what people said about them counted.
"""

from __future__ import annotations

from django.db.models import Avg, Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse

from gallery import urls
from generator.models import Image

ROWS = 48


def hello(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello, world", content_type="text/plain")


def rows(request: HttpRequest) -> JsonResponse:
    ids = list(Image.objects.visible_to(request.user).newest().values_list("pk", flat=True)[:ROWS])
    counted = Image.objects.filter(pk__in=ids).select_related("user", "generation", "call").newest()
    counted = counted.annotate(
        ratings_count=Count("ratings", distinct=True),
        comments_count=Count("comments", distinct=True),
        average=Avg("ratings__stars"),
    )
    return JsonResponse({"count": len(ids), "results": [_row(picture) for picture in counted]})


def _row(picture: Image) -> dict[str, object]:
    counts: dict[str, object] = {
        name: getattr(picture, name) for name in ("ratings_count", "comments_count", "average")
    }
    return counts | {
        "id": picture.pk,
        "url": reverse("image", args=[picture.pk]),
        "thumbnails": {str(width): address for width, address in picture.thumbs},
        "prompt": picture.generation.prompt,
        "model": picture.call.reply_model or picture.generation.model,
        "owner": {"username": picture.user.username, "name": str(picture.user)},
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.bytes,
        "placeholder": picture.placeholder,
        "visibility": picture.visibility,
        "created_at": picture.created_at,
    }


urlpatterns = [path("bench/hello/", hello), path("bench/rows/", rows), *urls.urlpatterns]
