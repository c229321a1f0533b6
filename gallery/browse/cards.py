"""The markup of pictures in rows, remembered without the proofs of their thumbnails, which are one browser's.

What is remembered is made of a row of the database, of what its page says of all of them (`tiles.Look`), of its place
among the others and of nothing else, and all of that is the key: whatever changes (a name, a prompt, who may see it,
its access version, its address, a word of the page) leads to another entry, and so nothing ever has to be forgotten.
Tiles of another process know nothing of it. Of what somebody looked for, the marks in the caption are theirs alone:
such cards are made anew.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.template import engines
from markupsafe import Markup

from gallery.browse.days import Day
from gallery.browse.stacks import NONE, Stack, Stacks
from gallery.browse.tiles import MOST, Face, Tile
from gallery.collections.controls import Controls
from generator.templatetags.quick import quick

# In place of a proof while a card is made, followed by its number: nobody can write it into a prompt. The other one
# stands where the heart of a member's favourites belongs, which is theirs alone.
_HOLE, _HEART = secrets.token_hex(16), secrets.token_hex(16)
_HOLES = re.compile(f"{_HOLE}([0-9])")


class Place(NamedTuple):
    """A card among the others of its grid: the stack on top of which it lies or, if it lies under another card, that
    one's id; and whether the stack is open.
    """

    stack: Stack | None = None
    under: str = ""
    is_open: bool = False


class _Made(NamedTuple):
    """Markup with `%s` where a proof belongs, and what picks those proofs, in their order, from those of a tile."""

    markup: str
    pick: Callable[[Any], Any]


_ALONE = Place()


def cards(
    tiles: Iterable[Tile],
    stacks: Stacks = NONE,
    days: Mapping[str, Day] | None = None,
    favourites: Controls | None = None,
) -> Markup:
    """The items of a grid. Where they are a page of a listing, `days` are the headings of those that begin a day, and
    `stacks` what stands side by side of one prompt; with `favourites` each has a heart.
    """
    made: list[str] = []
    days = days or {}
    for tile in tiles:
        if day := days.get(tile.face.id):
            made.append(quick("browse/_day.html", day=day))
        heart = str(favourites.of(tile.face.picture.pk, tile.face.id)) if favourites else ""
        made.append(card(tile, _place(tile.face.id, stacks), heart))
    return Markup("\n".join(made))  # noqa: S704 - each of them is markup


def _place(picture: str, stacks: Stacks) -> Place:
    if stack := stacks.tops.get(picture):
        return Place(stack, is_open=picture == stacks.opened)
    if under := stacks.under.get(picture):
        return Place(under=under, is_open=under == stacks.opened)
    return _ALONE


def card(tile: Tile, place: Place = _ALONE, heart: str = "") -> str:
    """One of them, as `browse/_grid_item.html` makes it."""
    if type(tile.face.caption) is not str or settings.DEBUG:  # templates that are being worked on change
        return _render(tile, place).replace(_HEART, heart)
    made = _remembered(tile.face, tile.pattern, place, len(tile.proofs))
    whole: str = made.markup % made.pick(tile.proofs)  # proofs hold letters, digits, "-" and "_"
    return whole.replace(_HEART, heart)


@lru_cache(MOST)
def _remembered(face: Face, pattern: str, place: Place, proofs: int) -> _Made:
    made = _render(Tile(face, pattern, [f"{_HOLE}{number}" for number in range(proofs)]), place)
    numbers = [int(number) for number in _HOLES.findall(made)]
    return _Made(_HOLES.sub("%s", made.replace("%", "%%")), itemgetter(*numbers))


def _render(tile: Tile, place: Place) -> str:
    jinja: Any = engines["jinja2"]
    made: Markup = jinja.env.get_template("browse/_grid_item.html").module.grid_item(tile, *place, heart=_HEART)
    return str(made)
