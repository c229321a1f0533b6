"""The names that wake-ups of release 0.1.0 carry in the queue: an upgrade finds them there. Goes with release 0.3."""

from generator.worker.tasks import refresh_models, work

__all__ = ["refresh_models", "work"]
