"""Whether the model that the admin gave can be used, and how far its pictures are."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.doctor.finding import Finding, Level
from gallery.semantic.embedding import waiting
from gallery.semantic.encoder import PACKAGES, EncoderError, encoder, lacking
from generator.models import Image

AREA = "search"


def examine() -> Iterator[Finding]:
    """Nothing where there is no model."""
    if not settings.CLIP_DIR:
        return
    if missing := lacking():
        said = _("like: cannot be asked: %(names)s is missing.") % {"names": ", ".join(missing)}
        is_package = missing[0] in PACKAGES
        advice = _("Install the packages.") if is_package else _("See what VITRINE_CLIP_DIR has to hold.")
        yield Finding(Level.TROUBLE, AREA, said, f"{advice} (docs/semantic.md)")
        return
    try:
        encoder().text("a cat")
    except EncoderError as error:
        said = _("like: cannot be asked, the model fails: %(reason)s") % {"reason": error}
        yield Finding(Level.TROUBLE, AREA, said, _("See what VITRINE_CLIP_DIR has to hold.") + " (docs/semantic.md)")
    if number := waiting().count():
        said = ngettext(
            "%(number)s of %(all)s pictures cannot be found by like: yet.",
            "%(number)s of %(all)s pictures cannot be found by like: yet.",
            number,
        )
        told = {"number": f"{number:,}", "all": f"{Image.objects.count():,}"}
        yield Finding(Level.NOTICE, AREA, said % told, _("Nothing: a worker adds them, the newest first."))
