"""One paid request to the API: one line of the ledger, and the state machine of its life."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from uuid6 import uuid7

from generator.models.accounting.reserve import not_charged, reserved_again, settled
from generator.models.accounting.tally import Span
from generator.models.call_queryset import CallQuerySet
from generator.models.event import Event
from generator.models.failure_words import KEPT, PARTIAL, UNREADABLE, Failure, failure_in
from generator.models.lease import new_lease, worker_of
from generator.models.provider import Provider
from generator.models.states import ENDED, RUNNING, State

# The failures for which a whole reply came.
CHARGED_KINDS = (UNREADABLE, KEPT)
# Those after which a whole reply may be kept, in which nothing, or not everything, was found.
REPLIED_KINDS = (*CHARGED_KINDS, "provider")
# As much as the column holds: an API that asks us to wait for days must not bring the queue to a standstill.
MOST_TRIES = 32_767


class Call(models.Model):
    """One request to the API, from the wish to the receipt.

                       cancel
              +---------------------------> CANCELLED
              |
            QUEUED --claim--> SENDING --whole reply on disk--> RECEIVED --stored--> SUCCEEDED
              ^                 |  |  |                         ^  |
              |  provably never |  |  |    staff: store it again |  v nothing usable in the reply,
              +- sent, or 429 --+  |  +- the API said no -----> FAILED  or it brought its workers down
                                   |
                                   +- sent, and then silence -> UNKNOWN -- a late reply --> RECEIVED
                                                                   ^ its reply is gone from the disk |
                                                                   +---------------------------------+

    Every transition is one conditional UPDATE that says whether it happened, so that of two workers, or of
    a worker and a sweep, exactly one wins. `lease` names the claim that holds the call.
    """

    State = State

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey("generator.Generation", on_delete=models.PROTECT, related_name="calls")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calls", help_text="as of its generation"
    )
    number = models.PositiveSmallIntegerField(help_text="its place among the generation's calls, from 1")
    count = models.PositiveSmallIntegerField(default=1, help_text="pictures asked of this call")
    retry_of = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="retry")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)

    lease = models.CharField(max_length=80, blank=True, help_text="the claim that holds it: host:pid:random")
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="how often it was claimed for sending")
    ingests = models.PositiveSmallIntegerField(default=0, help_text="how often its reply was taken up")
    not_before = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True, help_text="a person has put it away")

    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error_kind = models.CharField(max_length=12, blank=True)
    error_reason = models.CharField(max_length=24, blank=True, help_text="which of the failures of this kind")
    error_values = models.JSONField(default=dict, blank=True, help_text="what is to be said about it")
    error = models.CharField(max_length=500, blank=True, help_text="a sentence of release 0.1.0")

    reply_id = models.CharField(max_length=200, blank=True)
    reply_created = models.DateTimeField(null=True, blank=True)
    reply_model = models.CharField("model that answered", max_length=200, blank=True)
    usage = models.BigIntegerField(null=True, blank=True, help_text="the API's own counter, not money")
    elapsed_time = models.FloatField(null=True, blank=True, help_text="seconds, as the API says")
    api_user = models.BigIntegerField("API user", null=True, blank=True)
    reply_extra = models.JSONField(default=dict, blank=True)

    # What it counts for in limits and reviews: what is expected until it is settled, and then what it was.
    pictures = models.PositiveSmallIntegerField(default=0, help_text="asked for; once settled, those that came")
    units = models.BigIntegerField(default=0, help_text="usage expected; once settled, as the API said")
    cost = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True, help_text="empty: no price")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="empty: reserved")

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["generation", "number"], name="call_number_once")]
        indexes = [
            models.Index(fields=["state", "id"], name="call_state_oldest"),
            models.Index(fields=["user", "created_at"], name="call_user_created"),
            models.Index(fields=["state", "created_at"], name="call_state_created"),
            # Everything a sum over a month needs, so that it is read from the index alone.
            models.Index(fields=["created_at", "settled_at", "pictures", "units", "cost"], name="call_created_counts"),
            models.Index(fields=["lease_until"], name="call_leases", condition=Q(state__in=("sending", "received"))),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, call {self.number}"

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def has_reply(self) -> bool:
        """Whether its pictures are there, or about to be."""
        return self.state in (self.State.RECEIVED, self.State.SUCCEEDED)

    @property
    def is_retried(self) -> bool:
        return hasattr(self, "retry")

    @property
    def may_be_retried(self) -> bool:
        return self.state in ENDED and not self.is_retried

    @property
    def failure(self) -> Failure:
        return Failure(self.error_kind, self.error_reason, self.error_values)

    @property
    def error_message(self) -> str:
        """What is wrong with it, in words; "" if nothing is. Those of release 0.1.0 are shown as they were kept."""
        return str(self.failure) if self.error_reason else self.error

    @property
    def worker(self) -> str:
        """Host and process that held it last."""
        return worker_of(self.lease)

    @property
    def waited(self) -> float | None:
        """Seconds from the request to the complete reply."""
        if self.sent_at and self.received_at:
            return (self.received_at - self.sent_at).total_seconds()
        return None

    # The one way to change the row

    def _move(self, origin: Q, event: Event.What | None = None, **values: Any) -> bool:
        """One conditional UPDATE: change the row if it still is as `origin` says, and tell whether it was.

        The event goes into the call's history in the same transaction.
        """
        with transaction.atomic():
            changed = type(self)._default_manager.filter(origin, pk=self.pk).update(**values)
            if changed:
                Span.objects.note(self.created_at, values)
                if event:
                    worker = worker_of(values.get("lease", self.lease))
                    Event.objects.create(call_id=self.pk, what=event, worker=worker, failure=failure_in(values))
        if changed:  # and not before the row has: what was rolled back is tried again with the old values
            for name, value in values.items():
                setattr(self, name, value)
        return changed == 1

    def _mine(self, *states: str) -> Q:
        return Q(state__in=states, lease=self.lease)

    # The worker's side

    @classmethod
    def claim_next(cls, key: str, concurrency: int, per_minute: int, lease: float, most: int = 1) -> list[Call]:
        """Take the fairest due calls for this worker, as many as the API's limits leave room for, `most` at the most.

        Claims are made one at a time (the provider's row is locked), so the limits hold exactly.
        """
        claimed: list[Call] = []
        with transaction.atomic():
            if Provider.objects.locked().is_paused(key):
                return []
            room = min(most, cls.objects.room(concurrency, per_minute))
            while len(claimed) < room and (call := cls.objects.fairest(timezone.now())) and call.claim(lease):
                claimed.append(call)
                if Span.objects.are_over(call.created_at):
                    break  # they are locked from here on, and whoever holds the next call may be waiting for them
        return claimed

    def claim(self, lease: float) -> bool:
        """QUEUED -> SENDING, held for `lease` seconds. The row says so before the first byte leaves."""
        now = timezone.now()
        return self._move(
            Q(state=self.State.QUEUED),
            Event.What.CLAIMED,
            state=self.State.SENDING,
            lease=new_lease(),
            lease_until=now + timedelta(seconds=lease),
            claimed_at=now,
            sent_at=None,
            tries=min(self.tries + 1, MOST_TRIES),
            **Failure().columns,
        )

    def mark_sent(self) -> bool:
        """From here on the request may have left: silence means UNKNOWN, no longer QUEUED."""
        return self._move(self._mine(self.State.SENDING) & Q(sent_at=None), Event.What.SENT, sent_at=timezone.now())

    def put_back(self, not_before: datetime | None, failure: Failure | None = None) -> bool:
        """SENDING -> QUEUED: it provably never left, or the API asked to wait.

        Not if it has been sent since this was decided: its worker may only have been slow.
        """
        return self._move(
            self._mine(self.State.SENDING) & Q(sent_at=self.sent_at),
            Event.What.PUT_BACK,
            state=self.State.QUEUED,
            lease_until=None,
            sent_at=None,
            not_before=not_before,
            **(failure or Failure()).columns,
        )

    def receive(self, http_status: int | None) -> bool:
        """SENDING or UNKNOWN -> RECEIVED: the whole reply is on disk. A late reply is still taken in."""
        return self._move(
            self._mine(self.State.SENDING) | Q(state=self.State.UNKNOWN),
            Event.What.RECEIVED,
            state=self.State.RECEIVED,
            received_at=timezone.now(),
            finished_at=None,
            not_before=None,
            http_status=http_status,
            **Failure().columns,
        )

    def take_up(self, lease: float) -> bool:
        """Hold a RECEIVED call that was let go; its reply is on disk and can be finished by anybody."""
        return self._move(
            Q(state=self.State.RECEIVED, lease_until=None),
            Event.What.TAKEN_UP,
            lease=new_lease(),
            lease_until=timezone.now() + timedelta(seconds=lease),
            ingests=self.ingests + 1,
        )

    def release(self) -> bool:
        """Let go of a RECEIVED call, so that the next free worker takes it up."""
        return self._move(Q(state=self.State.RECEIVED, lease=self.lease), lease_until=None)

    def postpone(self, seconds: float, failure: Failure) -> bool:
        """Let go of a RECEIVED call that cannot be stored for now; not the reply's fault, so not counted."""
        return self._move(
            self._mine(self.State.RECEIVED),
            Event.What.POSTPONED,
            lease_until=None,
            not_before=timezone.now() + timedelta(seconds=seconds),
            ingests=max(self.ingests - 1, 0),
            **failure.columns,
        )

    def succeed(self, pictures: int | None = None, failure: Failure | None = None, **receipt: Any) -> bool:
        """RECEIVED -> SUCCEEDED, with what the API said and how many pictures came; without a number, all of them.

        `failure` says why there are fewer than were asked for.
        """
        came = self.count if pictures is None else pictures
        return self._move(
            self._mine(self.State.RECEIVED),
            Event.What.SUCCEEDED,
            state=self.State.SUCCEEDED,
            finished_at=timezone.now(),
            lease_until=None,
            **settled(self, came, receipt.get("usage")),
            **(failure or Failure()).columns,
            **receipt,
        )

    def complete(self, pictures: int, failure: Failure | None) -> bool:
        """SUCCEEDED with some missing -> SUCCEEDED with more of them, for which it counts from here on."""
        return self._move(
            Q(state=self.State.SUCCEEDED, error_kind=PARTIAL, pictures=self.pictures),
            Event.What.SUCCEEDED,
            **settled(self, pictures, self.usage),
            **(failure or Failure()).columns,
        )

    def fail(self, failure: Failure, **receipt: Any) -> bool:
        """SENDING or RECEIVED -> FAILED, for a reason a person can act on. Charged only if a whole reply came."""
        return self._move(
            self._mine(self.State.SENDING, self.State.RECEIVED),
            Event.What.FAILED,
            state=self.State.FAILED,
            finished_at=timezone.now(),
            lease_until=None,
            **failure.columns,
            **settled(self, 0, receipt.get("usage"), is_charged=failure.kind in CHARGED_KINDS),
            **receipt,
        )

    def lose(self, failure: Failure, **receipt: Any) -> bool:
        """SENDING -> UNKNOWN: it was sent and then there was silence. Only a person may send it again."""
        return self._give_up(self.State.SENDING, failure, **{"http_status": None} | receipt)

    def mislay(self, failure: Failure, **receipt: Any) -> bool:
        """RECEIVED -> UNKNOWN: its reply is gone from the disk, to be taken in should it come back, or says nothing."""
        return self._give_up(self.State.RECEIVED, failure, **receipt)

    def _give_up(self, origin: str, failure: Failure, **more: Any) -> bool:
        return self._move(
            self._mine(origin),
            Event.What.LOST,
            state=self.State.UNKNOWN,
            finished_at=timezone.now(),
            lease_until=None,
            **failure.columns,
            **more,
        )

    # A person's side

    def cancel(self) -> bool:
        """QUEUED -> CANCELLED: nothing was sent, nothing is paid."""
        return self._move(
            Q(state=self.State.QUEUED),
            Event.What.CANCELLED,
            state=self.State.CANCELLED,
            finished_at=timezone.now(),
            **not_charged(self),
        )

    def dismiss(self) -> bool:
        """Put a failure away; the ledger keeps it. What stayed reserved counts as charged from here on."""
        now = timezone.now()
        return self._move(
            Q(state__in=ENDED, dismissed_at=None),
            Event.What.DISMISSED,
            dismissed_at=now,
            settled_at=self.settled_at or now,
        )

    def settle_as_not_charged(self) -> bool:
        """Of an UNKNOWN call staff have found out that it cost nothing. A late reply is still taken in."""
        with transaction.atomic():
            changed = self._move(Q(state=self.State.UNKNOWN, pictures__gt=0), **not_charged(self))
            if changed:
                Event.objects.create(call=self, what=Event.What.SETTLED)
        return changed

    @property
    def is_looked_into(self) -> bool:
        """Of an UNKNOWN call: whether a whole reply came, and told of nothing."""
        return self.error_kind in ("provider", UNREADABLE)

    @property
    def may_be_stored_again(self) -> bool:
        """Whether its reply, if that is still kept, may bring more pictures than it has."""
        if self.state == self.State.SUCCEEDED:
            return self.error_kind == PARTIAL
        return self.error_kind in REPLIED_KINDS and self.state in (self.State.FAILED, self.State.UNKNOWN)

    def store_again(self) -> bool:
        """FAILED, or UNKNOWN for a reply of nothing -> RECEIVED: a kept reply is tried anew, and what it should bring
        is reserved until then.

        To be called while it lies in the spool; should it have gone since, the call becomes UNKNOWN. One that brought
        some of its pictures is only noted here: they stay, and what is missing is added to them (`complete`).
        """
        if self.state == self.State.SUCCEEDED:
            return self.may_be_stored_again and bool(Event.objects.create(call=self, what=Event.What.AGAIN))
        with transaction.atomic():
            changed = self._move(
                Q(state__in=(self.State.FAILED, self.State.UNKNOWN), error_kind__in=REPLIED_KINDS),
                state=self.State.RECEIVED,
                finished_at=None,
                ingests=0,
                **Failure().columns,
                **reserved_again(self, Call.objects.filter(state=self.State.SUCCEEDED)),
            )
            if changed:
                Event.objects.create(call=self, what=Event.What.AGAIN)
        return changed

    def try_again(self) -> Call | None:
        """A new call in the same generation; a second click on the same failure makes none.

        LimitError, and nothing has changed, if a limit of the owner leaves no room for it.
        """
        if not self.may_be_retried:
            return None
        try:
            with transaction.atomic():
                again: Call | None = Call.objects.book_again(self)
                if again:
                    Event.objects.create(call=self, what=Event.What.RETRIED)
                    self._move(Q(state=self.state), settled_at=self.settled_at or timezone.now())
                return again
        except IntegrityError:
            return None
