"""Reads pictures by the index of words: some beyond a place, how many there are, and how many before one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, Max, Min, OuterRef

from gallery.models import Document
from gallery.search.facts import Span
from gallery.search.matching import fitting, place
from gallery.search.query import Clause
from generator.models import Image
from generator.models.image_queryset import ImageQuerySet

# PostgreSQL looks at so many of the nearest documents first.
WINDOW = 20_000
# Documents of pictures that came at the same time may stand in another order than these: by no more than so many.
SLACK = 1_000
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Finding:
    """Those of `images` for whose words the clauses hold. Whoever asks has seen to who may see them, and to facts;
    `span` says within which ids they are.
    """

    images: ImageQuerySet
    clauses: Sequence[Clause]
    span: Span

    def rows(self, columns: Sequence[str], size: int, beyond: UUID | None, *, newest_first: bool = True) -> Rows:
        """The first `size` in this order behind a picture, which may be gone by now, or else from the start."""
        found, at = self.images_found(), None
        if beyond is not None:
            at = _place(beyond, newest_first=newest_first)
            found = found.filter(**{f"{place()}__{'lt' if newest_first else 'gt'}": at})
        if connection.vendor == "postgresql":
            return self._in_two_steps(found, columns, size, at, newest_first)
        return list(found.order_by(("-" if newest_first else "") + place()).values_list(*columns)[:size])

    def count(self, most: int) -> int:
        """How many there are, or `most` if there are more."""
        return int(self.images_found().order_by()[:most].count())

    def before(self, pk: UUID, most: int, *, newest_first: bool = True) -> int:
        """How many stand before this one, or `most` if there are more."""
        at = _place(pk, newest_first=newest_first)
        return int(
            self.images_found().filter(**{f"{place()}__{'gt' if newest_first else 'lt'}": at}).order_by()[:most].count()
        )

    def images_found(self) -> ImageQuerySet:
        """In no order. SQLite, which knows nothing of how rare anything is, would walk all pictures of a person and ask
        the index about each. So there the index alone says which come into question, and each is looked at by itself.
        """
        found = self.images
        if connection.vendor == "sqlite":
            found = Image.objects.filter(Exists(self.images.filter(pk=OuterRef("pk"))))
        found = fitting(found, self.clauses)
        if self.span.first:
            found = found.filter(**{f"{place()}__gt": _place(self.span.first, newest_first=False) - SLACK})
        if self.span.end:
            found = found.filter(**{f"{place()}__lt": _place(self.span.end, newest_first=True) + SLACK})
        return found

    def _in_two_steps(
        self, found: ImageQuerySet, columns: Sequence[str], size: int, at: int | None, newest_first: bool
    ) -> Rows:
        """Of common words the nearest documents hold a page, and they are walked by their key. For others the planner,
        who takes any word for a common one, would walk all of them: where the order is a sum, it asks the index.
        """
        end = self._end(newest_first) if at is None else at
        bound = {"document__id__gt": end - WINDOW} if newest_first else {"document__id__lt": end + WINDOW}
        near = found.filter(**bound).order_by("-document__id" if newest_first else "document__id")
        rows = list(near.values_list(*columns)[:size])
        if len(rows) == size:
            return rows
        anywhere = F("document__id") + 0
        return list(found.order_by(anywhere.desc() if newest_first else anywhere.asc()).values_list(*columns)[:size])

    def _end(self, newest_first: bool) -> int:
        """Where the walk begins."""
        bound = self.span.end if newest_first else self.span.first
        if bound:
            return _place(bound, newest_first=newest_first) + (SLACK if newest_first else -SLACK)
        end = Document.objects.aggregate(end=(Max if newest_first else Min)("pk"))["end"]
        return int(end or 0)


def _place(pk: UUID, *, newest_first: bool) -> int:
    """The key of its document or, without one, what stands before it in this order."""
    documents = Document.objects.values_list("pk", flat=True)
    if known := documents.filter(image=pk).first():
        return known
    older = documents.filter(image__lt=pk).order_by("-image_id").first() or 0
    return older + 1 if newest_first else older
