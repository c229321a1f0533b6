"""Which calls there are, and whose turn it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Case, Count, IntegerField, Max, Q, Value, When
from django.utils import timezone

from generator.models.accounting.periods import local_day
from generator.models.accounting.price import Price
from generator.models.accounting.reserve import expected, make_room, usual_units
from generator.models.provider import Provider

if TYPE_CHECKING:
    from generator.models.call import Call
    from generator.models.generation import Generation


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Generating"
    RECEIVED = "received", "Saving"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"
    CANCELLED = "cancelled", "Cancelled"


# Turns of longer ago are forgotten: to look for them all would hold up whoever claims next.
TURN_MEMORY = timedelta(minutes=10)
RUNNING = (State.QUEUED, State.SENDING, State.RECEIVED)


class CallQuerySet(models.QuerySet["Call"]):
    def queued(self) -> CallQuerySet:
        return self.filter(state=State.QUEUED)

    def in_flight(self) -> CallQuerySet:
        """Those that take one of the places at the API."""
        return self.filter(state=State.SENDING)

    def held(self) -> CallQuerySet:
        """Those that a worker has in its hands, or had when it died."""
        return self.filter(state__in=(State.SENDING, State.RECEIVED), lease_until__isnull=False)

    def running(self) -> CallQuerySet:
        """Those a person is waiting for."""
        return self.filter(state__in=RUNNING)

    def running_counts(self, user: Any) -> dict[str, int]:
        """How many calls this person, and everybody, is waiting for; one query."""
        mine = Count("pk", filter=Q(generation__user=user))
        return self.running().aggregate(queue_mine=mine, queue_all=Count("pk"))

    def book(self, generation: Generation, counts: list[int], **more: Any) -> list[Call]:
        """Write new calls of a generation, one for each of these numbers of pictures, and reserve what they will take.

        LimitError, and nothing is written, if a limit of its owner leaves no room. To be called within a transaction.
        """
        first = more.pop("number", 1)
        price = Price.objects.at(generation.model, local_day(timezone.now()))
        units = usual_units(self.model.objects.filter(state=State.SUCCEEDED)).get(generation.model, 0.0)
        calls = [
            self.model(
                generation=generation, user_id=generation.user_id, number=number, count=count,
                **expected(price, units, count), **more,
            )
            for number, count in enumerate(counts, first)
        ]  # fmt: skip
        make_room(self.model.objects.all(), calls, is_free=price is None or price.is_free)
        return self.bulk_create(calls)

    def ripe(self, now: datetime) -> CallQuerySet:
        """Those that need not wait for their time. One that was put back in the future waits for a clock that
        has been set back since, and so no longer."""
        return self.filter(Q(not_before=None) | Q(not_before__lte=now) | Q(claimed_at__gt=now))

    def due(self, now: datetime) -> CallQuerySet:
        return self.queued().ripe(now)

    def abandoned_replies(self, now: datetime) -> CallQuerySet:
        """Replies on disk that no worker holds."""
        return self.filter(state=State.RECEIVED, lease_until=None).ripe(now).order_by("pk")

    def fairest_first(self, now: datetime) -> CallQuerySet:
        """Round robin: the person with the fewest calls in flight first, then whose last turn was the longest ago, then
        the oldest call. Where calls go out one at a time nobody has any in flight, and only the turns tell."""
        calls = self.model.objects.order_by()
        busy = dict(calls.in_flight().values_list("user").annotate(Count("pk")))
        served = calls.filter(claimed_at__range=(now - TURN_MEMORY, now))
        turns = [user for user, _ in sorted(served.values_list("user").annotate(Max("claimed_at")), key=itemgetter(1))]
        numbers = {user: number for number, user in enumerate(turns, 1)}
        return self.annotate(share=_by_user(busy), turn=_by_user(numbers)).order_by("share", "turn", "pk")

    def claim_next(self, key: str, concurrency: int, per_minute: int, lease: float) -> Call | None:
        """Take the fairest due call for this worker, if the API's limits leave room for one.

        Claims are made one at a time (the provider's row is locked), so the limits hold exactly.
        """
        with transaction.atomic():
            if Provider.objects.locked().is_paused(key) or not self.room(concurrency, per_minute):
                return None
            now = timezone.now()
            call = self.due(now).select_related("generation").fairest_first(now).first()
            return call if call and call.claim(lease) else None

    def room(self, concurrency: int, per_minute: int) -> int:
        """How many more calls the API's limits allow right now; `per_minute` 0 is no such limit."""
        free = concurrency - self.in_flight().count()
        if per_minute:
            now = timezone.now()
            last_minute = self.filter(claimed_at__range=(now - timedelta(minutes=1), now))
            free = min(free, per_minute - last_minute.count())
        return max(free, 0)


def _by_user(numbers: dict[Any, int]) -> Case | Value:
    """The number of the call's owner, 0 for whoever has none."""
    cases = [When(user=user, then=Value(number)) for user, number in numbers.items()]
    return Case(*cases, default=Value(0), output_field=IntegerField()) if cases else Value(0)
