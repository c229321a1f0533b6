"""Keeps the words of pictures in step with the pictures, and adds those from before there was an index.

The row of the words is written in the transaction that writes the picture's, and goes with it. The database's own
index follows the rows, see migration 0011.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from django.db import DatabaseError, Error, connection, transaction
from django.db.models import Min

from gallery.models import Document
from gallery.search.tokens import tokens_of
from gallery.search.words import MARK, exact_words, stem
from generator.models import Image
from generator.models.image_queryset import written
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
    tidied.connect(_look, dispatch_uid="search")


def add_older(limit: int = sys.maxsize) -> int:
    """Add the newest of those pictures that have no words yet and are older than all that have: how many.

    May be stopped and called again at any time, by one process at a time.
    """
    added = 0
    while added < limit and (count := _add_chunk(min(CHUNK, limit - added))):
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


def rebuild() -> None:
    """Make the database's index anew from the rows; it locks the table meanwhile."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO gallery_document_index (gallery_document_index) VALUES ('rebuild')")
        else:
            cursor.execute("REINDEX INDEX gallery_document_words")


def is_sound() -> bool:
    """Whether SQLite's index says what the rows say. PostgreSQL makes its own of each row, and cannot differ."""
    if connection.vendor != "sqlite":
        return True
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO gallery_document_index (gallery_document_index, rank) VALUES ('integrity-check', 1)"
            )
    except DatabaseError:
        return False
    return True


def _look(**_more: Any) -> None:
    with suppress(Error):  # the next look comes
        if Image.objects.filter(document=None).exists():
            hand_over(TASK)


def _add_new(images: list[Image], **_more: Any) -> None:
    Document.objects.bulk_create(_documents(images))


def _add_chunk(size: int) -> int:
    """Beneath the lowest id, so that ids go on telling the order."""
    with transaction.atomic():
        lowest = Document.objects.aggregate(lowest=Min("id"))["lowest"] or FIRST
        images = Image.objects.filter(document=None).select_related("generation").newest()[:size]
        documents = list(_documents(images))
        for number, document in enumerate(documents, 1):
            document.pk = lowest - number
        Document.objects.bulk_create(documents)
    return len(documents)


def _documents(images: Iterable[Image]) -> Iterable[Document]:
    for image in images:
        exact = exact_words(image.generation.prompt)
        stems = [stem(word) for word in exact]
        yield Document(image_id=image.pk, exact=_joined([*exact, MARK, *tokens_of(image)]), stems=_joined(stems))


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
