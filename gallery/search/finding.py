"""Reads the pictures of a listing that fit a question: some beyond a place, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Max, Min

from gallery.models import Document
from gallery.search.matching import fitting, is_of_words, place_in
from gallery.search.query import Question
from generator.models.image_queryset import ImageQuerySet

# PostgreSQL looks at so many of the nearest documents first.
WINDOW = 20_000
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Finding:
    """Those of `images` whose words fit `question`. Whoever asks has seen to who may see them, and to facts."""

    images: ImageQuerySet
    question: Question

    def rows(self, columns: Sequence[str], size: int, beyond: UUID | None, *, newest_first: bool = True) -> Rows:
        """The first `size` in this order behind a picture, which may be gone by now, or else from the start."""
        column = place_in(self.question)
        found = fitting(self.images, self.question)
        place = None if beyond is None else self._place(beyond, newest_first)
        if place is not None:
            found = found.filter(**{f"{column}__{'lt' if newest_first else 'gt'}": place})
        if connection.vendor == "postgresql" and is_of_words(self.question):
            return self._in_two_steps(found, columns, size, place, newest_first)
        return list(found.order_by(("-" if newest_first else "") + column).values_list(*columns)[:size])

    def count(self, most: int) -> int:
        """How many there are, or `most` if there are more."""
        return int(fitting(self.images, self.question).order_by()[:most].count())

    def before(self, pk: UUID, most: int, *, newest_first: bool = True) -> int:
        """How many stand before this one, or `most` if there are more."""
        column = place_in(self.question)
        place = self._place(pk, newest_first)
        found = fitting(self.images, self.question).filter(**{f"{column}__{'gt' if newest_first else 'lt'}": place})
        return int(found.order_by()[:most].count())

    def _place(self, pk: UUID, newest_first: bool) -> Any:
        """In the column of `place_in`: where the picture stands or, without it, where it would."""
        if not is_of_words(self.question):
            return pk
        documents = Document.objects.values_list("pk", flat=True)
        if known := documents.filter(image=pk).first():
            return known
        older = documents.filter(image__lt=pk).order_by("-image_id").first() or 0
        return older + 1 if newest_first else older

    @staticmethod
    def _in_two_steps(found: ImageQuerySet, columns: Sequence[str], size: int, place: Any, newest_first: bool) -> Rows:
        """Of common words the nearest documents hold a page, and they are walked by their key. For others the planner,
        who takes any word for a common one, would walk all of them: where the order is a sum, it asks the index.
        """
        end = place if place is not None else _end(newest_first)
        bound = {"document__id__gt": end - WINDOW} if newest_first else {"document__id__lt": end + WINDOW}
        near = found.filter(**bound).order_by("-document__id" if newest_first else "document__id")
        rows = list(near.values_list(*columns)[:size])
        if len(rows) == size:
            return rows
        anywhere = F("document__id") + 0
        return list(found.order_by(anywhere.desc() if newest_first else anywhere.asc()).values_list(*columns)[:size])


def _end(newest_first: bool) -> int:
    end = Document.objects.aggregate(end=(Max if newest_first else Min)("pk"))["end"]
    return int(end or 0)
