"""Names of files that people take home, made of their own words in whatever script."""

from __future__ import annotations

import unicodedata

_LENGTH = 60  # characters; of four bytes each, and with an id and an extension, within the 255 of a file's name
_JOINERS = "\u200c\u200d"  # without them some words of Persian and of Indian scripts are other words
_VIRAMA = 9  # the class of signs that bind the next letter to the one before


def words_of(text: str) -> str:
    """Letters, numbers and their marks in lower case, joined by hyphens; empty if there are none.

    Nothing else gets in, so nothing in it can do harm. What one reads as one sign is never cut in two.
    """
    kept = "".join(_kept(letter) for letter in unicodedata.normalize("NFC", text).lower())
    words = [word.strip(_JOINERS) for word in kept.split("-")]
    return _cut("-".join(word for word in words if word)).strip("-" + _JOINERS)


def _kept(letter: str) -> str:
    return letter if unicodedata.category(letter)[0] in "LNM" or letter in _JOINERS else "-"


def _cut(text: str) -> str:
    end = _LENGTH
    while end < len(text) and end > 0 and _belongs(text[end - 1], text[end]):
        end -= 1
    return text[:end]


def _belongs(before: str, letter: str) -> bool:
    """Whether a sign is part of the one before."""
    is_bound = unicodedata.combining(before) == _VIRAMA or before in _JOINERS
    return is_bound or unicodedata.category(letter)[0] == "M" or letter in _JOINERS
