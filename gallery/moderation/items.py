"""Reading the inbox: what waits for a decision and what was decided, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from gallery.models import Comment, Decision, Report
from gallery.paging import Page, newest, page_of
from generator.models import Image

PAGE_SIZE = 30
REPORTS, COMMENTS = "reports", "comments"
Item = Report | Comment
# Under any other picture only its owner talks, and to nobody.
OPEN = (Image.Visibility.SHARED, Image.Visibility.PUBLIC)


@dataclass(frozen=True)
class Line:
    """One open item. `asked` is the question about it that its owner has answered, if there was one."""

    item: Item
    kind: str
    asked: Decision | None


def open_reports() -> QuerySet[Report]:
    return Report.objects.filter(resolved_at=None)


def new_comments() -> QuerySet[Comment]:
    """What staff have not looked at, under pictures that others see."""
    on_show = Q(image__trashed_at=None) | Q(image__removed_at__isnull=False)
    return Comment.objects.filter(on_show, seen_at=None, image__visibility__in=OPEN)


def waiting_page(kind: str, before: UUID | None) -> Page[Line]:
    """Four queries, whatever the number. Ids sort by time, so the two lists merge by id and the id is the cursor."""
    found: list[Item] = []
    if kind != COMMENTS:
        found += newest(_with_answers(open_reports()), before, PAGE_SIZE + 1).rows
    if kind != REPORTS:
        found += newest(_with_answers(new_comments()), before, PAGE_SIZE + 1).rows
    found.sort(key=lambda item: item.pk, reverse=True)
    page = page_of(found, PAGE_SIZE, before)
    return page.of([_line(item) for item in page.rows])


def _with_answers(items: QuerySet[Any]) -> QuerySet[Any]:
    answered = Decision.objects.filter(undone_at=None).exclude(answer="").select_related("moderator", "image__user")
    people = items.select_related("user", "image__user", "image__generation")
    return people.prefetch_related(Prefetch("decisions", answered))


def _line(item: Item) -> Line:
    answered = list(item.decisions.all())
    kind = REPORTS if isinstance(item, Report) else COMMENTS
    return Line(item, kind, answered[0] if answered else None)


def decided_page(kind: str, before: UUID | None) -> Page[Decision]:
    """What was decided, with what was undone since."""
    decisions = Decision.objects.select_related(
        "moderator", "undone_by", "report__user", "comment__user", "image__user", "image__generation"
    )
    if kind:
        decisions = decisions.filter(**{f"{kind.removesuffix('s')}__isnull": False})
    return newest(decisions, before, PAGE_SIZE)
