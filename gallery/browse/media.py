"""Bytes of pictures. They lie in no public folder: every one passes the same question as the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

from django.conf import settings
from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from gallery.access import noting, with_shown_image, with_visible_file
from gallery.browse.signed_urls import is_alive, proven_access_version
from gallery.server.logs import expect_refusal
from generator import store
from generator.models import Image
from generator.worker import lost_thumbs

TYPES: dict[str, str] = {
    Image.Format.PNG: "image/png",
    Image.Format.JPEG: "image/jpeg",
    Image.Format.WEBP: "image/webp",
    Image.Format.AVIF: "image/avif",
    Image.Format.GIF: "image/gif",
    Image.Format.BMP: "image/bmp",
    Image.Format.TIFF: "image/tiff",
    Image.Format.JPEG2000: "image/jp2",
    Image.Format.HEIC: "image/heic",
    Image.Format.JXL: "image/jxl",
}
# Bytes never change under the same address; `private` keeps them in the person's own browser.
CACHE = "private, max-age=604800, immutable"
# Should a picture's bytes ever be taken for a page, that page may do nothing.
POLICY = "default-src 'none'; sandbox"
MISSING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}">'
    '<rect width="100%" height="100%" fill="#8a8b84" fill-opacity=".16"/>'
    '<svg x="25%" y="25%" width="50%" height="50%" viewBox="0 0 24 24" fill="none" stroke="#8a8b84">'
    '<path d="M4.500 5h15v14h-15ZM4.500 16l4.500-4 3 2.500L16 10l3.500 3.500M4.500 5l15 14"/></svg></svg>'
)
# The address of the view below, canonical as templates write it; any other spelling takes the long way.
_THUMB = re.compile(r"/images/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})/thumbs/(\d{1,5})/", re.ASCII)


class ProvenThumbMiddleware:
    """Answers for thumbnails whose address proves that they were shown to this browser: no query, except now and then
    whether its session is still one.

    Without a good proof, or if the file is not there, the view is asked as if there had been no proof.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return _proven_thumb(request) or self._get_response(request)


def _proven_thumb(request: HttpRequest) -> HttpResponseBase | None:
    said, _, proof = request.META.get("QUERY_STRING", "").partition("=")
    match = _THUMB.fullmatch(request.path_info) if said == "p" and request.method == "GET" else None
    if not match:
        return None
    stem, width = match[1].replace("-", ""), int(match[2])
    access_version = proven_access_version(request, stem, width, proof)
    if access_version is None or not is_alive(request):
        return None
    return _thumb(request, stem, access_version, width)


def _thumb(request: HttpRequest, stem: str, access_version: int, width: int) -> HttpResponseBase | None:
    try:
        return _file(request, Image.thumb_name_of(stem, access_version, width), f"{stem}-{width}-webp", "image/webp")
    except OSError:
        return None


@require_safe
@with_shown_image
def thumb(request: HttpRequest, image: Image, width: int) -> HttpResponseBase:
    return serve_thumb(request, image, width)


@require_safe
@with_visible_file
@noting
def original(request: HttpRequest, image: Image) -> HttpResponseBase:
    return serve_original(request, image)


@require_safe
@with_visible_file
@noting
def download(request: HttpRequest, image: Image) -> HttpResponseBase:
    """The API's own bytes under a readable name. Taken by somebody else than its owner, it counts as liked."""
    try:
        store.size(image.file.name)
        response = bytes_of(image.file.name, TYPES[image.format])
    except OSError as error:
        raise Http404("the file is gone") from error
    if request.method == "GET" and image.user_id != request.user.pk:
        Image.objects.filter(pk=image.pk).update(downloads=F("downloads") + 1)
    disposition = content_disposition_header(as_attachment=True, filename=image.download_name)
    response["Content-Disposition"] = disposition or "attachment"
    return _guarded(response)


def serve_thumb(request: HttpRequest, image: Image, width: int) -> HttpResponseBase:
    """A thumbnail or, while a worker makes one that is missing again, what there is in its place.

    Nothing is ever decoded here.
    """
    if width not in settings.THUMB_WIDTHS:
        raise Http404("no such width")
    width = min(width, image.thumb_widths[-1])
    return _thumb(request, image.pk.hex, image.access_version, width) or _in_its_place(request, image, width)


def _in_its_place(request: HttpRequest, image: Image, width: int) -> HttpResponseBase:
    """Another copy or, where there is none, a drawing; neither is kept by the browser, which asks again."""
    is_coming = lost_thumbs.ask(image)
    for name in store.remaining_thumbs(image, width):
        with suppress(OSError):
            response = bytes_of(name, "image/webp" if name.endswith(".webp") else "image/jpeg")
            response["Cache-Control"] = "no-store"
            return _guarded(response)
    response = _missing(image)
    if is_coming:
        response.status_code, response["Retry-After"] = 503, str(lost_thumbs.SOON_SECONDS)
        expect_refusal(request)  # after a restore each thumbnail of a page would leave an error in the log
    return response


def serve_original(request: HttpRequest, image: Image) -> HttpResponseBase:
    """The API's own bytes, to be looked at."""
    try:
        return _file(request, image.file.name, image.pk.hex, TYPES[image.format])
    except OSError:
        return _missing(image)


def _file(request: HttpRequest, name: str, tag: str, content_type: str) -> HttpResponseBase:
    """The file of this name, or word that the browser has it. OSError if there is none.

    An empty one counts as none: a power cut can leave a thumbnail so, whose name was on disk before its bytes.
    """
    if not store.size(name):
        raise FileNotFoundError(name)
    etag = quote_etag(tag)
    response = get_conditional_response(request, etag=etag) or bytes_of(name, content_type)
    response["ETag"], response["Cache-Control"] = etag, CACHE
    return _guarded(response)


def bytes_of(name: str, content_type: str) -> HttpResponseBase:
    """The whole file or, where a proxy sends those of this disk, its name for the proxy."""
    if settings.ACCEL_PREFIX and store.local_path(name):
        address = f"{settings.ACCEL_PREFIX}/{quote(name)}"
        return HttpResponse(content_type=content_type, headers={"X-Accel-Redirect": address})
    return FileResponse(store.open_file(name), content_type=content_type)


def _missing(image: Image) -> HttpResponseBase:
    """A drawn picture of the right shape: the page around it stays whole."""
    drawing = MISSING.format(image.width, image.height)
    response = HttpResponse(drawing, content_type="image/svg+xml", status=404)
    response["Cache-Control"] = "no-store"
    return _guarded(response)


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
