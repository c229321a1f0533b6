"""Asks the database for the pictures whose words fit a question.

Who may see what is not decided here: `visible_to` has been asked before. Each engine gets the words as they were cut
by gallery.search.words, between quotes of its own, so nothing that is typed can be an operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Lookup, TextField

from gallery.search.query import Clause, Match, Phrase, Question
from gallery.search.words import MARK
from generator.models.image_queryset import ImageQuerySet


def matching(images: ImageQuerySet, question: Question) -> ImageQuerySet:
    """Those of `images` that fit what is asked of their words, the newest first; facts are not looked at."""
    if not question.phrases:
        return images.newest()
    return fitting(images, question.phrases).order_by(f"-{place()}")


def fitting(images: ImageQuerySet, clauses: Sequence[Clause]) -> ImageQuerySet:
    """Those for whose words all of these clauses hold, in whichever order."""
    return images.filter(**fits(clauses, "document__"))


def fits(clauses: Sequence[Clause], path: str = "") -> dict[str, str]:
    """What to filter documents by, or what they are reached from by a path."""
    if connection.vendor == "sqlite":
        return {f"{path}index__everything__matches": _by_fts5(clauses)}
    return {f"{path}stems__matches": _by_tsquery(clauses)}


def place() -> str:
    """The column in the order of which the index is walked: documents come in the order of pictures."""
    return "document__index__pk" if connection.vendor == "sqlite" else "document__id"


def _parted(clauses: Sequence[Clause]) -> tuple[list[list[Phrase]], list[Phrase]]:
    """Of each clause that has to hold its options, and all that must not be there."""
    options = [[one for one in clause.options if isinstance(one, Phrase)] for clause in clauses]
    wanted = [one for one, clause in zip(options, clauses, strict=True) if not clause.negated]
    unwanted = [one[0] for one, clause in zip(options, clauses, strict=True) if clause.negated]
    return wanted, unwanted


# What every picture has.
_EVERY = Phrase(Match.EXACT, (MARK,))

# SQLite: https://www.sqlite.org/fts5.html, section 3


def _by_fts5(clauses: Sequence[Clause]) -> str:
    """The index cannot be asked what is without something unless among what is with another."""
    wanted, unwanted = _parted(clauses)
    asked = " AND ".join(f"({' OR '.join(map(_fts5, options))})" for options in wanted or [[_EVERY]])
    if unwanted:
        asked = f"({asked}) NOT ({' OR '.join(map(_fts5, unwanted))})"
    return asked


def _fts5(phrase: Phrase) -> str:
    column = "stems" if phrase.match == Match.STEMS else "exact"
    return f'{column} : "{" ".join(phrase.words)}"' + (" *" if phrase.match == Match.PREFIX else "")


# PostgreSQL: "Text Search Types" in its documentation


def _by_tsquery(clauses: Sequence[Clause]) -> str:
    wanted, unwanted = _parted(clauses)
    asked = [f"({' | '.join(map(_tsquery, options))})" for options in wanted]
    asked += [f"!{_tsquery(phrase)}" for phrase in unwanted]
    return " & ".join(asked)


def _tsquery(phrase: Phrase) -> str:
    sign = "" if phrase.match == Match.STEMS else "="
    side_by_side = " <-> ".join(f"'{sign}{word}'" for word in phrase.words)
    return f"({side_by_side}{':*' if phrase.match == Match.PREFIX else ''})"


@TextField.register_lookup
class Matches(Lookup):  # type: ignore[type-arg]  # generic for the checker alone
    """The right side is a question in the language of the engine's index."""

    lookup_name = "matches"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, given = self.process_lhs(compiler, connection)
        return f"{left} MATCH %s", (*given, self.rhs)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Asked of the column that the database keeps beside the stems."""
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        return f"{table}.words @@ %s::tsquery", (self.rhs,)
