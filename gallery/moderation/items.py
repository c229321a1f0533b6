"""Reading the inbox: what waits for a decision and what was decided, newest first."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from gallery.browse.tiles import COLUMNS, Picture, small
from gallery.models import Comment, Decision, Report
from gallery.models.user import shown_name
from gallery.paging import Page, newest, newest_of, page_of
from generator.models import Image
from generator.models.addresses import address

PAGE_SIZE = 30
REPORTS, COMMENTS = "reports", "comments"
# Under any other picture only its owner talks, and to nobody.
OPEN = (Image.Visibility.SHARED, Image.Visibility.PUBLIC)
_OF_PERSON = ("username", "first_name", "last_name", "left_at", "is_active")
_OF_IMAGE = [f"image__{name}" for name in (*COLUMNS, "user__is_active")]


class Person(NamedTuple):
    """Somebody as a line names them; with the columns of _OF_PERSON."""

    username: str
    first_name: str
    last_name: str
    left_at: datetime | None
    is_active: bool

    def __str__(self) -> str:
        return shown_name(self.username, self.first_name, self.last_name, self.left_at)

    @property
    def is_linked(self) -> bool:
        return self.is_active or not self.left_at

    def get_absolute_url(self) -> str:
        return "" if self.left_at else address("member", self.username)


class Asked(NamedTuple):
    """The question about an item that its owner has answered."""

    moderator: Person
    note: str
    answer: str


class Line(NamedTuple):
    """One open item: who wrote it about which picture of whom. `what` are the words for a report's reason."""

    pk: UUID
    kind: str
    what: str
    text: str
    at: datetime
    person: Person
    picture: Picture
    owner: Person
    asked: Asked | None = None

    @property
    def small(self) -> str:
        """The address of the picture as it is shown here."""
        return small(self.picture)


class Decided(NamedTuple):
    """One decision; `item` is the line that it was about, `at` that of the decision."""

    pk: UUID
    action: Decision.Action
    note: str
    answer: str
    item: Line
    moderator: Person
    undone_at: datetime | None
    undone_by: Person | None

    @property
    def can_be_undone(self) -> bool:
        """As `Decision.can_be_undone`."""
        return not (self.undone_at or self.answer)


def open_reports() -> QuerySet[Report]:
    return Report.objects.filter(resolved_at=None)


def new_comments() -> QuerySet[Comment]:
    """What staff have not looked at, under pictures that others see."""
    on_show = Q(image__trashed_at=None) | Q(image__removed_at__isnull=False)
    return Comment.objects.filter(on_show, seen_at=None, image__visibility__in=OPEN)


def waiting_page(kind: str, before: UUID | None) -> Page[Line]:
    """Three queries, whatever the number. Ids sort by time, so the two lists merge by id and the id is the cursor."""
    found: list[Line] = []
    if kind != COMMENTS:
        found += _lines(open_reports().annotate(why=F("reason")), REPORTS, before)
    if kind != REPORTS:
        found += _lines(new_comments().annotate(why=Value("")), COMMENTS, before)
    found.sort(key=attrgetter("pk"), reverse=True)
    page = page_of(found, PAGE_SIZE, before)
    asked = _answered([line.pk for line in page.rows])
    return page.of([line._replace(asked=asked.get(line.pk)) for line in page.rows])


def _lines(items: QuerySet[Any], kind: str, before: UUID | None) -> list[Line]:
    """The newest ones, one more than a page holds."""
    columns = ("pk", "why", "text", "created_at", *_person("user"), *_OF_IMAGE)
    return [_line(kind, row) for row in newest_of(items, before).values_list(*columns)[: PAGE_SIZE + 1]]


def _line(kind: str, row: tuple[Any, ...]) -> Line:
    pk, reason, text, at, *others = row
    person, picture, owner = Person(*others[:5]), Picture(*others[5:-1]), others[-1]
    what = str(Report.Reason(reason).label) if reason else ""
    # What a picture says of its owner stands where a person has it, but for the last.
    names = (picture.username, picture.first_name, picture.last_name, picture.left_at)
    return Line(pk, kind, what, text, at, person, picture, Person(*names, owner))


def _answered(items: list[UUID]) -> dict[UUID, Asked]:
    """The last answer about each of these."""
    decisions = Decision.objects.filter(Q(report__in=items) | Q(comment__in=items), undone_at=None).exclude(answer="")
    rows = decisions.order_by("pk").values_list("report_id", "comment_id", *_person("moderator"), "note", "answer")
    return {report or comment: Asked(Person(*said[:5]), *said[5:]) for report, comment, *said in rows}


def decided_page(kind: str, before: UUID | None) -> Page[Decided]:
    """What was decided, with what was undone since. One query."""
    decisions = Decision.objects.annotate(
        why=Coalesce("report__reason", Value("")),
        said=Coalesce("report__text", "comment__text"),
        **{f"by_{name}": Coalesce(f"report__user__{name}", f"comment__user__{name}") for name in _OF_PERSON},
    )
    if kind:
        decisions = decisions.filter(**{f"{kind.removesuffix('s')}__isnull": False})
    columns = (
        "pk", "action", "note", "answer", "undone_at", "report_id", *_person("moderator"), *_person("undone_by"),
        "why", "said", "created_at", *(f"by_{name}" for name in _OF_PERSON), *_OF_IMAGE,
    )  # fmt: skip
    page = newest(decisions.values_list(*columns, named=True), before, PAGE_SIZE)
    return page.of([_decided(tuple(row)) for row in page.rows])


def _decided(row: tuple[Any, ...]) -> Decided:
    pk, action, note, answer, undone_at, report, *others = row
    item = _line(REPORTS if report else COMMENTS, (pk, *others[10:]))
    undone_by = Person(*others[5:10]) if undone_at else None
    return Decided(pk, Decision.Action(action), note, answer, item, Person(*others[:5]), undone_at, undone_by)


def _person(name: str) -> list[str]:
    return [f"{name}__{column}" for column in _OF_PERSON]
