"""Whether it is known of all pictures what they look like."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.doctor.finding import Finding, Level
from generator.worker import looks


def examine() -> Iterator[Finding]:
    if number := looks.missing():
        said = ngettext(
            "Nobody has looked at %(number)s picture yet: neither its colours nor what is nearly the same find it.",
            "Nobody has looked at %(number)s pictures yet: neither colours nor what is nearly the same find them.",
            number,
        )
        advice = _("Nothing: a worker adds them within the hour, but for pictures whose thumbnails are lost.")
        yield Finding(Level.NOTICE, "colours", said % {"number": f"{number:,}"}, advice)
