"""What staff have hidden or moved to the trash: why, as its owner may know it, and how the owner asks about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import transaction

from gallery.models import Decision, Report, User
from gallery.moderation.decide import WITHHOLDING, DecidedError, answer_questions, decide
from gallery.moderation.undo import undo
from generator.audit import record
from generator.models import Image


@dataclass(frozen=True)
class Why:
    """`reason` is that of the report, without a word of who wrote it; `is_asked`: its owner waits for an answer."""

    reason: str
    is_asked: bool


class Kept(Protocol):
    """A picture, or a row that has these columns of one."""

    @property
    def pk(self) -> UUID: ...
    @property
    def hidden_at(self) -> datetime | None: ...
    @property
    def removed_at(self) -> datetime | None: ...


def reasons(images: Iterable[Kept]) -> dict[UUID, Why]:
    """Of those of these pictures that staff withhold; two queries, whatever the number, and none without any."""
    held = [image.pk for image in images if image.hidden_at or image.removed_at]
    if not held:
        return {}
    decisions = Decision.objects.filter(image__in=held, undone_at=None, action__in=WITHHOLDING, report__isnull=False)
    said: dict[UUID, str] = {}
    for decision in decisions.exclude(report__reason=Report.Reason.APPEAL).select_related("report").order_by("pk"):
        said[decision.image_id] = decision.report.get_reason_display() if decision.report else ""
    appeals = Report.objects.filter(image__in=held, reason=Report.Reason.APPEAL, resolved_at=None)
    asked = set(appeals.values_list("image_id", flat=True))
    return {pk: Why(said.get(pk, ""), pk in asked) for pk in held}


def withhold(moderator: User, image: Image, action: str, reason: str) -> Decision | None:
    """Hide it or move it to the trash, as if the moderator had reported it; None if somebody was first."""
    with transaction.atomic():
        report = Report.objects.get_or_create(
            image=image, user=moderator, resolved_at=None, defaults={"reason": reason}
        )[0]
        try:
            return decide(moderator, report, action)
        except DecidedError:
            return None


def give_back(moderator: User, image: Image) -> int:
    """Undo whatever withholds it, by whichever door it came to that; the number of what was undone."""
    count = 0
    with transaction.atomic():
        acts = Decision.objects.filter(image=image, undone_at=None, action__in=WITHHOLDING, report__isnull=False)
        for decision in acts.select_related("image", "report", "comment"):
            count += undo(moderator, decision, reopen=False)
        for column in WITHHOLDING.values():
            if image.release(column):
                record("gave back", image, moderator)
                count += 1
        answer_questions(moderator, image)
    return count


def ask(image: Image, text: str) -> bool:
    """Its owner asks staff to look again; False if that is asked already."""
    return Report.objects.get_or_create(
        image=image, user=image.user, resolved_at=None, defaults={"reason": Report.Reason.APPEAL, "text": text}
    )[1]
