"""Whether the secrets of second factors can be opened by the key of today."""

from __future__ import annotations

from collections.abc import Iterator

from gallery.account.sealing import unreadable
from gallery.doctor.finding import Finding, Level, counted


def examine() -> Iterator[Finding]:
    old, lost = unreadable()
    if lost:
        yield Finding(
            Level.TROUBLE, "settings", f"{counted(lost, 'second factor')} cannot be opened by the secret key.",
            "Give the old key in VITRINE_SECRET_KEY_FALLBACKS and run manage.py seal; without it remove them in the "
            "administration, and their owners set up new ones.",
        )  # fmt: skip
    if old:
        yield Finding(
            Level.NOTICE, "settings", f"{counted(old, 'second factor')} not sealed by the secret key of today.",
            "Run manage.py seal.",
        )  # fmt: skip
