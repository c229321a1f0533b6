"""The write side's pages."""

from generator.views.calls import cancel, dismiss, not_charged, retry
from generator.views.create import create
from generator.views.generation import generation
from generator.views.live import live

__all__ = ["cancel", "create", "dismiss", "generation", "live", "not_charged", "retry"]
