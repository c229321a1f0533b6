"""The buttons that make pictures of a page a favourite, or none any more.

They belong to one form per page, and stand beside the cards, which are remembered for everybody: whose favourite a
picture is says the button alone. What is remembered here is what a button looks like, and nobody's.
"""

from __future__ import annotations

import secrets
from collections.abc import Container, Mapping, Sequence
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import get_script_prefix
from django.utils.translation import get_language
from markupsafe import Markup

from gallery.models import Favourite
from generator.models.addresses import pattern
from generator.models.compiled import Compiled, kept
from generator.templatetags.quick import quick

# In place of an id while a button is drawn: no sentence has it.
_HOLE = secrets.token_hex(16)
# They stand in SQL that is made once, for the pictures of a page.
_SOME = [UUID(int=0xFFFFFFFF_FFFF_7FFF_BFFF_FFFFFFFE0000 + number) for number in range(48)]


class Look(StrEnum):
    """On a tile there is room for a heart, on the page of a picture for a button among others."""

    TILE = "tile"
    PAGE = "page"


class Controls(NamedTuple):
    """`added` are the keys of those pictures that are a favourite; `buttons` what is shown of one that is none, and of
    one that is.
    """

    added: Container[UUID]
    buttons: tuple[str, str]

    def of(self, pk: UUID, dashed: str) -> Markup:
        return Markup(self.buttons[pk in self.added] % {"id": dashed})  # noqa: S704 - an id has nothing to escape


def controls(user: Any, keys: Sequence[UUID]) -> Controls | None:
    """For these pictures, which `visible_to` has let through; for members. One query, for each 48 of them."""
    if not user.is_authenticated:
        return None
    return Controls(favourites_among(user, keys), (control(is_added=False), control(is_added=True)))


def favourites_among(user: Any, keys: Sequence[UUID]) -> set[UUID]:
    """Those of these pictures that are a favourite of this person."""
    found: set[UUID] = set()
    for at in range(0, len(keys), len(_SOME)):
        some = keys[at : at + len(_SOME)]
        told: Mapping[Any, Any] = dict(zip(map(kept, _SOME), map(kept, some), strict=False))
        found.update(pk for (pk,) in _among().rows(user.pk, others=told))
    return found


@cache
def _among() -> Compiled:
    def rows(person: int) -> QuerySet[Favourite, Any]:
        return Favourite.objects.filter(user=person, image__in=_SOME).values_list("image")

    return Compiled(rows)


def control(*, is_added: bool) -> str:
    """The button of a tile, with `%(id)s` in place of its picture's id."""
    make = _drawn.__wrapped__ if settings.DEBUG else _drawn
    return make(is_added, pattern("favourite", UUID), get_language(), get_script_prefix())


@lru_cache(64)
def _drawn(is_added: bool, address: str, _language: str | None, _prefix: str) -> str:
    said = {"is_added": is_added, "look": Look.TILE, "to": address % _HOLE, "id": _HOLE}
    return str(quick("collections/_control.html", **said)).replace("%", "%%").replace(_HOLE, "%(id)s")
