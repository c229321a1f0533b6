"""Where a call can stand; what leads from one state to the next is drawn at `Call`."""

from django.db import models


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Generating"
    RECEIVED = "received", "Saving"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"
    CANCELLED = "cancelled", "Cancelled"


# Those a person is waiting for.
RUNNING = (State.QUEUED, State.SENDING, State.RECEIVED)
# Those that brought no pictures and never will by themselves.
ENDED = (State.FAILED, State.UNKNOWN, State.CANCELLED)
