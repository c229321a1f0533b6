"""The orders of listings, as addresses and people name them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gallery.search.ranking import DISCUSSED, DOWNLOADED, RATED, RELEVANT

NEWEST, OLDEST = "", "oldest"
BY_TIME = (NEWEST, OLDEST)
ORDERS = {
    NEWEST: _("Newest first"),
    OLDEST: _("Oldest first"),
    RATED: _("Best rated"),
    DISCUSSED: _("Most discussed"),
    DOWNLOADED: _("Most downloaded"),
    RELEVANT: _("Best match"),
}


def orders(signed_in: bool, has_words: bool) -> list[tuple[str, str | Promise]]:
    """Those that a listing can have, with their names."""
    offered = [*ORDERS] if signed_in else [NEWEST, OLDEST]
    return [(order, ORDERS[order]) for order in offered if order != RELEVANT or has_words]
