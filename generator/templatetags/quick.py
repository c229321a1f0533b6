"""`{% quick "search/_colours.html" colours=colours %}`: a template of Jinja2's within one of Django's."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import engines
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def quick(name: str, **values: Any) -> SafeString:
    """Made of these values and nothing else; it has escaped what it shows."""
    jinja: Any = engines["jinja2"]
    return SafeString(jinja.env.get_template(name).render(values))
