"""Whether what looks nearly the same as a picture can be found for all of them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.doctor.finding import Finding, Level
from generator.worker import fingerprints


def examine() -> Iterator[Finding]:
    if number := fingerprints.missing():
        said = ngettext(
            "%(number)s picture has no fingerprint yet, by which pictures nearly the same are found.",
            "%(number)s pictures have no fingerprint yet, by which pictures nearly the same are found.",
            number,
        )
        advice = _("Nothing: a worker adds them within the hour, but for pictures whose thumbnails are lost.")
        yield Finding(Level.NOTICE, "nearly the same", said % {"number": f"{number:,}"}, advice)
