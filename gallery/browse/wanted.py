"""What the address of a page of pictures says: which of them, in which order, from where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self
from urllib.parse import quote, urlencode

from django.db.models import TextChoices

from gallery.browse import months
from gallery.browse.orders import ADDED, NEWEST, NUMBERS, RANDOM, order_of, seed_of, word_of
from gallery.filters import query
from gallery.models import User
from gallery.paging import Cursor
from gallery.search.query import Question, parse
from generator.models.addresses import address

EXPLORE, MINE, FAVOURITES, TRASH, ALL = "", "mine", "favourites", "trash", "all"
# Of what is typed: more than is understood, so that the page can say what was left out.
_MOST_TYPED = 1000
# How a page is to show them, as its address may say it.
LOOKS: dict[str, type[TextChoices]] = {"layout": User.Layout, "density": User.Density, "stacks": User.Stacks}
_MEMBER = re.compile(r"u/([^\x00-\x1f]{1,150})")


@dataclass(frozen=True)
class Wanted:
    """Pictures in an order, the newest first if nothing is said. `scope` says whose: `` for everybody's, `mine`,
    `u/anna` for Anna's, `favourites`, `trash`, or `all` for whoever is looking at all pictures; `q` what is asked of
    them, as it was typed. The random order begins at `seed`. A page begins behind `before`, which an address may say as
    a month, `at=2026-03`, or, if that is not said, ends in front of `after`. `look` is what the address says of LOOKS:
    it goes along to other pages of pictures.
    """

    scope: str = EXPLORE
    before: Cursor | None = None
    q: str = ""
    order: str = NEWEST
    after: Cursor | None = None
    seed: int | None = None
    look: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_address(cls, given: Mapping[str, str], scope: str = EXPLORE) -> Self:
        """What the address of a page of pictures asks for. What makes no sense in it counts as not said."""
        asked, order = plain(given.get("q", "")).strip()[:_MOST_TYPED], order_of(given.get("order", ""), usual(scope))
        seed = seed_of(given.get("seed", "")) if order == RANDOM else None
        before, after = (Cursor.of(given.get(name, "")) for name in ("before", "after"))
        if not (before or after):
            before = months.place(given.get("at", ""), order)
        look = tuple((name, given[name]) for name in LOOKS if name in given and given[name] in LOOKS[name].values)
        return cls(scope, before, asked, order, None if before else after, seed, look)

    @classmethod
    def around(cls, given: Mapping[str, str], *, looking: bool = False) -> Self:
        """The listing that a picture was opened from, as `in`, `q`, `order` and `seed` of its address say; else
        everybody's. The trash is none of them: what lies there has no page.
        """
        scope = given.get("in", "")
        known = scope in (MINE, FAVOURITES) or _MEMBER.fullmatch(scope) or (looking and scope == ALL)
        return cls.from_address(given, scope if known else EXPLORE).first

    @classmethod
    def of_member(cls, username: str, given: Mapping[str, str]) -> Self | None:
        """The pictures of one member, or None if nobody can have this name."""
        scope = f"u/{username}"
        return cls.from_address(given, scope) if _MEMBER.fullmatch(scope) else None

    @property
    def first(self) -> Self:
        """The same from its head on."""
        return replace(self, before=None, after=None)

    @property
    def everything(self) -> Self:
        """Whatever is in it, in its usual order."""
        return type(self)(self.scope, order=usual(self.scope))

    def shuffled(self, seed: int | None) -> Self:
        """The same from where a seed begins; without one it is drawn when somebody asks for it."""
        return replace(self.first, seed=seed)

    def address(self, **changes: Any) -> str:
        """Of the page that shows it, with these fields changed."""
        asked = replace(self, **changes)
        said = query({"q": asked.q, **asked._ordered, "before": asked.before, "after": asked.after, **dict(asked.look)})
        return asked.home + (f"?{said}" if said else "")

    @property
    def fields(self) -> dict[str, str]:
        """What says in an address, or in a form, that a picture was opened from here."""
        said = {"in": self.scope, "q": self.q, **self._ordered}
        return {name: value for name, value in said.items() if value}

    @property
    def order_word(self) -> str:
        """Its order as addresses and forms have it; empty if it is the usual one."""
        return word_of(self.order, usual(self.scope))

    @property
    def _ordered(self) -> dict[str, str]:
        is_seeded = self.order == RANDOM and self.seed is not None
        return {"order": self.order_word, "seed": str(self.seed) if is_seeded else ""}

    @property
    def within(self) -> str:
        """What follows in the address of a picture that is opened from here, so that one goes on from it here."""
        return f"?{urlencode(self.fields, quote_via=quote, safe='/')}" if self.fields else ""

    @property
    def home(self) -> str:
        """The address of the page that shows all of it."""
        if self.member:
            return address("member", self.member)
        return address({EXPLORE: "explore", ALL: "look_at_all"}.get(self.scope, self.scope))

    @property
    def member(self) -> str:
        """The username of whose pictures they are, if they are a member's."""
        found = _MEMBER.fullmatch(self.scope)
        return found[1] if found else ""

    @property
    def has_words(self) -> bool:
        """Whether words are looked for in prompts."""
        return bool(self.question.phrases) and not self.question.is_of_comments

    @property
    def is_ranked(self) -> bool:
        """Whether only what there is something to compare of is in it."""
        return self.order in NUMBERS

    @property
    def may_take_long(self) -> bool:
        """Whether it is not known beforehand how many have to be looked at."""
        return bool(self.question) or self.is_ranked

    @property
    def is_unseeded(self) -> bool:
        """Whether it is to be shuffled first."""
        return self.order == RANDOM and self.seed is None

    @property
    def is_of_somebody(self) -> bool:
        """One's own, another member's or one's favourites, and no corner of the site where others are not let in."""
        return self.scope in (MINE, FAVOURITES) or bool(self.member)

    @cached_property
    def question(self) -> Question:
        """What was typed, as far as it can be understood."""
        return parse(self.q)


def usual(scope: str) -> str:
    """The order of its pictures if nothing is said."""
    return ADDED if scope == FAVOURITES else NEWEST


def plain(typed: str) -> str:
    """Without a NUL, which a form can send and PostgreSQL does not keep."""
    return typed.replace("\0", " ")
