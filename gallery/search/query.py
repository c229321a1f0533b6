"""What somebody asks for in the search box, as a question of clauses that all have to hold.

    fox "red fox" -snow fore* night OR dusk by:anna model:flux rated:4 after:2026-03

Nothing that can be typed is an error: what makes no sense is left out, and named in `Question.ignored`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum

from gallery.search.words import exact_words, stem
from generator.imaging.palette import COLOURS

MOST_LETTERS = 400
MOST_CLAUSES = 24
OR = "OR"
_TERM = re.compile(r"""(?P<minus>-?)(?:(?P<key>[a-z]{2,12}):)?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<plain>[^\s"]+))""")


class Match(StrEnum):
    """How the words of a phrase are compared. Several words are always looked for side by side."""

    STEMS = "stems"  # fox: foxes, fox's
    EXACT = "exact"  # "fox"
    PREFIX = "prefix"  # fo*: as EXACT, the last word by its beginning


@dataclass(frozen=True)
class Phrase:
    match: Match
    words: tuple[str, ...]


class Key(StrEnum):
    BY = "by"
    MODEL = "model"
    SHAPE = "shape"
    COLOUR = "colour"
    RATED = "rated"
    SEEN = "seen"
    BEFORE = "before"
    AFTER = "after"
    ON = "on"
    SIZE = "size"
    HAS = "has"
    IS = "is"
    FAILED = "failed"
    ID = "id"
    IN = "in"
    LIKE = "like"


