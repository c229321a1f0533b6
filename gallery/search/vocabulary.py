"""Words that occur: in the newest pictures that somebody may see, so that nothing else is ever told by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from gallery.search.query import Match, Phrase, Question
from gallery.search.words import MARK, exact_words, stem
from generator.models.image_queryset import ImageQuerySet

# Of so many of the newest pictures.
MOST_READ = 1000
# How like another word has to be, from 0 to 1.
_ALIKE = 0.72


def occurring(images: ImageQuerySet) -> Counter[str]:
    """How often each word stands in the prompts of the newest of these."""
    prompts = images.newest().values_list("generation__prompt", flat=True)[:MOST_READ]
    return Counter(word for prompt in prompts for word in _written(prompt))


def corrected(question: Question, images: ImageQuerySet) -> str:
    """The question with each word that does not occur replaced by the nearest one that does; empty if none is."""
    known = occurring(images)
    stems = {stem(exact) for word in known for exact in exact_words(word)}
    text, changed = str(question), False
    for phrase in _sought(question):
        for word in phrase.words:
            if phrase.match == Match.PREFIX or stem(word) in stems:
                continue
            near = get_close_matches(word, known, n=3, cutoff=_ALIKE)
            if near and word in text.casefold():
                best = max(near, key=lambda one: known[one])
                text, changed = _replaced(text, word, best), True
    return text if changed else ""


def _sought(question: Question) -> Iterable[Phrase]:
    for clause in question.phrases:
        if not clause.negated:
            yield from (one for one in clause.options if isinstance(one, Phrase))


def _replaced(text: str, word: str, by: str) -> str:
    at = text.casefold().index(word)
    return text[:at] + by + text[at + len(word) :]


@lru_cache(5_000)
def _written(prompt: str) -> frozenset[str]:
    """Words as people write them, in small letters. Pure by the prompt, and so remembered."""
    found = (word for word in prompt.casefold().split())
    bare = (word.strip(".,;:!?()[]{}\"'«»“”„…–—*") for word in found)
    return frozenset(word for word in bare if len(word) > 2 and MARK not in word and word.isalpha())
