"""Colours to look for: two dozen names, each with a swatch and what it leads to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from gallery.browse.listing import Listing
from gallery.search.query import Clause, Fact, Key
from generator.models import Image

# Of each of generator.imaging.palette.COLOURS, in that order; its swatch is in search.css.
NAMES = {
    "black": _("Black"),
    "grey": _("Grey"),
    "silver": _("Silver"),
    "white": _("White"),
    "pink": _("Pink"),
    "red": _("Red"),
    "maroon": _("Maroon"),
    "brown": _("Brown"),
    "orange": _("Orange"),
    "sand": _("Sand"),
    "cream": _("Cream"),
    "yellow": _("Yellow"),
    "olive": _("Olive"),
    "lime": _("Lime"),
    "green": _("Green"),
    "forest": _("Forest"),
    "teal": _("Teal"),
    "turquoise": _("Turquoise"),
    "sky": _("Sky blue"),
    "blue": _("Blue"),
    "navy": _("Navy"),
    "purple": _("Purple"),
    "lavender": _("Lavender"),
    "magenta": _("Magenta"),
}


class Colour(NamedTuple):
    """`key` is what one types for it; `address`, if there is one, leads to a listing with it or, if it `is_asked` for,
    to the same without it.
    """

    key: str
    name: str
    address: str = ""
    is_asked: bool = False


def colours_beside(listing: Listing) -> list[Colour]:
    """All of them, to be asked for as well as what a listing asks already."""
    asked = {name: clause for clause in listing.question.clauses if (name := _only(clause))}
    return [Colour(key, str(name), _turned(listing, key, asked.get(key)), key in asked) for key, name in NAMES.items()]


def colours_of(image: Image, user: Any) -> list[Colour]:
    """Those that the picture is made of, the most common first. Only members can ask for more of them."""
    keys = (image.colours or "").split()
    return [Colour(key, str(NAMES[key]), _asking(key) if user.is_authenticated else "") for key in keys if key in NAMES]


def same_colours(image: Image) -> str:
    """The address of pictures of all these colours; empty while nobody has looked at this one."""
    return _asking(*image.colours.split()) if image.colours else ""


def colours_named(clause: Clause) -> list[str]:
    """Those that a part of a question names."""
    return [str(one.value) for one in clause.options if isinstance(one, Fact) and one.key == Key.COLOUR]


def _only(clause: Clause) -> str:
    """The colour that this alone asks for."""
    names = [] if clause.negated else colours_named(clause)
    return names[0] if len(names) == 1 else ""


def _turned(listing: Listing, key: str, asked: Clause | None) -> str:
    """The listing with this colour, from its first page on, or without it if it is asked for."""
    others = str(listing.question.without(asked)) if asked else f"{listing.q} {Key.COLOUR}:{key}".strip()
    return replace(listing.first, q=others).address()


def _asking(*keys: str) -> str:
    return Listing(q=" ".join(f"{Key.COLOUR}:{key}" for key in keys)).address()
