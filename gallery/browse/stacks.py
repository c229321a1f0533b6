"""Pictures of one wish that stand side by side on a page, shown as one until somebody opens them.

They are folded after a page was read, so that paging and counts know nothing of it: a wish whose pictures lie on two
pages is a stack on each, and what somebody may not see is in none.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache
from itertools import accumulate, groupby
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import get_language, ngettext

from gallery.browse.tiles import Tile

OPEN = "open"


class Stack(NamedTuple):
    """What its first tile says of it, and the address where it is open or, if it is, where it is not."""

    size: int
    said: str
    address: str


class Stacks(NamedTuple):
    """Of a page: `tops` by the id of their first picture, in `under` that id by those of the others, and `opened` which
    one the address opens.
    """

    tops: dict[str, Stack]
    under: dict[str, str]
    opened: str


NONE = Stacks({}, {}, "")


def stacks(request: HttpRequest, tiles: Sequence[Tile], days: Container[str] = ()) -> Stacks:
    """Of the tiles of one page. None goes over the beginning of a day: `days` holds the ids of those that begin one."""
    made = Stacks({}, {}, request.GET.get(OPEN, ""))
    asked = urlencode([(name, value) for name, value in request.GET.items() if name != OPEN])
    folded = f"{request.path}?{asked}"
    unfolded = f"{folded}{'&' if asked else ''}{OPEN}="
    day = accumulate(tile.id in days for tile in tiles)
    for _, group in groupby(zip(tiles, day, strict=True), _belonging):
        top, *others = [tile.id for tile, _ in group]
        if others:
            address = f"{folded if top == made.opened else unfolded + top}#stack-{top}"
            made.tops[top] = Stack(len(others) + 1, _said(len(others) + 1, get_language()), address)
            made.under.update(dict.fromkeys(others, top))
    return made


def _belonging(place: tuple[Tile, int]) -> tuple[int, int]:
    """Numbers, which are compared more quickly."""
    tile, day = place
    return tile.picture.generation_id.int, day


@lru_cache(64)
def _said(size: int, _language: str | None) -> str:
    return ngettext("%(count)d picture", "%(count)d pictures", size) % {"count": size}
