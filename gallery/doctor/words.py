"""Whether every picture can be found by its words, and the index of them says what they are."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.doctor.finding import Finding, Level
from gallery.search import index

AREA = "search"


def examine(*, deep: bool = False) -> Iterator[Finding]:
    if number := index.missing():
        said = ngettext(
            "%(number)s picture cannot be found by its words yet.",
            "%(number)s pictures cannot be found by their words yet.",
            number,
        )
        advice = _("Nothing: a worker adds them within the hour, and manage.py doctor --repair at once.")
        yield Finding(Level.NOTICE, AREA, said % {"number": f"{number:,}"}, advice)
    if deep and not index.is_sound():
        said = _("The index of words does not say what the pictures' words are.")
        yield Finding(Level.TROUBLE, AREA, said, _("Run manage.py doctor --deep --repair, which makes it anew."))


def repair(*, deep: bool = False) -> Iterator[str]:
    if added := index.add_older():
        said = ngettext(
            "%(number)s picture can be found by its words now.",
            "%(number)s pictures can be found by their words now.",
            added,
        )
        yield said % {"number": f"{added:,}"}
    if deep and not index.is_sound():
        index.rebuild()
        yield _("The index of words was made anew.")
