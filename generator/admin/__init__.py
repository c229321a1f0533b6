"""The write side in the administration. Django looks for it by this name and finds every list here."""

from generator.admin import ledger, limits  # noqa: F401 (they register what they hold)
