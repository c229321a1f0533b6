"""The numbers beside the bells in the header of every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from gallery.models import Notice, User
from gallery.moderation.items import new_comments, open_reports
from gallery.people.directory import waiting
from generator.models.compiled import Compiled, CountOf

# More than this is "a lot", and not worth counting.
MOST_COUNTED = 100


@dataclass(frozen=True)
class Badges:
    """Notices not read yet and, for staff alone, open items of the inbox and people who ask to join."""

    unread: int = 0
    reports: int = 0
    comments: int = 0
    asking: int = 0

    @property
    def inbox(self) -> int:
        return self.reports + self.comments


def badges(user: Any) -> Badges:
    """One query."""
    statement = _OF_STAFF if user.is_staff else _OF_MEMBERS
    return Badges(*(statement.row(user.pk) or ()))


def _member(person: int) -> QuerySet[User, Any]:
    return _counts(person, _unread(person))


def _staff(person: int) -> QuerySet[User, Any]:
    return _counts(person, _unread(person), open_reports(), new_comments(), waiting())


def _unread(person: int) -> QuerySet[Notice]:
    return Notice.objects.filter(user=person).unread()


def _counts(person: int, *items: QuerySet[Any, Any]) -> QuerySet[User, Any]:
    columns = [CountOf(some.order_by().values("pk")[:MOST_COUNTED]) for some in items]
    return User.objects.filter(pk=person).values_list(*columns)


_OF_MEMBERS, _OF_STAFF = Compiled(_member), Compiled(_staff)
