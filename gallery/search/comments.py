"""Comments as they are searched for: their words, kept in step with them, and the pictures that they lead to.

As with the words of pictures, a row of them is written in the transaction that writes the comment, goes with it, and is
followed by the database's own index (migration 0015). Whether somebody may read a comment is asked of the comment.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.db import Error, transaction
from django.db.models import QuerySet
from django.db.models.signals import post_save

from gallery.models import Comment, CommentDocument
from gallery.search.index import CHUNK, in_chunks, words_of
from gallery.search.matching import fits
from gallery.search.query import Clause
from generator.worker.points import tidied
from generator.worker.tasks import hand_over, in_rounds, outliving_outages

TASK = "gallery.search.comments.add_what_is_missing"


def commented(clauses: Sequence[Clause], user: Any) -> QuerySet[Comment, Any]:
    """Keys of the pictures with a comment that this person may read and for which all of these clauses hold."""
    found = CommentDocument.objects.filter(**fits(clauses)).values("comment")
    return Comment.objects.shown_to(user).filter(pk__in=found).order_by().values("image")


def watch() -> None:
    """Called once, when the site starts."""
    post_save.connect(_keep, sender=Comment, dispatch_uid="search")
    tidied.connect(_look, dispatch_uid="comments")


def missing() -> int:
    """How many comments have no words yet."""
    return Comment.objects.filter(document=None).count()


def add_older(limit: int = sys.maxsize) -> int:
    """Add the words of comments that have none yet: how many. May be stopped and called again at any time."""
    return in_chunks(_add_chunk, limit)


@outliving_outages
def add_what_is_missing() -> None:
    """A worker's task, as long as there is something to add."""
    in_rounds(iter(partial(add_older, CHUNK), 0), TASK)


def _add_chunk(size: int) -> int:
    with transaction.atomic():
        waiting = Comment.objects.filter(document=None).select_for_update(of=("self",)).order_by("-pk")[:size]
        documents = list(_documents(waiting))
        CommentDocument.objects.bulk_create(documents, ignore_conflicts=True)
    return len(documents)


def _documents(comments: Iterable[Comment]) -> Iterable[CommentDocument]:
    return (CommentDocument(comment_id=comment.pk, **words_of(comment.text)) for comment in comments)


def _keep(instance: Comment, created: bool, update_fields: frozenset[str] | None, **_more: Any) -> None:
    """In the transaction of `Comment.save`."""
    if created:
        CommentDocument.objects.bulk_create(_documents([instance]))
    elif update_fields is None or "text" in update_fields:
        CommentDocument.objects.update_or_create(comment=instance, defaults=words_of(instance.text))


def _look(**_more: Any) -> None:
    with suppress(Error):  # the next look comes
        if Comment.objects.filter(document=None).exists():
            hand_over(TASK)
