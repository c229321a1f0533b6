"""Reading the inbox: what waits for a decision and what was decided, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from gallery.models import Comment, Decision, Report

PAGE_SIZE = 30
REPORTS, COMMENTS = "reports", "comments"
Item = Report | Comment
# More than this is "a lot" in the header's badge, and not worth counting.
MOST_COUNTED = 100


@dataclass(frozen=True)
class Line:
    """One open item. `asked` is the question about it that its owner has answered, if there was one."""

    item: Item
    kind: str
    asked: Decision | None


@dataclass(frozen=True)
class Page:
    """`older` is the cursor of the next page, or None at the end."""

    lines: Sequence[Line] | Sequence[Decision]
    older: UUID | None


def open_reports() -> QuerySet[Report]:
    return Report.objects.filter(resolved_at=None)


def new_comments() -> QuerySet[Comment]:
    """What staff have not looked at."""
    return Comment.objects.filter(seen_at=None)


def waiting_page(kind: str, before: UUID | None, size: int = PAGE_SIZE) -> Page:
    """Four queries, whatever the number. Ids sort by time, so the two lists merge by id and the id is the cursor."""
    found: list[Item] = []
    if kind != COMMENTS:
        found += _newest(open_reports(), before, size)
    if kind != REPORTS:
        found += _newest(new_comments(), before, size)
    found.sort(key=lambda item: item.pk, reverse=True)
    older = found[size - 1].pk if len(found) > size else None
    return Page([_line(item) for item in found[:size]], older)


def _newest(items: QuerySet[Any], before: UUID | None, size: int) -> list[Item]:
    if before:
        items = items.filter(pk__lt=before)
    answered = Decision.objects.filter(undone_at=None).exclude(answer="").select_related("moderator", "image__user")
    people = items.select_related("user", "image__user", "image__generation")
    return list(people.prefetch_related(Prefetch("decisions", answered)).order_by("-pk")[: size + 1])


def _line(item: Item) -> Line:
    answered = list(item.decisions.all())
    kind = REPORTS if isinstance(item, Report) else COMMENTS
    return Line(item, kind, answered[0] if answered else None)


def decided_page(kind: str, before: UUID | None, size: int = PAGE_SIZE) -> Page:
    """What was decided, with what was undone since."""
    decisions = Decision.objects.select_related(
        "moderator", "undone_by", "report__user", "comment__user", "image__user", "image__generation"
    )
    if kind:
        decisions = decisions.filter(**{f"{kind.removesuffix('s')}__isnull": False})
    if before:
        decisions = decisions.filter(pk__lt=before)
    found = list(decisions.order_by("-pk")[: size + 1])
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)


def count_waiting() -> int:
    """How many wait, up to `MOST_COUNTED` of each kind."""
    return sum(items.order_by()[:MOST_COUNTED].count() for items in (open_reports(), new_comments()))
