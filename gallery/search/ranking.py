"""Orders by what is known of pictures beside their time, over the newest of those that come into question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, F, FloatField, IntegerField, OuterRef, QuerySet, Subquery

from gallery.models import Comment, Document, Rating
from gallery.search.phrases import holds
from gallery.search.query import Phrase, Question
from generator.models.image_queryset import ImageQuerySet

RATED, DISCUSSED, DOWNLOADED, RELEVANT = "rated", "discussed", "downloads", "relevance"
RANKS = (RATED, DISCUSSED, DOWNLOADED)
# So many of the newest are put into order.
MOST = 1000


def ranked(images: ImageQuerySet, order: str, user: Any) -> list[UUID]:
    """The newest of those of which there is something to compare, the best first and among equals the newest; pictures
    without stars are not the worst of all.
    """
    found = _compared(images, order, user).order_by("-pk").values_list("pk", "rank")[:MOST]
    return [pk for pk, _rank in sorted(found, key=lambda row: row[1] or 0, reverse=True)]


def relevant(keys: Sequence[UUID], question: Question) -> list[UUID]:
    """These, which have been found by words and are the newest first, by how much of each prompt the words are and how
    early they come.
    """
    phrases = [one for clause in question.phrases if not clause.negated for one in clause.options]
    documents = Document.objects.filter(image__in=keys).values_list("image", "exact", "stems")
    scores = {key: _score(exact.split(), stems.split(), phrases) for key, exact, stems in documents}
    return sorted(keys, key=lambda key: scores.get(key, 0.0), reverse=True)


def _score(words: list[str], stems: list[str], phrases: Sequence[Any]) -> float:
    places = [at for one in phrases if isinstance(one, Phrase) for at in holds(one, words[: len(stems)], stems)]
    if not places:
        return 0.0
    return len(places) / (10 + len(stems)) + 1 / (10 + min(places))


def _compared(images: ImageQuerySet, order: str, user: Any) -> Any:
    """With what is compared as `rank`."""
    if order == DOWNLOADED:
        return images.filter(downloads__gt=0).annotate(rank=F("downloads"))
    if order == RATED:
        given = _of_each(Rating.objects.all()).annotate(mean=Avg("stars")).values("mean")
        rated = images.filter(pk__in=Rating.objects.values("image"))
        return rated.annotate(rank=Subquery(given, output_field=FloatField()))
    shown = Comment.objects.shown_to(user)
    number = _of_each(shown).annotate(number=Count("pk")).values("number")
    discussed = images.filter(pk__in=shown.values("image"))
    return discussed.annotate(rank=Subquery(number, output_field=IntegerField()))


def _of_each(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return rows.filter(image=OuterRef("pk")).order_by().values("image")
