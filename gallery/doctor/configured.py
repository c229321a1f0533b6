"""What Django's system checks say about the settings; that the clocks are in order is one of them."""

from __future__ import annotations

from collections.abc import Iterator

from django.core import checks

from gallery.doctor.finding import Finding, Level


def examine() -> Iterator[Finding]:
    for message in checks.run_checks():
        if message.level >= checks.WARNING:
            level = Level.TROUBLE if message.is_serious() else Level.NOTICE
            yield Finding(level, "settings", message.msg, message.hint or f"Correct the setting ({message.id}).")
