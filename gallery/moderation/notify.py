"""What the reporter and the owner are told about a decision. It never says who reported, nor who decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
    Action.ASK: "Staff ask you about a picture of yours: “{note}”",
}
# Kinds of notices to the owner, who is told the reason of the report.
WITHHELD = {Action.HIDE: "hidden", Action.TRASH: "removed"}
APPEAL = {Action.FINE: "given back", Action.HIDE: "stays", Action.TRASH: "stays"}
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
    for person, said in _said(decision):
        if person.pk not in told and any(said.values()):
            told.add(person.pk)
            notices.append(_notice(decision, person.pk, **said))
    Notice.objects.bulk_create(notices)


def _said(decision: Decision) -> Iterable[tuple[User, dict[str, Any]]]:
    """Who hears what; the owner first, so that one who reported their own picture hears what became of it."""
    action = Action(decision.action)
    item = decision.item
    if isinstance(item, Report):
        return [(decision.image.user, _to_owner(decision, item)), (item.user, {"text": REPORTER[action]})]
    text = WRITER.get(action, "").format(text=str(item), note=decision.note)
    return [(item.user, {"text": text})]


def _to_owner(decision: Decision, report: Report) -> dict[str, Any]:
    action = Action(decision.action)
    if report.reason == Report.Reason.APPEAL and action in APPEAL:
        return {"kind": APPEAL[action]}
    if action in WITHHELD:
        return {"kind": WITHHELD[action], "values": {"reason": report.reason}}
    return {"text": OWNER[action].format(note=decision.note)}


def withdraw(decision: Decision) -> None:
    """Unread notices vanish; whoever has read theirs is told that it holds no more."""
    notices = Notice.objects.filter(decision=decision)
    readers = list(notices.exclude(read_at=None).values_list("user", flat=True))
    notices.unread().delete()
    text = TAKEN_BACK[Action(decision.action)]
    Notice.objects.bulk_create(_notice(decision, reader, text=text) for reader in readers)


def _notice(decision: Decision, user_id: int, text: str = "", **said: Any) -> Notice:
    is_question = decision.action == Action.ASK and decision.undone_at is None and _owner_id(decision) == user_id
    about = {"user_id": user_id, "image_id": decision.image_id, "decision": decision}
    return Notice(text=text[:1000], question=is_question, **about, **said)


def _owner_id(decision: Decision) -> int:
    """Of the picture that was reported, or of the comment."""
    return decision.image.user_id if decision.report_id else decision.item.user_id
