"""Words in comments: looked for in the newest ones, without an index."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from gallery.models import Comment
from gallery.search.query import Clause, Match, Phrase
from gallery.search.words import exact_words, stem

# So many of the newest that somebody may read are looked at: a tenth of a second the first time.
MOST_READ = 2000


def commented(clauses: Sequence[Clause], user: Any) -> list[UUID]:
    """The pictures with a comment that this person may read and for which all of these clauses hold."""
    newest = Comment.objects.shown_to(user).order_by("-pk").values_list("image", "text")[:MOST_READ]
    return list({image for image, text in newest if all(_holds(clause, text) for clause in clauses)})


def holds(phrase: Phrase, words: Sequence[str], stems: Sequence[str]) -> list[int]:
    """Where the phrase begins in these words, whose stems are at the same places."""
    *whole, last = phrase.words
    among = stems if phrase.match == Match.STEMS else words
    compare = str.startswith if phrase.match == Match.PREFIX else str.__eq__
    starts = range(len(among) - len(whole))
    return [at for at in starts if compare(among[at + len(whole)], last) and [*among[at : at + len(whole)]] == whole]


def _holds(clause: Clause, text: str) -> bool:
    words, stems = _cut(text)
    options = [one for one in clause.options if isinstance(one, Phrase)]
    return any(holds(one, words, stems) for one in options) != clause.negated


@lru_cache(10_000)
def _cut(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Pure by the text, and so remembered."""
    words = exact_words(text)
    return tuple(words), tuple(map(stem, words))
