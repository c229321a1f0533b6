"""How many pictures a month has, of whom and for whom, without reading them.

The database itself keeps count: its triggers on the pictures' table (migration 0015) write, in the transaction that
writes, changes or deletes a picture, what that adds to a month or takes from it. Nobody waits for anybody there, since
rows are only ever added; now and then a worker puts them together (`generator.worker.months`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from django.db import models

from generator.models.accounting.periods import days
from generator.models.generation import Visibility

# Pictures from before the first of these years, or from after the last, count in the first month or the last.
YEARS = range(2020, 2050)
EVERYBODY = 0
_LOWEST, _HIGHEST = UUID(int=0), UUID(int=(1 << 128) - 1)


def first_id(moment: datetime) -> UUID:
    """No picture that was received then or later has a lower id, and none from before has a higher one."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def month_number(day: date) -> int:
    """202603 for March 2026."""
    return day.year * 100 + day.month


class Month(models.Model):
    """A month of the instance's time zone whose pictures are counted: those with ids from `first_id` until, and
    without, `end_id`.
    """

    number = models.PositiveIntegerField(primary_key=True, help_text="202603 for March 2026")
    first_id = models.UUIDField(unique=True)
    end_id = models.UUIDField()

    class Meta:
        verbose_name, verbose_name_plural = "counted month", "counted months"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number // 100}-{self.number % 100:02}"

    @classmethod
    def all_there_are(cls) -> Iterator[Self]:
        """As the time zone of the instance has them, in order."""
        firsts = [date(year, month, 1) for year in YEARS for month in range(1, 13)]
        ids = [_LOWEST, *(first_id(days(first, first).start) for first in firsts[1:]), _HIGHEST]
        for first, begin, end in zip(firsts, ids, ids[1:], strict=False):
            yield cls(number=month_number(first), first_id=begin, end_id=end)


class MonthCountQuerySet(models.QuerySet["MonthCount"]):
    def visible_to(self, user: Any, *, looking: bool = False) -> Self:
        """Rows that add up to the number of pictures that `visible_to` lets through."""
        if looking and user.is_authenticated and user.is_staff:
            return self.filter(owner=EVERYBODY)
        if not user.is_authenticated:
            return self.filter(_told_to(user), owner=EVERYBODY)
        everybodys = models.Q(owner=EVERYBODY) & _told_to(user)
        return self.filter(everybodys | models.Q(owner=user.pk) & ~_told_to(user), owner__in=(EVERYBODY, user.pk))

    def own(self, user: Any) -> Self:
        """The same of one's own pictures."""
        return self.filter(owner=user.pk)

    def of_another(self, owner: Any, user: Any) -> Self:
        """The same of the pictures of somebody else, by key."""
        return self.filter(_told_to(user), owner=owner)


def _told_to(user: Any) -> models.Q:
    """What does not depend on whose pictures they are."""
    told = [Visibility.PUBLIC, Visibility.SHARED] if user.is_authenticated else [Visibility.PUBLIC]
    return models.Q(visibility__in=told, is_hidden=False)


class MonthCount(models.Model):
    """So many pictures more, or fewer, of one kind in a month; there are many rows of a kind, to be added up. What lies
    in the trash is not counted. Each picture counts twice: with its owner's, and with everybody's.
    """

    month = models.PositiveIntegerField(help_text="202603 for March 2026")
    owner = models.BigIntegerField(help_text="key of a member; 0 for everybody together")
    visibility = models.CharField(max_length=8, choices=Visibility)
    is_hidden = models.BooleanField(help_text="by staff")
    number = models.IntegerField()
    is_folded = models.BooleanField(default=False, help_text="what the rows of one kind were put together to")

    objects = MonthCountQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "count of pictures", "counts of pictures"
        indexes = [
            models.Index(fields=["owner", "month", "visibility", "is_hidden", "number"], name="monthcount_sums"),
            models.Index(fields=["month"], name="monthcount_unfolded", condition=models.Q(is_folded=False)),
        ]

    def __str__(self) -> str:
        return f"{self.month}: {self.number:+}"
