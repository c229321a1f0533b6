"""One paid request to the API: one line of the ledger, and the state machine of its life."""

from __future__ import annotations

import secrets
import socket
from datetime import datetime, timedelta
from os import getpid
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Max, Q
from django.utils import timezone

from generator.models.accounting.reserve import not_charged, reserved_again, settled
from generator.models.call_queryset import CallQuerySet
from generator.models.event import Event
from generator.models.failure_words import KEPT, UNREADABLE, Failure
from generator.models.ledger import LedgerLine

# The failures for which a whole reply came.
CHARGED_KINDS = (UNREADABLE, KEPT)
# As much as the column holds: an API that asks us to wait for days must not bring the queue to a standstill.
MOST_TRIES = 32_767


class Call(LedgerLine):
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

    # The worker's side

    def claim(self, lease: float) -> bool:
        """QUEUED -> SENDING, held for `lease` seconds. The row says so before the first byte leaves."""
        now = timezone.now()
        return self._move(
            Q(state=self.State.QUEUED),
            Event.What.CLAIMED,
            state=self.State.SENDING,
            lease=_new_lease(),
            lease_until=now + timedelta(seconds=lease),
            claimed_at=now,
            sent_at=None,
            tries=min(self.tries + 1, MOST_TRIES),
            **Failure().columns,
        )

    def renew(self, lease: float) -> bool:
        """Hold it for another `lease` seconds: the worker lives."""
        until = timezone.now() + timedelta(seconds=lease)
        return self._move(self._mine(self.State.SENDING, self.State.RECEIVED), lease_until=until)

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
            lease=_new_lease(),
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

    def lose(self, failure: Failure, http_status: int | None = None) -> bool:
        """SENDING -> UNKNOWN: it was sent and then there was silence. Only a person may send it again."""
        return self._give_up(self.State.SENDING, failure, http_status=http_status)

    def mislay(self, failure: Failure) -> bool:
        """RECEIVED -> UNKNOWN: its reply has gone from the disk. Should it come back, it is taken in."""
        return self._give_up(self.State.RECEIVED, failure)

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
        now = timezone.now()
        return self._move(
            Q(state=self.State.QUEUED),
            Event.What.CANCELLED,
            state=self.State.CANCELLED,
            finished_at=now,
            **not_charged(self),
        )

    def dismiss(self) -> bool:
        """Put a failure away; the ledger keeps it. What stayed reserved counts as charged from here on."""
        ended = (self.State.FAILED, self.State.UNKNOWN, self.State.CANCELLED)
        now = timezone.now()
        return self._move(
            Q(state__in=ended, dismissed_at=None),
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
    def is_kept(self) -> bool:
        return self.state == self.State.FAILED and self.error_kind == KEPT

    def store_again(self) -> bool:
        """FAILED -> RECEIVED: a kept reply is tried anew, and what it should bring is reserved until then.

        To be called while it lies in the spool; should it have gone since, the call becomes UNKNOWN.
        """
        with transaction.atomic():
            changed = self._move(
                Q(state=self.State.FAILED, error_kind=KEPT),
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
                return self._again()
        except IntegrityError:
            return None

    def _again(self) -> Call | None:
        """Holds the row before it looks, so that of two clicks the second one sees what the first has made."""
        held = Call.objects.select_for_update().filter(pk=self.pk, state=self.state).first()
        if held is None or Call.objects.filter(retry_of=self).exists():
            return None
        last = self.generation.calls.aggregate(last=Max("number"))["last"]
        (again,) = Call.objects.all().book(self.generation, [self.count], number=last + 1, retry_of=self)
        Event.objects.create(call=self, what=Event.What.RETRIED)
        self._move(Q(state=self.state), settled_at=held.settled_at or timezone.now())
        return again


def _new_lease() -> str:
    return f"{socket.gethostname()[:50]}:{getpid()}:{secrets.token_hex(6)}"
