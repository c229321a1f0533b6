"""Undoing a decision, exactly: what it changed, unless somebody has changed that since; and answering a question."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from gallery.models import Comment, Decision, Notice, Report, User
from gallery.moderation.decide import WITHHOLDING, answer_questions, kind_of
from gallery.moderation.notify import withdraw
from generator.audit import record


def undo(moderator: User, decision: Decision, *, reopen: bool = True) -> bool:
    """Whether this press undid it: the item is open again, and the people it was told to are told otherwise.

    Without `reopen` the item counts as looked after: the picture is given back, and nothing is left to decide.
    """
    with transaction.atomic():
        rows = Decision.objects.filter(pk=decision.pk, undone_at=None, answer="")
        if not rows.update(undone_at=timezone.now(), undone_by=moderator):
            return False
        decision.refresh_from_db()
        _restore(decision)
        if reopen:
            _reopen(decision)
        withdraw(decision)
        if decision.action in WITHHOLDING:
            answer_questions(moderator, decision.image)
        record("undid", decision.image, moderator, decision=decision.action, kind=kind_of(decision.item))
    return True


def undo_batch(moderator: User, decisions: list[Decision]) -> int:
    with transaction.atomic():
        return sum(undo(moderator, decision) for decision in decisions)


def _restore(decision: Decision) -> None:
    before = decision.before
    if "state" in before:
        Comment.objects.filter(decisions=decision).update(state=before["state"])
    for column in WITHHOLDING.values():
        if since := before.get(column):
            decision.image.release(column, datetime.fromisoformat(since))
        if was := before.get(f"was_{column}"):
            decision.image.withhold(column, datetime.fromisoformat(was))


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
