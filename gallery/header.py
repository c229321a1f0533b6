"""What the header of every page shows: the numbers beside the bells, the calls under way, a pause of the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from gallery.models import Notice, User
from gallery.moderation.items import new_comments, open_reports
from gallery.people.directory import waiting
from generator.models import Provider
from generator.models.compiled import Compiled, CountOf
from generator.progress.counts import running_columns
from generator.progress.tiles import pace

# More than this is "a lot", and not worth counting.
MOST_COUNTED = 100


@dataclass(frozen=True)
class Header:
    """Calls under way, of this person's and of all; why sending waits ("", "rate" or "key"); notices not read yet and,
    for staff alone, people who ask to join and open items of the inbox.
    """

    queue_mine: int = 0
    queue_all: int = 0
    pause: str = ""
    unread: int = 0
    asking: int = 0
    reports: int = 0
    comments: int = 0

    @property
    def queue_pace(self) -> int:
        """How often to ask for news of the calls, in seconds."""
        return pace({"queue_mine": self.queue_mine, "queue_all": self.queue_all})

    @property
    def inbox(self) -> int:
        return self.reports + self.comments


def header(user: Any) -> Header:
    """One query."""
    found = (_OF_STAFF if user.is_staff else _OF_MEMBERS).row(user.pk)
    if found is None:
        return Header()
    mine, everybody, pause, paused_at, paused_until, key_digest, *counted = found
    return Header(mine or 0, everybody or 0, _pause(pause, paused_at, paused_until, key_digest), *counted)


def _pause(pause: str | None, paused_at: datetime | None, paused_until: datetime | None, key_digest: str) -> str:
    """Empty as well before there is a row about the API."""
    if not pause:
        return ""
    provider = Provider(pause=pause, paused_at=paused_at, paused_until=paused_until, key_digest=key_digest)
    return pause if provider.is_paused(settings.ONLYSQ_API_KEY) else ""


def _member(person: int) -> QuerySet[User, Any]:
    return _columns(person, _unread(person))


def _staff(person: int) -> QuerySet[User, Any]:
    return _columns(person, _unread(person), waiting(), open_reports(), new_comments())


def _unread(person: int) -> QuerySet[Notice]:
    return Notice.objects.filter(user=person).unread()


def _columns(person: int, *items: QuerySet[Any, Any]) -> QuerySet[User, Any]:
    counted = [CountOf(some.order_by().values("pk")[:MOST_COUNTED]) for some in items]
    return User.objects.filter(pk=person).values_list(*running_columns(person), *Provider.objects.columns(), *counted)


_OF_MEMBERS, _OF_STAFF = Compiled(_member), Compiled(_staff)