@dataclass(frozen=True)
class Period:
    """Whole days, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Bound:
    """`least` says whether the number is the smallest or the largest that fits."""

    number: float
    least: bool


Value = str | int | Period | Bound


@dataclass(frozen=True)
class Fact:
    key: Key
    value: Value


@dataclass(frozen=True)
class Clause:
    """Holds if one of its options does; a negated one if none does. `text` is what was typed for it."""

    options: tuple[Phrase | Fact, ...]
    negated: bool
    text: str

    @property
    def is_of_words(self) -> bool:
        return isinstance(self.options[0], Phrase)

    def can_also_be(self, option: Phrase | Fact) -> bool:
        """Words are joined with words, and facts with facts of the same key."""
        match self.options[0], option:
            case Fact(key=key), Fact(key=other):
                return not self.negated and key == other
            case Phrase(), Phrase():
                return not self.negated
        return False


@dataclass(frozen=True)
class Question:
    clauses: tuple[Clause, ...] = ()
    ignored: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.clauses)

    def __str__(self) -> str:
        """What to type for the same question; without what was ignored."""
        return " ".join(clause.text for clause in self.clauses)

    @property
    def phrases(self) -> list[Clause]:
        """What is asked of words."""
        return [clause for clause in self.clauses if clause.is_of_words]

    @property
    def likeness(self) -> str:
        """What the pictures are to look like, in words."""
        return ", ".join(map(str, self.facts(Key.LIKE)))

    @property
    def is_of_comments(self) -> bool:
        """Whether the words are looked for in comments instead of prompts."""
        return "comments" in self.facts(Key.IN)

    @property
    def of_stars(self) -> str:
        """What to type for it, if to have so many stars, or not, is all that is asked: there are ten such questions."""
        match self.clauses:
            case (Clause(options=(Fact(key=Key.RATED, value=stars),), negated=negated),):
                return f"{'-' if negated else ''}{Key.RATED}:{stars}"
        return ""

    def without(self, clause: Clause) -> Question:
        return replace(self, clauses=tuple(one for one in self.clauses if one is not clause))

    def facts(self, key: Key) -> Iterator[Value]:
        """The values that are asked for by this key alone, in clauses of one option."""
        for clause in self.clauses:
            match clause.options:
                case (Fact(key=found, value=value),) if found == key and not clause.negated:
                    yield value


def key_of(text: str | None) -> Key | None:
    """What stands before a colon, in either spelling."""
    known = {"color": Key.COLOUR} | {key.value: key for key in Key}
    return known.get(text or "")


def parse(text: str) -> Question:
    """`text` as it was typed; of a long one the beginning."""
    clauses: list[Clause] = []
    ignored: list[str] = []
    joins = False
    for found in _TERM.finditer(text[:MOST_LETTERS]):
        # A phrase that was left open ends with the text; closed, something may be typed behind it.
        typed = found[0] + '"' * (found[0].count('"') % 2)
        if typed == OR:
            joins = bool(clauses)
            continue
        option = _option(found)
        if option is None or (len(clauses) == MOST_CLAUSES and not joins):
            ignored.append(typed)
        elif joins and not found["minus"] and clauses[-1].can_also_be(option):
            last = clauses[-1]
            clauses[-1] = Clause((*last.options, option), negated=False, text=f"{last.text} {OR} {typed}")
        else:
            clauses.append(Clause((option,), negated=bool(found["minus"]), text=typed))
        joins = False
    if rest := text[MOST_LETTERS:].strip():
        ignored.append(rest)
    return Question(tuple(clauses), tuple(ignored))


def _option(found: re.Match[str]) -> Phrase | Fact | None:
    said, text = found["key"], found["quoted"] if found["plain"] is None else found["plain"]
    if key := key_of(said):
        value = _READ[key](text.strip())
        return None if value is None else Fact(key, value)
    if not said and text.endswith(":") and key_of(text.removesuffix(":")):
        return None  # somebody is still typing
    return _phrase(f"{said} {text}" if said else text, is_quoted=found["plain"] is None)


def _phrase(text: str, *, is_quoted: bool) -> Phrase | None:
    words = tuple(exact_words(text))
    if not words:
        return None
    if is_quoted:
        return Phrase(Match.EXACT, words)
    if text.endswith("*"):
        return Phrase(Match.PREFIX, words)
    return Phrase(Match.STEMS, tuple(map(stem, words)))


# What may stand behind each key; None says that it makes no sense there.


def _name(text: str) -> str | None:
    return text if 0 < len(text) <= 150 else None


def _one_of(*words: str) -> Callable[[str], str | None]:
    return lambda text: text.casefold() if text.casefold() in words else None


def _shape(text: str) -> str | None:
    named = _one_of("wide", "tall", "square")(text)
    return named or (text if re.fullmatch(r"[1-9]\d?:[1-9]\d?", text) else None)


def _stars(text: str) -> int | None:
    """`4` and `4+` are four and more."""
    found = re.fullmatch(r"([1-5])\+?", text)
    return int(found[1]) if found else None


def _period(text: str) -> Period | None:
    """A day, a month or a year: `2026-10-03`, `2026-10`, `2026`."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text, re.ASCII)
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return Period(first, first)
    return Period(first, _before(year + (month or 12) // 12, (month or 12) % 12 + 1))


def _before(year: int, month: int) -> date:
    """The day before the first one of a month."""
    return date.max if year > MAXYEAR else date(max(year, MINYEAR), month, 1) - timedelta(days=1)


def _megapixels(text: str) -> Bound | None:
    found = re.fullmatch(r"([<>])=?(\d{1,4}(?:\.\d{1,3})?)mp", text.casefold(), re.ASCII)
    return Bound(float(found[2]), least=found[1] == ">") if found else None


def _id(text: str) -> str | None:
    """Hexadecimal digits of the beginning of an id, without dashes."""
    digits = text.casefold().replace("-", "")
    return digits if re.fullmatch(r"[0-9a-f]{4,32}", digits) else None


_READ: dict[Key, Callable[[str], Value | None]] = {
    Key.BY: _name,
    Key.MODEL: _name,
    Key.SHAPE: _shape,
    Key.COLOUR: _one_of(*COLOURS),
    Key.RATED: _stars,
    Key.SEEN: _one_of("private", "link", "shared", "public"),
    Key.BEFORE: _period,
    Key.AFTER: _period,
    Key.ON: _period,
    Key.SIZE: _megapixels,
    Key.HAS: _one_of("comment", "stars"),
    Key.IS: _one_of("favourite", "favorite"),
    Key.FAILED: _one_of("yes", "no"),
    Key.ID: _id,
    Key.IN: _one_of("comments"),
    Key.LIKE: _name,
}
