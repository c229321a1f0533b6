"""The months of a listing: how many pictures each of them has, and the way to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.http import QueryDict
from django.urls import get_script_prefix
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from gallery.browse.days import day_of
from gallery.browse.orders import BY_TIME, OLDEST
from gallery.browse.tiles import Picture
from gallery.browse.wanted import ALL, EXPLORE, FAVOURITES, MINE, Wanted
from gallery.models import User
from gallery.models.user import anybody
from gallery.paging import Page
from generator.models.compiled import SOME_NAME, Compiled
from generator.models.month import MonthCount
from generator.templatetags.quick import quick

_ANOTHERS = "u/"


class Month(NamedTuple):
    """`key` as in 2026-03, `name` as people say it; `pictures` as the number is written, empty where none is known."""

    key: str
    name: str
    pictures: str


def timeline(wanted: Wanted, page: Page[Picture], user: Any, given: QueryDict) -> str:
    """Of a page whose address asks what is `given`. One query; nothing where it would lead nowhere: in orders that are
    not of time, and where there is but one month.

    With a question it is not known which months have an answer: they are those of all the listing's pictures then,
    without counts. Those of favourites are not known either: they are everybody's.
    """
    if wanted.order not in BY_TIME or not page.rows:
        return ""
    is_part = wanted.question or wanted.scope == FAVOURITES
    found = [(number, 0) for number, _ in counts(wanted, user)] if is_part else counts(wanted, user)
    if len(found) < 2:
        return ""
    if wanted.order == OLDEST:
        found = found[::-1]
    way, here = _way(given), day_of(page.rows[0].pk)
    # What people ask for is not worth remembering, and what templates are worked on not for long.
    make = _written.__wrapped__ if way or settings.DEBUG else _written
    return make(tuple(found), (here.year, here.month), page.is_first, way, get_language(), get_script_prefix())


def counts(wanted: Wanted, user: Any) -> Sequence[tuple[int, int]]:
    """The months (202603 for March 2026) that have pictures this person may see, whatever is asked of them, and how
    many; the newest first.
    """
    statement = _statement(_kind(wanted, user), user.is_authenticated, user.is_staff)
    return statement.rows(user.pk, name=wanted.member)


def _kind(wanted: Wanted, user: Any) -> str:
    if wanted.member:
        return MINE if wanted.member == user.get_username() else _ANOTHERS
    is_other = user.is_authenticated and wanted.scope != FAVOURITES
    return wanted.scope if is_other else EXPLORE


@cache
def _statement(scope: str, is_member: bool, is_staff: bool) -> Compiled:
    def months(person: int) -> QuerySet[MonthCount, Any]:
        somebody = anybody(person, is_member=is_member, is_staff=is_staff)
        sums = _counted(scope, somebody).order_by("-month").values("month").annotate(pictures=Sum("number"))
        return sums.filter(pictures__gt=0).values_list("month", "pictures")

    return Compiled(months)


def _counted(scope: str, user: Any) -> QuerySet[MonthCount, Any]:
    if scope == MINE:
        return MonthCount.objects.own(user)
    if scope == _ANOTHERS:
        return MonthCount.objects.of_another(User.objects.filter(username=SOME_NAME).values("pk")[:1], user)
    return MonthCount.objects.visible_to(user, looking=scope == ALL)


def _way(given: QueryDict) -> str:
    """What the address of another month says besides."""
    left = given.copy()
    for name in ("at", "before", "after"):
        left.pop(name, None)
    return left.urlencode()


@lru_cache(128)
def _written(
    found: Sequence[tuple[int, int]], here: tuple[int, int], is_first: bool, way: str, _language: str, _prefix: str
) -> SafeString:
    months = [_month(*divmod(number, 100), pictures) for number, pictures in found]
    years = [(year, list(some)) for year, some in groupby(months, key=lambda month: month.key[:4])]
    to = f"?{way}&at=" if way else "?at="
    return quick("browse/_timeline.html", years=years, here=_month(*here, 0), is_first=is_first, to=to)


def _month(year: int, month: int, pictures: int) -> Month:
    name = date_format(date(year, month, 1), "YEAR_MONTH_FORMAT")
    return Month(f"{year}-{month:02}", name, number_format(pictures, force_grouping=True) if pictures else "")
