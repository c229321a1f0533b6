"""A call's history: one row for each thing that happened to it."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """Written in the transaction that changed the call; never changed, never removed."""

    class What(models.TextChoices):
        CLAIMED = "claimed", "Taken by a worker"
        SENT = "sent", "Sent to the API"
        PUT_BACK = "put back", "Back in the queue"
        RECEIVED = "received", "Whole reply on disk"
        POSTPONED = "postponed", "Cannot be stored for now"
        TAKEN_UP = "taken up", "Reply taken up again"
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
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.get_what_display()
