"""Addresses of rows, as `reverse()` gives them, at a fraction of its cost.

What is remembered is the pattern of an address, by its name and everything else that `reverse()` goes by: the prefix
under which the site is served, and the list of addresses. So it never has to be forgotten.
"""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

_STAND_INS: dict[type, UUID | int] = {UUID: UUID("f1f2f3f4-f5f6-47f8-89fa-fbfcfdfeff42"), int: 918273645546372819}
_MOST = 2048


def address(name: str, *args: UUID | int | str) -> str:
    """`reverse(name, args=args)`."""
    urlconf = get_urlconf() or settings.ROOT_URLCONF
    kinds = tuple(UUID if isinstance(arg, UUID) else type(arg) for arg in args)  # there are others than Python's
    if str in kinds or len({*kinds}) < len(kinds):
        return _reversed(name, args, get_script_prefix(), urlconf)
    return _pattern(name, kinds, get_script_prefix(), urlconf) % args


def pattern(name: str, *kinds: type) -> str:
    """The same for many: `pattern("image", UUID) % id`, for the time of one page."""
    return _pattern(name, kinds, get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)


@lru_cache(_MOST)
def _reversed(name: str, args: tuple[UUID | int | str, ...], _prefix: str, urlconf: str) -> str:
    """What is quoted depends on the text, so the whole address is kept."""
    return reverse(name, urlconf, args)


@lru_cache(_MOST)
def _pattern(name: str, kinds: tuple[type, ...], _prefix: str, urlconf: str) -> str:
    """With `%s` in place of ids and numbers, which are written into an address as they are."""
    found = reverse(name, urlconf, [_STAND_INS[kind] for kind in kinds]).replace("%", "%%")
    for kind in kinds:
        found = found.replace(str(_STAND_INS[kind]), "%s")
    return found
