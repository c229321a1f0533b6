"""The quick templates: those of `templates/jinja2/`, for what is made fifty times a page or on every page.

They are Jinja2's, whose compiled templates take a quarter of what Django's take. Whatever they show is escaped, by
whichever ending; a name that nobody gave is an error; text is marked by `_()`, which Django's `makemessages` finds.
Django's templates show them by `{% quick %}`.
"""

from __future__ import annotations

from typing import Any

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.template.defaultfilters import date, filesizeformat, floatformat
from django.templatetags.static import static
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, StrictUndefined

from generator.models.accounting.meter import money
from generator.models.addresses import address
from generator.templatetags import picture
from generator.templatetags.memoized import memoized


def environment(**options: Any) -> Environment:
    """What Django's backend for Jinja2 asks for once."""
    options |= {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(extensions=["jinja2.ext.i18n"], **options)  # noqa: S701 - on, for every ending
    made.install_gettext_callables(gettext, ngettext)  # type: ignore[attr-defined]
    made.globals |= {"address": address, "icon": _icon, "memoized": memoized, "static": static}
    made.filters |= {
        "backdrop": picture.backdrop,
        "fallback": picture.fallback,
        "srcset": picture.srcset,
        "cut": picture.cut,
        "date": lambda moment, format_: date(localtime(moment), format_),
        "filesizeformat": filesizeformat,
        "floatformat": floatformat,
        "is_strip": picture.is_strip,
        "largest": picture.largest,
        "model_name": picture.model_name,
        "money": money,
        "naturaltime": naturaltime,
        "ratio_class": picture.ratio_class,
        "seconds": picture.seconds,
        "seen_by": picture.seen_by,
        "stage_sizes": picture.stage_sizes,
    }
    return made


def _icon(name: str) -> SafeString:
    return SafeString(memoized("_icon.html", name=name))
