"""Where a phrase stands among words."""

from __future__ import annotations

from collections.abc import Sequence

from gallery.search.query import Match, Phrase


def holds(phrase: Phrase, words: Sequence[str], stems: Sequence[str]) -> list[int]:
    """Where the phrase begins in these words, whose stems are at the same places."""
    *whole, last = phrase.words
    among = stems if phrase.match == Match.STEMS else words
    compare = str.startswith if phrase.match == Match.PREFIX else str.__eq__
    starts = range(len(among) - len(whole))
    return [at for at in starts if compare(among[at + len(whole)], last) and [*among[at : at + len(whole)]] == whole]
