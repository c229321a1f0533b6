"""Orders of what was found by words: the newest of it is read, and put into order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import F

from gallery.models import Document, Favourite
from gallery.search.finding import Finding
from gallery.search.phrases import holds
from gallery.search.query import Phrase, Question
from generator.models.ranks import IsCounted, tail

# So many of the newest are put into order.
MOST = 1000
_TAILS = (1 << 32) - 1
_FINENESS = 1_000_000
# A number and a key, of which the highest stand first.
Ranked = tuple[int, UUID]


def by_number(finding: Finding, column: str) -> list[Ranked]:
    """The newest of those of which there is something to compare."""
    counted = replace(finding, images=finding.images.filter(IsCounted(F(column))))
    return sorted(((number, pk) for pk, number in counted.rows(("pk", column), MOST, None)), reverse=True)


def by_favourite(finding: Finding, user: Any) -> list[Ranked]:
    """The newest of somebody's favourites, what was added last first."""
    numbers = Favourite.objects.numbers(_newest(finding), user)
    return sorted(((number, key) for key, number in numbers.items()), reverse=True)


def by_chance(finding: Finding, seed: int) -> list[Ranked]:
    """The newest, in the order that begins at a seed and goes on at the other end."""
    return sorted(((_TAILS - (seed - tail(key) & _TAILS), key) for key in _newest(finding)), reverse=True)


def by_match(finding: Finding, question: Question) -> list[Ranked]:
    """The newest, by how much of each prompt the words are and how early they come."""
    keys = _newest(finding)
    phrases = [one for clause in question.phrases if not clause.negated for one in clause.options]
    documents = Document.objects.filter(image__in=keys).values_list("image", "exact", "stems")
    scores = {key: _score(exact.split(), stems.split(), phrases) for key, exact, stems in documents}
    return sorted(((int(scores.get(key, 0.0) * _FINENESS), key) for key in keys), reverse=True)


def as_given(keys: Sequence[UUID]) -> list[Ranked]:
    """The first of these first."""
    return [(number, key) for number, key in zip(range(len(keys), 0, -1), keys, strict=True)]


def _newest(finding: Finding) -> list[UUID]:
    return [row[0] for row in finding.rows(("pk",), MOST, None)]


def _score(words: list[str], stems: list[str], phrases: Sequence[Any]) -> float:
    places = [at for one in phrases if isinstance(one, Phrase) for at in holds(one, words[: len(stems)], stems)]
    if not places:
        return 0.0
    return len(places) / (10 + len(stems)) + 1 / (10 + min(places))
