"""What closed days and weeks add up to, so that nobody need count a year's calls again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from generator.models.accounting.periods import local_day

# A change of any of these columns of a call changes what its day adds up to.
COUNTED = frozenset(("state", "error_kind", "finished_at", "settled_at", "pictures", "units", "cost", "elapsed_time"))


class SpanManager(models.Manager["Span"]):
    def note(self, created_at: datetime, changed: Iterable[str]) -> None:
        """These columns of a call made then have changed; to be called in the transaction that changes them."""
        if not COUNTED.isdisjoint(changed) and local_day(created_at) < local_day(timezone.now()):
            self.spoil(local_day(created_at))

    def spoil(self, day: date) -> None:
        """Say that something about the calls of this day has changed, in the transaction that changes it.

        The rows are written even if there were none, so that their lock keeps everybody from filling them until
        the change is there to be seen.
        """
        zone = timezone.get_default_timezone_name()
        starts = {Span.Unit.DAY: day, Span.Unit.WEEK: monday(day)}
        self.bulk_create(
            [Span(unit=unit, start=start, zone=zone) for unit, start in starts.items()],
            update_conflicts=True,
            unique_fields=["unit", "start"],
            update_fields=["zone", "filled", "stamp"],
        )


class Span(models.Model):
    """A day or a week (from Monday) of the instance's time zone. Once `filled`, its tallies are what its calls add
    up to; tallies that are out of date stay until they are replaced, and count for nothing.

    `stamp` is drawn anew by each change: whoever has counted fills only if the stamp is still the one seen before.
    """

    class Unit(models.TextChoices):
        DAY = "day", "Day"
        WEEK = "week", "Week"

    unit = models.CharField(max_length=4, choices=Unit)
    start = models.DateField()
    zone = models.CharField(max_length=64)
    filled = models.BooleanField(default=False)
    stamp = models.UUIDField(default=uuid4)

    objects = SpanManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "start"], name="span_once")]

    def __str__(self) -> str:
        return f"{self.unit} from {self.start}"

    @property
    def end(self) -> date:
        """The day after its last."""
        return self.start + timedelta(days=7 if self.unit == self.Unit.WEEK else 1)


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
