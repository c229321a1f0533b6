"""The markup of pictures in rows, remembered without the proofs of their thumbnails, which are one browser's.

What is remembered is made of a tile, of its language and of nothing else, and all of the tile is its key: whatever
changes (a name, a prompt, who may see it, its access version, its address, a word of the page) leads to another entry,
and so nothing ever has to be forgotten. Tiles of another process know nothing of it. Of what somebody looked for, the
marks in the caption are theirs alone: such cards are made anew.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, Protocol, Self

from django.conf import settings
from django.template import engines
from markupsafe import Markup

# About 3 kB each: what some forty pages show.
_MOST = 2048
# In place of a proof while a card is made, followed by its number: nobody can write it into a prompt.
_HOLE = secrets.token_hex(16)
_HOLES = re.compile(f"{_HOLE}([0-9])")


class Tile(Protocol):
    """A tuple of all that a card shows."""

    @property
    def proofs(self) -> Sequence[str]: ...

    @property
    def caption(self) -> str: ...

    def _replace(self, *, proofs: Sequence[str]) -> Self: ...

    def __hash__(self) -> int: ...


class _Made(NamedTuple):
    """Markup with `%s` where a proof belongs, and what picks those proofs, in their order, from those of a tile."""

    markup: str
    pick: Callable[[Any], Any]


def card(tile: Tile, owner_apart: str) -> Markup:
    """`owner_apart` is for the template: where a link of its own says whose picture it is, these words."""
    if settings.DEBUG or type(tile.caption) is not str or type(owner_apart) is not str:
        return _render(tile, owner_apart)
    made = _remembered(tile._replace(proofs=()), owner_apart, len(tile.proofs))
    return Markup(made.markup % made.pick(tile.proofs))  # noqa: S704 - proofs hold letters, digits, "-" and "_"


@lru_cache(_MOST)
def _remembered(tile: Tile, owner_apart: str, proofs: int) -> _Made:
    made = str(_render(tile._replace(proofs=[f"{_HOLE}{number}" for number in range(proofs)]), owner_apart))
    numbers = [int(number) for number in _HOLES.findall(made)]
    return _Made(_HOLES.sub("%s", made.replace("%", "%%")), itemgetter(*numbers))


def _render(tile: Tile, owner_apart: str) -> Markup:
    jinja: Any = engines["jinja2"]
    made: Markup = jinja.env.get_template("browse/_image_card.html").module.image_card(tile, owner_apart=owner_apart)
    return made
