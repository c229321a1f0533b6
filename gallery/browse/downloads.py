"""The pictures of a listing as ZIPs: the originals, and what is known about them as JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import IO, Any

from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gallery.access import members_only
from gallery.archive import Archive, answer
from gallery.browse.listing import Listing, cursor_of
from gallery.exports import csv_lines
from gallery.filters import query
from gallery.middleware.addresses import absolute
from gallery.paging import Cursor, Page, page_of
from gallery.search.overtime import OvertimeError, limited
from generator.models import Image
from generator.models.addresses import address

# So many lie in one ZIP: some hundred megabytes or a few gigabytes, which are there in minutes and can go on.
PART = 1000
PARTS = 10
MANIFEST, TABLE, FOLDER = "manifest.json", "manifest.csv", "pictures"


@dataclass(frozen=True)
class Part:
    """One ZIP of several, and the places that its pictures have in the listing."""

    number: int
    first: int
    last: int
    bytes: int
    address: str


@require_safe
@members_only
def downloads(request: HttpRequest) -> HttpResponse:
    """What there is to download of a listing, in parts."""
    listing = _listing(request)
    try:
        page = _read(listing, request.user, PART * PARTS)
    except OvertimeError:
        return _too_much(request)
    parts = [*_parts(listing, page, _number(request))]
    further = {**listing.fields, "before": page.older, "part": parts[-1].number + 1} if page.older else {}
    context = {"listing": listing, "parts": parts, "further": query(further)}
    return render(request, "browse/downloads.html", context)


@require_safe
@members_only
def listing_zip(request: HttpRequest) -> HttpResponseBase:
    """The originals of up to PART pictures of a listing. Nobody has looked at each: it counts as nobody's liking."""
    listing = _listing(request)
    try:
        keys = [row[0] for row in _read(listing, request.user, PART).rows]
    except OvertimeError:
        return _too_much(request)
    if not keys:
        raise Http404("no pictures")
    found = listing.images(request.user).select_related("generation", "user").in_bulk(keys)
    images = [found[key] for key in keys if key in found]
    name = f"vitrine-{timezone.localdate():%Y-%m-%d}-{_number(request)}.zip"
    return answer(request, _Zip(images, absolute(request, listing.first.address())), name)


class _Zip(Archive):
    def __init__(self, images: Sequence[Image], listing: str) -> None:
        super().__init__()
        pictures = [_told(image, self.add_picture(image, FOLDER)) for image in images]
        dated = max(image.created_at for image in images)
        with self.text(MANIFEST, dated) as file:
            _write_json(file, listing, pictures)
        with self.text(TABLE, dated) as file:
            for line in csv_lines(pictures[0], (picture.values() for picture in pictures)):
                file.write(line.encode(errors="replace"))


def _told(image: Image, file: str | None) -> dict[str, Any]:
    """What whoever may see a picture is told about it, and under which name it lies in the ZIP."""
    return {
        "file": file, "id": str(image.pk), "prompt": image.generation.prompt, "model": image.generation.model,
        "by": str(image.user), "created_at": image.created_at.isoformat(), "width": image.width,
        "height": image.height, "format": image.format, "bytes": image.bytes, "sha256": image.sha256,
    }  # fmt: skip


def _write_json(file: IO[bytes], listing: str, pictures: list[dict[str, Any]]) -> None:
    note = _(
        "These pictures were made by the members named here. Ask them before you publish one, and see the terms of "
        "the image API for what may be done with its pictures."
    )
    told = {"listing": listing, "licence_note": note, "pictures": pictures}
    file.write(json.dumps(told, ensure_ascii=False, indent=1).encode(errors="replace"))


def _listing(request: HttpRequest) -> Listing:
    """The one that a link in it names, from `before` on."""
    return replace(Listing.around(request.GET), before=Cursor.of(request.GET.get("before", "")))


def _too_much(request: HttpRequest) -> HttpResponse:
    said = _("This search takes too long. Ask for less: a time, a person, a word more.")
    return render(request, "busy.html", {"said": said}, status=503)


def _read(listing: Listing, user: Any, size: int) -> Page[tuple[Any, ...]]:
    """Raises OvertimeError if it takes too long to find them."""
    with limited() if listing.may_take_long else nullcontext():
        return page_of(listing.read_by(user).rows(size + 1, listing.before), size, listing.before, cursor_of)


def _number(request: HttpRequest) -> int:
    """Which part of a listing begins at `before`: a name for it, and nothing that anything else depends on."""
    said = request.GET.get("part", "")
    return int(said) if said.isascii() and said.isdecimal() and 0 < len(said) < 6 else 1


def _parts(listing: Listing, page: Page[tuple[Any, ...]], begin: int) -> Iterator[Part]:
    before = listing.before
    for number, start in enumerate(range(0, len(page.rows), PART), begin):
        rows = page.rows[start : start + PART]
        images = Image.objects.filter(pk__in=[row[0] for row in rows])
        size = images.aggregate(size=Sum("bytes"))["size"] or 0
        said = query({**listing.fields, "before": before, "part": number})
        first = (number - 1) * PART
        yield Part(number, first + 1, first + len(rows), size, f"{address('listing_zip')}?{said}")
        before = cursor_of(rows[-1])
