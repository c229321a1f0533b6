"""A call's history: one row for each thing that happened to it."""

from __future__ import annotations

from django.db import models

from generator.models.failure_words import Failure


class Event(models.Model):
    """Written in the transaction that changed the call; never changed, never removed."""

    class What(models.TextChoices):
        CLAIMED = "claimed", "Taken by a worker"
        SENT = "sent", "Sent to the API"
        PUT_BACK = "put back", "Back in the queue"
        RECEIVED = "received", "Whole reply on disk"
        POSTPONED = "postponed", "Cannot be stored for now"
        TAKEN_UP = "taken up", "Reply taken up"
        SUCCEEDED = "succeeded", "Stored"
        FAILED = "failed", "Failed"
        LOST = "lost", "Outcome unknown"
        CANCELLED = "cancelled", "Cancelled"
        RETRIED = "retried", "Sent again as a new call"
        DISMISSED = "dismissed", "Put away"
        SETTLED = "settled", "Settled as not charged"
        AGAIN = "once more", "Kept reply to be stored again"

    call = models.ForeignKey("generator.Call", on_delete=models.PROTECT, related_name="events")
    what = models.CharField(max_length=10, choices=What)
    at = models.DateTimeField(auto_now_add=True)
    worker = models.CharField(max_length=70, blank=True, help_text="host and process")
    failure = models.JSONField(null=True, blank=True, help_text="kind, reason and values of what went wrong")
    note = models.CharField(max_length=500, blank=True, help_text="a sentence of release 0.1.0")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.get_what_display()

    @property
    def message(self) -> str:
        """What went wrong, in words; "" if nothing did."""
        if self.failure is None:
            return self.note
        return str(Failure(self.failure["kind"], self.failure["reason"], self.failure["values"]))
