"""Whether pictures are counted by month, in the time zone of the site, and right."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.doctor.finding import Finding, Level
from generator.worker import months

AREA = "timeline"


def examine(*, deep: bool = False) -> Iterator[Finding]:
    if not months.is_complete():
        said = _("Pictures are counted by the months of another time zone, or not all of them are.")
        yield Finding(Level.NOTICE, AREA, said, _("Run manage.py prepare, as every start does."))
    elif deep and (wrong := months.wrong()):
        said = ngettext(
            "The timeline counts the pictures of %(number)s month wrong.",
            "The timeline counts the pictures of %(number)s months wrong.",
            len(wrong),
        )
        advice = _("Run manage.py doctor --deep --repair, which counts them anew.")
        yield Finding(Level.TROUBLE, AREA, said % {"number": f"{len(wrong):,}"}, advice)


def repair(*, deep: bool = False) -> Iterator[str]:
    number = months.restore()
    if deep and (wrong := months.wrong()):
        number += len(wrong)
        for month in wrong:
            months.count([month])
    if number:
        said = ngettext(
            "The pictures of %(number)s month were counted anew.",
            "The pictures of %(number)s months were counted anew.",
            number,
        )
        yield said % {"number": f"{number:,}"}
