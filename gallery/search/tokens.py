"""Words that nobody can type, kept behind those of each picture: whose it is, of which model, shape and colours.

By them the index finds what is rare without a walk past all the rest. They only narrow: whether a fact holds is seen by
the picture itself, so one that is out of date hides a picture and never shows one.
"""

from __future__ import annotations

from hashlib import blake2s

from gallery.search.query import Clause, Match, Phrase
from gallery.search.words import MARK
from generator.models import Image

# In a hundred: a picture whose sides differ by less is a square, as one of nearly a ratio is of that ratio.
SLACK = 3


def tokens_of(image: Image) -> list[str]:
    """Of a picture that was read with its generation."""
    shape = of_shape(shape_of(image.width, image.height))
    colours = map(of_colour, (image.colours or "").split())
    return [of_person(image.user_id), of_model(image.generation.model), shape, *colours]


def of_person(pk: int) -> str:
    return f"{MARK}u{pk}"


def of_model(id_: str) -> str:
    return f"{MARK}m{blake2s(id_.encode(), digest_size=8).hexdigest()}"


def of_shape(name: str) -> str:
    return f"{MARK}s{name}"


def of_colour(name: str) -> str:
    return f"{MARK}c{name}"


def shape_of(width: int, height: int) -> str:
    if width * 100 > height * (100 + SLACK):
        return "wide"
    return "tall" if width * 100 < height * (100 - SLACK) else "square"


def one_of(tokens: list[str]) -> Clause:
    """Those with one of these, for the index."""
    return Clause(tuple(Phrase(Match.EXACT, (token,)) for token in tokens), negated=False, text="")
