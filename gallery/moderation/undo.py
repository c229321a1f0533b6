"""Undoing a decision, exactly: what it changed, unless somebody has changed that since; and answering a question."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from gallery.models import Comment, Decision, Notice, Report, User
from gallery.moderation.decide import kind_of
from gallery.moderation.notify import withdraw
from generator.audit import record
from generator.models import Image


def undo(moderator: User, decision: Decision) -> bool:
    """Whether this press undid it: the item is open again, and the people it was told to are told otherwise."""
    with transaction.atomic():
        rows = Decision.objects.filter(pk=decision.pk, undone_at=None, answer="")
        if not rows.update(undone_at=timezone.now(), undone_by=moderator):
            return False
        decision.refresh_from_db()
        _restore(decision)
        _reopen(decision)
        withdraw(decision)
        record("undid", decision.image, moderator, decision=decision.action, kind=kind_of(decision.item))
    return True


def undo_batch(moderator: User, decisions: list[Decision]) -> int:
    with transaction.atomic():
        return sum(undo(moderator, decision) for decision in decisions)


def _restore(decision: Decision) -> None:
    before = decision.before
    if "state" in before:
        Comment.objects.filter(decisions=decision).update(state=before["state"])
    if "visibility" in before:
        _show_again(decision.image, before["visibility"], before["link"])
    if "trashed_at" in before:
        _take_out(decision.image, before["trashed_at"])


def _show_again(image: Image, visibility: str, link: str) -> None:
    """Links that were given away work again: nobody took them back but the decision."""
    current = Image.objects.select_for_update().get(pk=image.pk)
    if current.visibility == Image.Visibility.PRIVATE:
        current.show_to(visibility)
        Image.objects.filter(pk=image.pk).update(link=link)


def _take_out(image: Image, trashed_at: str) -> None:
    """Not if it was taken out and thrown away once more since."""
    if Image.objects.select_for_update().filter(pk=image.pk, trashed_at=datetime.fromisoformat(trashed_at)).exists():
        image.restore()


def _reopen(decision: Decision) -> None:
    """Who has reported the picture anew meanwhile has an open report, and one is enough."""
    if decision.comment_id:
        Comment.objects.filter(decisions=decision).update(seen_at=None)
        return
    with suppress(IntegrityError), transaction.atomic():
        Report.objects.filter(decisions=decision).update(resolved_at=None)


def answer(notice: Notice, text: str) -> bool:
    """The owner answers the question of a notice: the item is in the inbox again, with the answer."""
    with transaction.atomic():
        rows = Decision.objects.filter(notices=notice, undone_at=None, answer="")
        if not rows.update(answer=text):
            return False
        Notice.objects.filter(pk=notice.pk).unread().mark_read()
        _reopen(Decision.objects.get(notices=notice))
    return True
