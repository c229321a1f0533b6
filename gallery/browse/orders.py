"""The orders of listings, as addresses and people name them."""

from __future__ import annotations

import secrets

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NEWEST, OLDEST, RELEVANT, RANDOM = "", "oldest", "relevance", "random"
# Of somebody's favourites: by when they became one.
ADDED = "added"
# Says in addresses that the newest come first, where that is not as usual.
_NEWEST = "newest"
BY_TIME = (NEWEST, OLDEST)
RATED, DISCUSSED, DOWNLOADED = "rated", "discussed", "downloads"
# By which column of a picture; without such a number it is in none of these orders.
NUMBERS = {RATED: "rating", DISCUSSED: "comment_count", DOWNLOADED: "downloads"}
ORDERS = {
    NEWEST: _("Newest first"),
    OLDEST: _("Oldest first"),
    RATED: _("Best rated"),
    DISCUSSED: _("Most discussed"),
    DOWNLOADED: _("Most downloaded"),
    RANDOM: _("Random"),
    RELEVANT: _("Best match"),
    ADDED: _("Last added"),
}
_ANYWHERE = [order for order in ORDERS if order != ADDED]
_SEEDS = 1 << 32


def order_of(word: str, usual: str) -> str:
    """The one that a word in an address names; the usual one if that makes no sense, or goes elsewhere."""
    if word == _NEWEST:
        return NEWEST
    return word if word and word in ORDERS and word in (usual, *_ANYWHERE) else usual


def word_of(order: str, usual: str) -> str:
    """Its word in an address; empty for what is not said."""
    return "" if order in (usual, ADDED) else order or _NEWEST


def orders(
    signed_in: bool, has_words: bool, is_alike: bool = False, usual: str = NEWEST
) -> list[tuple[str, str | Promise]]:
    """Those that a listing can have, by their words in addresses, with their names; the usual one stands first. What is
    looked for by likeness has that order alone.
    """
    if is_alike:
        return [(NEWEST, _("Most alike"))]
    offered = [*_ANYWHERE] if signed_in else [NEWEST, OLDEST, RANDOM]
    first = [usual, *(order for order in offered if order != usual and (order != RELEVANT or has_words))]
    return [(word_of(order, usual), ORDERS[order]) for order in first]


def new_seed() -> int:
    """Where the random order begins."""
    return secrets.randbelow(_SEEDS)


def seed_of(text: str) -> int | None:
    """The one in an address; anything else counts as none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(_SEEDS)) else _SEEDS
    return number if number < _SEEDS else None
