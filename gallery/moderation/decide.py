"""Deciding about a report or a comment: once, whoever else is at it, with all that is needed to undo it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from uuid6 import uuid7

from gallery.models import Comment, Decision, Report, User
from gallery.moderation.notify import tell
from generator.audit import record
from generator.models import Image

Action = Decision.Action
Item = Report | Comment
WITHHOLDING = {Action.HIDE: "hidden_at", Action.TRASH: "removed_at"}
COMMENT_STATES = {Action.HIDE: Comment.State.HIDDEN, Action.TRASH: Comment.State.TRASHED}


def kind_of(item: Item) -> str:
    return "report" if isinstance(item, Report) else "comment"


class DecidedError(Exception):
    """Somebody else was first; `decision` is theirs, or None if the item is simply gone."""

    def __init__(self, decision: Decision | None) -> None:
        who = f"by {decision.moderator}: {decision.get_action_display().lower()}" if decision else "or gone"
        super().__init__(f"Already decided {who}.")
        self.decision = decision


def decide(moderator: User, item: Item, action: str, note: str = "") -> Decision:
    """All in one transaction; raises `DecidedError`, with nothing done, if the item is no longer open."""
    with transaction.atomic():
        if not _take(item):
            raise DecidedError(_latest(item))
        decision = Decision(moderator=moderator, image=item.image, action=action, note=note)
        if isinstance(item, Report):
            decision.report = item
            decision.before = _act_on_picture(item, action)
        else:
            decision.comment = item
            decision.before = _act_on_comment(item, action)
        decision.save()
        tell(decision)
        record("decided", item.image, moderator, decision=action, kind=kind_of(item))
    return decision


def answer_questions(moderator: User, image: Image) -> None:
    """Its owner has asked for it, and has it back: they are told, and nothing is left to decide."""
    if Image.objects.withheld().filter(pk=image.pk).exists():
        return
    for appeal in Report.objects.filter(image=image, reason=Report.Reason.APPEAL, resolved_at=None):
        with suppress(DecidedError):
            decide(moderator, appeal, Action.FINE)


def _take(item: Item) -> bool:
    """One conditional UPDATE: of two moderators one wins."""
    column = "resolved_at" if isinstance(item, Report) else "seen_at"
    return type(item)._default_manager.filter(pk=item.pk, **{column: None}).update(**{column: timezone.now()}) == 1


def _latest(item: Item) -> Decision | None:
    return item.decisions.filter(undone_at=None).select_related("moderator").order_by("-pk").first()


def _act_on_picture(report: Report, action: str) -> dict[str, str]:
    """What was changed, as `Decision.before`; nothing if there was nothing to change.

    `hidden_at` and `removed_at` say since when staff withhold the picture; `was_hidden_at` and `was_removed_at` that
    they did until its owner's question was found right.
    """
    image = report.image
    if action in WITHHOLDING:
        column = WITHHOLDING[Action(action)]
        moment = image.withhold(column)
        return {column: moment.isoformat()} if moment else {}
    if action == Action.FINE and report.reason == Report.Reason.APPEAL:
        since = {f"was_{column}": image.release(column) for column in WITHHOLDING.values()}
        return {name: moment.isoformat() for name, moment in since.items() if moment}
    return {}


def _act_on_comment(comment: Comment, action: str) -> dict[str, str]:
    state = COMMENT_STATES.get(Action(action))
    if state is None or state == comment.state:
        return {}
    Comment.objects.filter(pk=comment.pk).update(state=state)
    return {"state": comment.state}


def find_fine(moderator: User, comments: Iterable[UUID]) -> list[Decision]:
    """Look at many comments at once; those that somebody else has decided meanwhile are left alone."""
    with transaction.atomic():
        new = list(Comment.objects.select_for_update().filter(pk__in=list(comments), seen_at=None).order_by("pk"))
        Comment.objects.filter(pk__in=[comment.pk for comment in new]).update(seen_at=timezone.now())
        batch = uuid7()
        made = Decision.objects.bulk_create(
            Decision(moderator=moderator, comment=comment, image_id=comment.image_id, action=Action.FINE, batch=batch)
            for comment in new
        )
        if made:
            record("looked", new[0], moderator, comments=len(made))
    return made
