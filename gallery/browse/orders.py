"""The orders of listings, as addresses and people name them."""

from __future__ import annotations

import secrets

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NEWEST, OLDEST, RELEVANT, RANDOM = "", "oldest", "relevance", "random"
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
}
_SEEDS = 1 << 32


def orders(signed_in: bool, has_words: bool, is_alike: bool = False) -> list[tuple[str, str | Promise]]:
    """Those that a listing can have, with their names. What is looked for by likeness has that order alone."""
    if is_alike:
        return [(NEWEST, _("Most alike"))]
    offered = [*ORDERS] if signed_in else [NEWEST, OLDEST, RANDOM]
    return [(order, ORDERS[order]) for order in offered if order != RELEVANT or has_words]


def new_seed() -> int:
    """Where the random order begins."""
    return secrets.randbelow(_SEEDS)


def seed_of(text: str) -> int | None:
    """The one in an address; anything else counts as none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(_SEEDS)) else _SEEDS
    return number if number < _SEEDS else None
