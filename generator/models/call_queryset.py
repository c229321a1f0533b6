"""Which calls there are, and whose turn it is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Case, Count, IntegerField, Max, Q, Value, When
from django.utils import timezone

from generator.models.accounting.periods import local_day
from generator.models.accounting.price import Price
from generator.models.accounting.reserve import expected, make_room, usual_units
from generator.models.states import RUNNING, State

Row = TypeVar("Row", bound=models.Model)
# Turns of longer ago are forgotten: to look for them all would hold up whoever claims next.
TURN_MEMORY = timedelta(minutes=10)
HELD = Q(state__in=(State.SENDING, State.RECEIVED), lease_until__isnull=False)


class CallQuerySet(models.QuerySet[Row]):
    def queued(self) -> Self:
        return self.filter(state=State.QUEUED)

    def in_flight(self) -> Self:
        """Those that take one of the places at the API."""
        return self.filter(state=State.SENDING)

    def held(self) -> Self:
        """Those that a worker has in its hands, or had when it died."""
        return self.filter(HELD)

    def renew(self, claims: Collection[tuple[Any, str]], seconds: float) -> int:
        """Hold those of these claims (call and lease) that still stand for another so many seconds; their number."""
        pks, leases = [pk for pk, _ in claims], [lease for _, lease in claims]
        until = timezone.now() + timedelta(seconds=seconds)
        return self.filter(HELD, pk__in=pks, lease__in=leases).update(lease_until=until) if claims else 0

    def running(self) -> Self:
        """Those a person is waiting for."""
        return self.filter(state__in=RUNNING)

    def book(self, generation: Any, counts: list[int], **more: Any) -> list[Row]:
        """Write new calls of a generation, one for each of these numbers of pictures, and reserve what they will take.

        LimitError, and nothing is written, if a limit of its owner leaves no room. To be called within a transaction.
        """
        first = more.pop("number", 1)
        price = Price.objects.at(generation.model, local_day(timezone.now()))
        units = usual_units(self.model._default_manager.filter(state=State.SUCCEEDED)).get(generation.model, 0.0)
        calls: list[Any] = [
            self.model(
                generation=generation, user_id=generation.user_id, number=number, count=count,
                **expected(price, units, count), **more,
            )
            for number, count in enumerate(counts, first)
        ]  # fmt: skip
        make_room(self.model._default_manager.all(), calls, is_free=price is None or price.is_free)
        return self.bulk_create(calls)

    def book_again(self, call: Any) -> Any:
        """Another call for the same pictures as one that has ended, None if there is one already.

        Holds the row before it looks, so that of two clicks the second one sees what the first has made.
        """
        held: Any = self.select_for_update().filter(pk=call.pk, state=call.state).first()
        if held is None or self.filter(retry_of=call).exists():
            return None
        call.settled_at = held.settled_at
        last = call.generation.calls.aggregate(last=Max("number"))["last"]
        (again,) = self.book(call.generation, [call.count], number=last + 1, retry_of=call)
        return again

    def ripe(self, now: datetime) -> Self:
        """Those that need not wait for their time. One that was put back in the future waits for a clock that
        has been set back since, and so no longer."""
        return self.filter(Q(not_before=None) | Q(not_before__lte=now) | Q(claimed_at__gt=now))

    def due(self, now: datetime) -> Self:
        return self.queued().ripe(now)

    def abandoned_replies(self, now: datetime) -> Self:
        """Replies on disk that no worker holds."""
        return self.filter(state=State.RECEIVED, lease_until=None).ripe(now).order_by("pk")

    def fairest_first(self, now: datetime) -> Self:
        """Round robin: the person with the fewest calls in flight first, then whose last turn was the longest ago, then
        the oldest call. Where calls go out one at a time nobody has any in flight, and only the turns tell."""
        calls = self.model._default_manager.order_by()
        busy = dict(calls.filter(state=State.SENDING).values_list("user").annotate(Count("pk")))
        served = calls.filter(claimed_at__range=(now - TURN_MEMORY, now))
        turns = [user for user, _ in sorted(served.values_list("user").annotate(Max("claimed_at")), key=itemgetter(1))]
        numbers = {user: number for number, user in enumerate(turns, 1)}
        return self.annotate(share=_by_user(busy), turn=_by_user(numbers)).order_by("share", "turn", "pk")

    def fairest(self, now: datetime) -> Row | None:
        """The one that is to be claimed next."""
        return self.due(now).select_related("generation").fairest_first(now).first()

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
