"""Whether every picture and comment can be found by its words, and the indexes of them say what they are."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.doctor.finding import Finding, Level
from gallery.search import comments, following, index

AREA = "search"


def examine(*, deep: bool = False) -> Iterator[Finding]:
    if number := index.missing():
        said = ngettext(
            "%(number)s picture cannot be found by its words yet.",
            "%(number)s pictures cannot be found by their words yet.",
            number,
        )
        yield Finding(Level.NOTICE, AREA, said % {"number": f"{number:,}"}, _soon())
    if number := comments.missing():
        said = ngettext(
            "%(number)s comment cannot be found by its words yet.",
            "%(number)s comments cannot be found by their words yet.",
            number,
        )
        yield Finding(Level.NOTICE, AREA, said % {"number": f"{number:,}"}, _soon())
    if deep and not following.are_sound():
        said = _("The indexes of words do not say what the words of pictures and comments are.")
        yield Finding(Level.TROUBLE, AREA, said, _("Run manage.py doctor --deep --repair, which makes it anew."))


def repair(*, deep: bool = False) -> Iterator[str]:
    if added := index.add_older():
        said = ngettext(
            "%(number)s picture can be found by its words now.",
            "%(number)s pictures can be found by their words now.",
            added,
        )
        yield said % {"number": f"{added:,}"}
    if added := comments.add_older():
        said = ngettext(
            "%(number)s comment can be found by its words now.",
            "%(number)s comments can be found by their words now.",
            added,
        )
        yield said % {"number": f"{added:,}"}
    if deep and not following.are_sound():
        following.rebuild()
        yield _("The indexes of words were made anew.")


def _soon() -> str:
    return _("Nothing: a worker adds them within the hour, and manage.py doctor --repair at once.")
