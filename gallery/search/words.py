"""How a text becomes the words that are searched for: the same for what is kept and for what is asked.

Neither database cuts, folds or stems: each keeps the words as they are made here, so both find the same. A word is
folded (Unicode NFKC, case, accents, ё as е); its stem is Snowball's, English for Latin letters and
Russian for Cyrillic ones (snowballstem.org). Signs of writing without spaces (Han, Kana, Hangul, Thai and their kin)
and emoji are a word each, so that any run of them is found as a phrase.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache, lru_cache

import Stemmer

# Stands where no word is meant, and once behind the words of every picture: all of them are found by it, which makes
# "all but these" a question as quick as others. Nothing that is typed becomes it.
MARK = "\u00b7"
# Longer than any word; what is longer is cut, in texts and in questions alike.
MOST_LETTERS = 64
_SINGLE = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul Jamo
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3005, 0x3007),  # iteration mark, closing mark, zero
    (0x3041, 0x318F),  # Kana, Bopomofo, Hangul compatibility Jamo
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),  # Hangul syllables
    (0xF900, 0xFAFF),
    (0x1AFF0, 0x1B16F),
    (0x1F000, 0x1FAFF),  # emoji and other pictures
    (0x20000, 0x323AF),
)
_SIGN = "".join(f"{chr(first)}-{chr(last)}" for first, last in _SINGLE)
# Symbols older than emoji that are drawn as such: ☀ ⌚ ✈ ❤ ⭐.
_SYMBOL = "\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff"
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\uff07\u0060\u00b4", "'"))
# Joiners and selectors tell how something is drawn, not what it is; soft hyphens and the like are not seen at all.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
                     "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff\U0001f3fb-\U0001f3ff]")  # fmt: skip
# What people leave out when they type: accents of Latin and Greek letters, stress in Russian (й keeps its breve),
# Hebrew and Arabic vowels.
_ACCENT = re.compile(
    "(?<=[a-zα-ω])[\u0300-\u036f]+|(?<=[а-я])[\u0300\u0301]"
    "|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]"
)
_PLAIN = str.maketrans({"ё": "е", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
# Planes 0 and 1: no mark is assigned beyond them but selectors, which are not seen.
_LAST_MARK = 0x1FFFF
# A stemmer holds its word while it works: each thread has its own.
_own = threading.local()


def exact_words(text: str) -> list[str]:
    """The folded words in their order, each at most `MOST_LETTERS` long."""
    return [_kept(word) for word in _pattern().findall(fold(text))]


def stems(text: str) -> list[str]:
    """As many as `exact_words`, each as its stem."""
    return [stem(word) for word in exact_words(text)]


def fold(text: str) -> str:
    """One spelling for what people take for the same letters."""
    if text.isascii():  # which most prompts are, and there it is a tenth of the work
        return text.lower().replace("`", "'")
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_APOSTROPHES).casefold()
    # NFKC once more: folding can leave letters apart that belong together.
    text = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", text).translate(_PLAIN)


def signs_alone() -> str:
    """The signs that are a word each, as they stand within the brackets of a regular expression."""
    return _SIGN + _SYMBOL


@cache
def _pattern() -> re.Pattern[str]:
    """Made when it is first needed: the marks of all scripts, which are part of their word, take 15 ms to collect."""
    marks = "".join(chr(code) for code in range(0x300, _LAST_MARK) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
    letter = rf"(?:(?![{_SIGN}{_SYMBOL}_])[\w{marks}])"
    return re.compile(
        rf"""
        [{_SIGN}{_SYMBOL}]                  # a sign
        | \d+(?:[.,]\d+)+(?!\w)             # 1.5, 1,000
        | {letter}+(?:'{letter}+)*          # don't
        """,
        re.VERBOSE,
    )


def _kept(word: str) -> str:
    """Without what the databases take for the end of a word: `don't` is kept as `dont`, `1.5` as `1·5`."""
    return word.replace("'", "").replace(".", "·").replace(",", "·")[:MOST_LETTERS]


@lru_cache(20_000)
def stem(word: str) -> str:
    """Pure by the word, and so remembered."""
    if word.isascii():
        return _stemmer("english").stemWord(word) if word.isalpha() else word
    return _stemmer("russian").stemWord(word) if "а" <= word[0] <= "я" else word


def _stemmer(language: str) -> Stemmer.Stemmer:
    if not hasattr(_own, language):
        setattr(_own, language, Stemmer.Stemmer(language, 0))
    made: Stemmer.Stemmer = getattr(_own, language)
    return made
