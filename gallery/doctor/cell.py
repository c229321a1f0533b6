"""The process that decodes pictures: that it runs, and which of the walls around it this machine can put up."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gallery.doctor.finding import Finding, Level
from generator.imaging.subprocess_decode import standing_walls

AREA = "cell"
_MISSING = {
    "privileges": gettext_lazy("A decoder of pictures could gain rights here that the worker does not have."),
    "files": gettext_lazy("A decoder of pictures could read files here that are none of its business."),
    "network": gettext_lazy("A decoder of pictures could use the network here."),
    "processes": gettext_lazy("A decoder of pictures could start programs here."),
}


def examine() -> Iterator[Finding]:
    """Tried by a process like those that decode, so it takes a moment."""
    standing = standing_walls()
    if not standing:
        said = _("The process that decodes pictures cannot be run.")
        yield Finding(Level.TROUBLE, AREA, said, _("The log of the worker says why: make run, or manage.py worker."))
        return
    for wall, sentence in _MISSING.items():
        if not standing.get(wall):
            advice = _(
                "Pictures are decoded all the same. docs/deploy.md says which kernels and containers allow this wall."
            )
            yield Finding(Level.NOTICE, AREA, str(sentence), advice)
