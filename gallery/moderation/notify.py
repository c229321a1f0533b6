"""What the reporter and the owner are told about a decision. It never says who reported, nor who decided."""

from __future__ import annotations

from collections.abc import Iterable

from gallery.models import Decision, Notice, Report, User

Action = Decision.Action
REPORTER = {
    Action.FINE: "Staff looked at a picture that you reported and found no problem with it.",
    Action.HIDE: "Thank you for your report. Staff have hidden the picture.",
    Action.TRASH: "Thank you for your report. Staff have moved the picture to the trash.",
    Action.ASK: "Thank you for your report. Staff have asked the owner about the picture.",
}
OWNER = {
    Action.FINE: "Somebody asked staff to look at a picture of yours. They found no problem with it.",
    Action.HIDE: "Staff have hidden a picture of yours after a report: only you and staff see it now.",
    Action.TRASH: "Staff have moved a picture of yours to the trash after a report.",
    Action.ASK: "Staff ask you about a picture of yours: “{note}”",
}
WRITER = {
    Action.HIDE: "Staff have hidden a comment of yours: “{text}” Only you see it now.",
    Action.TRASH: "Staff have removed a comment of yours: “{text}”",
    Action.ASK: "Staff ask you about your comment “{text}”: “{note}”",
}
# Said to those who had read what is no longer so.
TAKEN_BACK = {
    Action.FINE: "Staff look again at a picture they had found no problem with.",
    Action.HIDE: "Staff have taken it back: what they had hidden is shown as before.",
    Action.TRASH: "Staff have taken it back: what they had removed is there again.",
    Action.ASK: "Staff have taken their question back.",
}


def tell(decision: Decision) -> None:
    """Nobody is told what they did themselves, and nobody twice."""
    told = {decision.moderator_id}
    notices = []
    for person, sentence in _sentences(decision):
        if person.pk not in told and sentence:
            told.add(person.pk)
            notices.append(_notice(decision, person.pk, sentence))
    Notice.objects.bulk_create(notices)


def _sentences(decision: Decision) -> Iterable[tuple[User, str]]:
    """Who hears what; the owner first, so that one who reported their own picture hears what became of it."""
    action = Action(decision.action)
    item = decision.item
    if isinstance(item, Report):
        return [(decision.image.user, OWNER[action].format(note=decision.note)), (item.user, REPORTER[action])]
    sentence = WRITER.get(action, "")
    return [(item.user, sentence.format(text=str(item), note=decision.note))]


def withdraw(decision: Decision) -> None:
    """Unread notices vanish; whoever has read theirs is told that it holds no more."""
    notices = Notice.objects.filter(decision=decision)
    readers = list(notices.exclude(read_at=None).values_list("user", flat=True))
    notices.unread().delete()
    sentence = TAKEN_BACK[Action(decision.action)]
    Notice.objects.bulk_create(_notice(decision, reader, sentence) for reader in readers)


def _notice(decision: Decision, user_id: int, sentence: str) -> Notice:
    is_question = decision.action == Action.ASK and decision.undone_at is None and _owner_id(decision) == user_id
    return Notice(
        user_id=user_id, image_id=decision.image_id, decision=decision, text=sentence[:1000], question=is_question
    )


def _owner_id(decision: Decision) -> int:
    """Of the picture that was reported, or of the comment."""
    return decision.image.user_id if decision.report_id else decision.item.user_id
