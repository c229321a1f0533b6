"""Marks in a prompt what was found by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from gallery.search.phrases import holds
from gallery.search.query import Phrase, Question
from gallery.search.words import exact_words, signs_alone, stem

Marker = Callable[[str], str]
# As much of a prompt as a tile shows, and what stands before the first mark if it comes later.
MOST_SHOWN, LEAD = 140, 40
# Longer prompts are not looked at any further.
_MOST_READ = 4000


def marker(question: Question) -> Marker | None:
    """Makes of a prompt what a tile says of it; None if nothing is looked for in prompts."""
    clauses = [] if question.is_of_comments else question.phrases
    phrases = [one for clause in clauses if not clause.negated for one in clause.options if isinstance(one, Phrase)]
    return (lambda prompt: _marked(prompt, phrases)) if phrases else None


def _marked(prompt: str, phrases: list[Phrase]) -> SafeString:
    """The prompt from a little before the first hit on, each hit in a `mark`, all else escaped."""
    text = prompt[:_MOST_READ]
    spans = _spans(text, phrases)
    start = _start(text, spans[0][0] if spans else 0)
    end = min(len(text), start + MOST_SHOWN)
    parts, at = ["…" if start else ""], start
    for first, last in spans:
        if first >= end:
            break
        parts.append(format_html("{}<mark>{}</mark>", text[at:first], text[first : min(last, end)]))
        at = min(last, end)
    parts += [text[at:end], "…" if end < len(prompt) else ""]
    return format_html_join("", "{}", ((part,) for part in parts))


def _start(text: str, first: int) -> int:
    """Where a word begins."""
    if first <= MOST_SHOWN - LEAD:
        return 0
    blank = text.find(" ", first - LEAD, first)
    return blank + 1 if blank >= 0 else first


def _spans(text: str, phrases: list[Phrase]) -> list[tuple[int, int]]:
    """Beginnings and ends of what is to be marked, in order, none within another."""
    found = list(_places(text))
    words = [word for word, _, _ in found]
    stems = [stem(word) for word in words]
    hits = {at + step for one in phrases for at in holds(one, words, stems) for step in range(len(one.words))}
    joined: list[tuple[int, int]] = []
    for first, last in sorted({found[hit][1:] for hit in hits}):
        if joined and joined[-1][1] == first:
            first = joined.pop()[0]
        joined.append((first, last))
    return joined


def _places(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word, and where what it was made of stands: a sign, or letters without the stops around them."""
    for piece in _pieces().finditer(text):
        for word in exact_words(piece[0]):
            yield word, piece.start(), piece.end()


@cache
def _pieces() -> re.Pattern[str]:
    signs = signs_alone()
    apart = rf"\s{signs}\-\u2010-\u2015/;:!?<>&|=+*()\[\]{{}}\"\u201c\u201d\u201e«»、。"
    return re.compile(rf"[{signs}]\ufe0f?|[^{apart}.,']+(?:[.,'’]+[^{apart}.,']+)*")
