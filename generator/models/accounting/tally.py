"""What days, weeks and parts of days that are over add up to, so that nobody need count a year's calls again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from generator.models.accounting.periods import Interval, days, local_day, part_of

# A change of any of these columns of a call changes what its day adds up to.
COUNTED = frozenset(("state", "error_kind", "finished_at", "settled_at", "pictures", "units", "cost", "elapsed_time"))


class SpanManager(models.Manager["Span"]):
    def note(self, created_at: datetime, changed: Iterable[str]) -> None:
        """These columns of a call made then have changed; to be called in the transaction that changes them.

        The spans that are over are spoilt. Their rows are written even if there were none, so that their lock keeps
        everybody from filling them until the change is there to be seen.
        """
        if COUNTED.isdisjoint(changed):
            return
        zone = timezone.get_default_timezone_name()
        spans = [Span(unit=unit, start=start, number=number, zone=zone) for unit, start, number in _over(created_at)]
        self.bulk_create(
            spans,
            update_conflicts=True,
            unique_fields=["unit", "start", "number"],
            update_fields=["zone", "filled", "stamp", "changed_at"],
        )

    def are_over(self, created_at: datetime) -> bool:
        """Whether some span of a call made then is over, so that each change of it is noted."""
        return any(True for _ in _over(created_at))


def _over(moment: datetime) -> Iterator[tuple[str, date, int]]:
    """The spans that it lies in and that are over now. Parts are only kept of a day that is hardly over."""
    now = timezone.now()
    today, (day, number) = local_day(now), part_of(moment)
    if day < today:
        yield Span.Unit.DAY, day, 0
        yield Span.Unit.WEEK, monday(day), 0
    if (day, number) < part_of(now) and today - day <= timedelta(days=1):
        yield Span.Unit.PART, day, number


class Span(models.Model):
    """A day of the instance's time zone, a week (from Monday), or ten minutes of the day that is not over yet. Once
    `filled`, its tallies are what its calls add up to; tallies that are out of date stay until they are replaced, and
    count for nothing.

    `stamp` is drawn anew by each change: whoever has counted fills only if the stamp is still the one seen before.
    """

    class Unit(models.TextChoices):
        DAY = "day", "Day"
        WEEK = "week", "Week"
        PART = "part", "Ten minutes"

    unit = models.CharField(max_length=4, choices=Unit)
    start = models.DateField()
    number = models.PositiveSmallIntegerField(default=0, help_text="of a part: its place in the day, from 0")
    zone = models.CharField(max_length=64)
    filled = models.BooleanField(default=False)
    stamp = models.UUIDField(default=uuid4)
    changed_at = models.DateTimeField(auto_now=True, help_text="when its calls changed last")

    objects = SpanManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "start", "number"], name="span_once")]

    def __str__(self) -> str:
        return f"{self.unit} from {self.start}"

    @property
    def end(self) -> date:
        """The day after its last."""
        return self.start + timedelta(days=7 if self.unit == self.Unit.WEEK else 1)

    @property
    def interval(self) -> Interval:
        whole = days(self.start, self.end - timedelta(days=1))
        return whole.part(self.number) if self.unit == self.Unit.PART else whole


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _amount() -> models.DecimalField:  # type: ignore[type-arg]  # not subscriptable at run time
    return models.DecimalField(max_digits=16, decimal_places=4, default=0)


class Tally(models.Model):
    """What some calls of a span add up to: those of a state, `by` nothing else, by member, by model, or by both.

    What each is a sum of is told by `generator.models.accounting.figures.Figures`.
    """

    class By(models.TextChoices):
        NOTHING = "", "nothing else"
        USER = "user", "member"
        MODEL = "model", "model"
        BOTH = "both", "member and model"

    span = models.ForeignKey(Span, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    by = models.CharField(max_length=5, choices=By, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    model = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10)

    calls = models.PositiveIntegerField(default=0)
    pictures = models.PositiveIntegerField(default=0)
    units = models.BigIntegerField(default=0)
    cost = _amount()
    reserved = models.PositiveIntegerField(default=0)
    reserved_pictures = models.PositiveIntegerField(default=0)
    reserved_units = models.BigIntegerField(default=0)
    reserved_cost = _amount()
    elapsed_count = models.PositiveIntegerField(default=0)
    elapsed_sum = models.FloatField(default=0)
    waited_count = models.PositiveIntegerField(default=0)
    waited_sum = models.FloatField(default=0)
    elapsed = models.JSONField(default=dict)
    waited = models.JSONField(default=dict)
    hours = models.JSONField(default=dict)
    kinds = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "tallies"
        indexes = [models.Index(fields=["span", "by", "user"], name="tally_of_span")]

    def __str__(self) -> str:
        return f"{self.calls} calls, {self.state}"
