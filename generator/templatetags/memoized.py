"""Parts of pages that are made once: icons, the site's navigation, a member's menu."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

_MOST = 1024
_Value = str | int | float | None
# Equal values of different types make different pages: a text that is safe is not escaped, True is not 1.
_Values = tuple[tuple[str, _Value, type], ...]
# Whatever else can be hashed may change, or keep a whole request alive.
_TYPES = frozenset((str, SafeString, bool, int, float, type(None)))


@register.simple_tag
def memoized(template_name: str, **values: _Value) -> str:
    """A template made from these values, the language, the prefix of addresses and nothing else, and remembered by
    them in this process.

    Nothing ever has to be forgotten: whatever changes is among the values, and so leads to another entry. Hence no
    request, no token, no proof and no row belongs here, but what is read off them. TypeError if one is given.
    """
    if wrong := [key for key, value in values.items() if type(value) not in _TYPES]:
        raise TypeError(
            f"{template_name} cannot be remembered by its {', '.join(wrong)}: give texts, numbers or truths."
        )
    make = _made if settings.DEBUG else _remembered  # templates that are being worked on change
    typed = tuple((key, value, type(value)) for key, value in values.items())
    return make(template_name, typed, get_language(), get_script_prefix())


def _made(template_name: str, values: _Values, _language: str | None, _prefix: str) -> str:
    return get_template(template_name).render({key: value for key, value, _type in values})


_remembered = lru_cache(maxsize=_MOST)(_made)
