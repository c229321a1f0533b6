"""Keeps the words of pictures in step with the pictures, and adds those from before there was an index.

The row of the words is written in the transaction that writes the picture's, and goes with it. The database's own
index follows the rows, see migration 0011.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from django.db import Error, transaction
from django.db.models import Min

from gallery.models import Document
from gallery.search.tokens import tokens_of
from gallery.search.words import MARK, exact_words, stem
from generator.models import Image
from generator.models.image_queryset import described, written
from generator.worker.points import tidied
from generator.worker.tasks import hand_over, in_rounds, outliving_outages

# The first of the ids that the database draws, by migration 0011.
FIRST = (1 << 40) + 1
# Pictures of one transaction when older ones are added.
CHUNK = 500
TASK = "gallery.search.index.add_what_is_missing"
# PostgreSQL keeps so many places of a word and forgets the others (documentation, "Limits of text search").
_MOST_PLACES = 255


def watch() -> None:
    """Called once, when the site starts."""
    written.connect(_add_new, sender=Image, dispatch_uid="search")
    described.connect(_look_again, sender=Image, dispatch_uid="search")
    tidied.connect(_look, dispatch_uid="search")


def add_older(limit: int = sys.maxsize) -> int:
    """Add the newest of those pictures that have no words yet and are older than all that have: how many.

    May be stopped and called again at any time, by one process at a time.
    """
    return in_chunks(_add_chunk, limit)


def in_chunks(add: Callable[[int], int], limit: int) -> int:
    """Have `add` add up to CHUNK at a time, until there are no more or `limit` are added: how many."""
    added = 0
    while added < limit and (count := add(min(CHUNK, limit - added))):
        added += count
    return added


def renew(images: Iterable[Image]) -> None:
    """After a change of what their words or tokens are made of, in the same transaction."""
    fresh = {document.image_id: document for document in _documents(images)}
    kept = list(Document.objects.filter(image__in=fresh))
    for document in kept:
        document.stems, document.exact = fresh[document.image_id].stems, fresh[document.image_id].exact
    Document.objects.bulk_update(kept, ["stems", "exact"])


@outliving_outages
def add_what_is_missing() -> None:
    """A worker's task, as long as there is something to add."""
    in_rounds(iter(partial(add_older, CHUNK), 0), TASK)


def missing() -> int:
    """How many pictures have no words yet."""
    return Image.objects.filter(document=None).count()


def _look(**_more: Any) -> None:
    with suppress(Error):  # the next look comes
        if Image.objects.filter(document=None).exists():
            hand_over(TASK)


def _add_new(images: list[Image], **_more: Any) -> None:
    Document.objects.bulk_create(_documents(images))


def _look_again(images: list[Image], **_more: Any) -> None:
    renew(Image.objects.filter(pk__in=[image.pk for image in images]).select_related("generation"))


def _add_chunk(size: int) -> int:
    """Beneath the lowest id, so that ids go on telling the order. Whoever changes one of these pictures meanwhile waits
    until it has its words, and renews them.
    """
    with transaction.atomic():
        lowest = Document.objects.aggregate(lowest=Min("id"))["lowest"] or FIRST
        waiting = Image.objects.filter(document=None).select_for_update(of=("self",))
        images = waiting.select_related("generation").newest()[:size]
        documents = list(_documents(images))
        for number, document in enumerate(documents, 1):
            document.pk = lowest - number
        Document.objects.bulk_create(documents)
    return len(documents)


def _documents(images: Iterable[Image]) -> Iterable[Document]:
    return (Document(image_id=each.pk, **words_of(each.generation.prompt, tokens_of(each))) for each in images)


def words_of(text: str, tokens: Iterable[str] = ()) -> dict[str, str]:
    """The columns of a document, with tokens behind the words."""
    exact = exact_words(text)
    return {"exact": _joined([*exact, MARK, *tokens]), "stems": _joined([stem(word) for word in exact])}


def _joined(words: list[str]) -> str:
    """With places left empty where a word has been too often, so that both databases keep the same."""
    if len(words) <= _MOST_PLACES:
        return " ".join(words)
    seen: Counter[str] = Counter()
    kept = []
    for word in words:
        seen[word] += 1
        kept.append(word if seen[word] <= _MOST_PLACES else MARK)
    return " ".join(kept)
