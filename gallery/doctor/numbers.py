"""Whether what is kept beside each picture of its stars and comments is what they come to."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.doctor.finding import Finding, Level
from gallery.feedback import numbers

AREA = "orders"


def examine() -> Iterator[Finding]:
    if number := numbers.wrong():
        said = ngettext(
            "%(number)s number that is kept of a picture's stars or comments is not what they come to.",
            "%(number)s numbers that are kept of pictures' stars or comments are not what they come to.",
            number,
        )
        advice = _("Run manage.py doctor --repair, which counts them anew.")
        yield Finding(Level.TROUBLE, AREA, said % {"number": f"{number:,}"}, advice)


def repair() -> Iterator[str]:
    if number := numbers.recount():
        said = ngettext(
            "%(number)s number of stars or comments was counted anew.",
            "%(number)s numbers of stars or comments were counted anew.",
            number,
        )
        yield said % {"number": f"{number:,}"}
