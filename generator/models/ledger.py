"""One line of the ledger: what is kept about a call, and the one way to change it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from uuid6 import uuid7

from generator.models.accounting.tally import Span
from generator.models.call_queryset import RUNNING, State
from generator.models.event import Event
from generator.models.failure_words import Failure


class LedgerLine(models.Model):
    """The columns of a call: who asked, where it stands, what the API said, what it counts for."""

    State = State
    RUNNING = RUNNING

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

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.get_state_display()}, call {self.number}"

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def has_reply(self) -> bool:
        """Whether its pictures are there, or about to be."""
        return self.state in (self.State.RECEIVED, self.State.SUCCEEDED)

    @property
    def is_retried(self) -> bool:
        return hasattr(self, "retry")

    @property
    def may_be_retried(self) -> bool:
        return self.state in (self.State.FAILED, self.State.UNKNOWN, self.State.CANCELLED) and not self.is_retried

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
        return _worker_of(self.lease)

    @property
    def waited(self) -> float | None:
        """Seconds from the request to the complete reply."""
        if self.sent_at and self.received_at:
            return (self.received_at - self.sent_at).total_seconds()
        return None

    def _move(self, origin: Q, event: Event.What | None = None, **values: Any) -> bool:
        """One conditional UPDATE: change the row if it still is as `origin` says, and tell whether it was.

        The event goes into the call's history in the same transaction.
        """
        with transaction.atomic():
            changed = type(self)._default_manager.filter(origin, pk=self.pk).update(**values)
            if changed:
                Span.objects.note(self.created_at, values)
                if event:
                    worker = _worker_of(values.get("lease", self.lease))
                    Event.objects.create(call_id=self.pk, what=event, worker=worker, failure=_failure_in(values))
        if changed:  # and not before the row has: what was rolled back is tried again with the old values
            for name, value in values.items():
                setattr(self, name, value)
        return changed == 1

    def _mine(self, *states: str) -> Q:
        return Q(state__in=states, lease=self.lease)


def _worker_of(lease: str) -> str:
    return lease.rpartition(":")[0]


def _failure_in(values: dict[str, Any]) -> dict[str, Any] | None:
    """What went wrong, as an event keeps it, if these columns say so."""
    if not values.get("error_kind"):
        return None
    return {part: values[f"error_{part}"] for part in ("kind", "reason", "values")}
