"""Which pictures, in which order, from where: what every page of pictures is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from gallery.browse.orders import NEWEST, OLDEST, ORDERS
from gallery.browse.tiles import COLUMNS, Picture
from gallery.filters import query
from gallery.models import User
from gallery.paging import Page, cursor, page_of
from gallery.search.facts import Facts, asked_by
from gallery.search.finding import Finding
from gallery.search.query import Question, parse
from gallery.search.ranking import MOST as RANKED_AT_MOST
from gallery.search.ranking import RANKS, RELEVANT, ranked, relevant
from gallery.search.tokens import of_person, one_of
from gallery.semantic.finding import like
from generator.models import Image
from generator.models.addresses import address
from generator.models.compiled import SOME_NAME, SOMETHING, Compiled, CountOf

if TYPE_CHECKING:
    from generator.models.image_queryset import ImageQuerySet

PAGE_SIZE = 48
EXPLORE, MINE, TRASH, ALL = "", "mine", "trash", "all"
# Of what is typed: more than is understood, so that the page can say what was left out.
_MOST_TYPED = 1000
_MEMBER = re.compile(r"u/([^\x00-\x1f]{1,150})")


@dataclass(frozen=True)
class Neighbours:
    """The pictures on both sides in the order of a listing: `previous` stands before, `next` behind."""

    previous: Picture | None
    next: Picture | None


@dataclass(frozen=True)
class Listing:
    """Pictures in an order, the newest first if nothing is said. `scope` says whose: `` for everybody's, `mine`,
    `u/anna` for Anna's, `trash`, or `all` for whoever is looking at all pictures; `q` what is asked of them, as it was
    typed; a page of them begins after `before`.

    Who may see what is not decided here: whatever is asked for, `visible_to` and `trashed_for` are asked first.
    """

    scope: str = EXPLORE
    before: UUID | None = None
    q: str = ""
    order: str = NEWEST

    @classmethod
    def from_address(cls, given: Mapping[str, str], scope: str = EXPLORE) -> Listing:
        """What the address of a page of pictures asks for. What makes no sense in it counts as not said."""
        order = given.get("order", "")
        asked = given.get("q", "").strip()[:_MOST_TYPED]
        return cls(scope, cursor(given.get("before", "")), asked, order if order in ORDERS else NEWEST)

    @classmethod
    def around(cls, given: Mapping[str, str], *, looking: bool = False) -> Listing:
        """The listing that a picture was opened from, as the `in`, `q` and `order` of its address say; else
        everybody's. The trash is none of them: what lies there has no page.
        """
        scope = given.get("in", "")
        known = scope == MINE or _MEMBER.fullmatch(scope) or (looking and scope == ALL)
        return replace(cls.from_address(given, scope if known else EXPLORE), before=None)

    @classmethod
    def of_member(cls, username: str, given: Mapping[str, str]) -> Listing | None:
        """The pictures of one member, or None if nobody can have this name."""
        scope = f"u/{username}"
        return cls.from_address(given, scope) if _MEMBER.fullmatch(scope) else None

    def address(self, **changes: Any) -> str:
        """Of the page that shows it, with these fields changed."""
        asked = replace(self, **changes)
        said = query({"q": asked.q, "order": asked.order, "before": asked.before})
        return asked.home + (f"?{said}" if said else "")

    @property
    def fields(self) -> dict[str, str]:
        """What says in an address, or in a form, that a picture was opened from here."""
        said = {"in": self.scope, "q": self.q, "order": self.order}
        return {name: value for name, value in said.items() if value}

    @property
    def within(self) -> str:
        """What follows in the address of a picture that is opened from here, so that one goes on from it here."""
        return f"?{urlencode(self.fields, quote_via=quote, safe='/')}" if self.fields else ""

    @property
    def home(self) -> str:
        """The address of the page that shows all of it."""
        if self._member:
            return address("member", self._member)
        return address({EXPLORE: "explore", ALL: "look_at_all"}.get(self.scope, self.scope))

    @property
    def has_words(self) -> bool:
        """Whether words are looked for in prompts."""
        return bool(self.question.phrases) and not self.question.is_of_comments

    @property
    def is_ranked(self) -> bool:
        """Whether only what there is something to compare of is in it."""
        return self.order in RANKS

    @property
    def is_of_somebody(self) -> bool:
        """One's own or another member's, and no corner of the site where others are not let in."""
        return self.scope == MINE or bool(self._member)

    @cached_property
    def question(self) -> Question:
        """What was typed, as far as it can be understood."""
        return parse(self.q)

    def images(self, user: Any) -> ImageQuerySet:
        """All of it that this person may see, whatever was asked for."""
        if self.scope == TRASH:
            return Image.objects.trashed_for(user)
        images = Image.objects.visible_to(user, looking=self.scope == ALL)
        if member := _MEMBER.fullmatch(self.scope):
            return images.filter(user_id=_id_of(member[1]))
        return images.filter(user=user) if self.scope == MINE and user.is_authenticated else images

    def page(self, user: Any) -> Page[Picture]:
        """Ready to be shown, in one query; with a question, in as many whatever is found."""
        rows = self._rows(user, PAGE_SIZE + 1, self.before)
        return page_of([Picture._make(row) for row in rows], PAGE_SIZE, self.before)

    def neighbours(self, user: Any, image: Image) -> Neighbours:
        """Two queries."""
        before, after = (self._rows(user, 1, image.pk, backwards=backwards) for backwards in (True, False))
        return Neighbours(*(Picture._make(rows[0]) if rows else None for rows in (before, after)))

    def count(self, user: Any, most: int) -> int:
        """How many there are, or one more than `most` if there are more."""
        if (keys := self._ranking(user)) is not None:
            return len(keys) + (len(keys) == RANKED_AT_MOST)
        if finding := self._finding(user):
            return finding.count(most + 1)
        if self.question or not user.is_authenticated:
            return int(self._narrowed(user).order_by()[: most + 1].count())
        row = _count(self._kind, user.is_staff, most + 1).row(user.pk, name=self._member)
        return int(row[0]) if row else 0

    def position(self, user: Any, image: Image, most: int) -> int:
        """The place of a picture in it, from 1; more than `most` if it stands further behind."""
        newest_first = self.order != OLDEST
        if (keys := self._ranking(user)) is not None:
            return keys.index(image.pk) + 1 if image.pk in keys else most + 1
        if finding := self._finding(user):
            return 1 + finding.before(image.pk, most, newest_first=newest_first)
        before = self._narrowed(user).filter(**{"pk__gt" if newest_first else "pk__lt": image.pk})
        return 1 + int(before.order_by()[:most].count())

    def _narrowed(self, user: Any) -> ImageQuerySet:
        return Facts.asked(self.question, user).narrow(self.images(user))

    def _finding(self, user: Any) -> Finding | None:
        """What answers the question, if the index of words does. Each fact only leaves out some of what this person may
        see.
        """
        facts = Facts.asked(self.question, user) if self.question else None
        if not (facts and (clauses := facts.for_index())):
            return None
        if owner := self._owner(user):
            clauses.append(one_of([of_person(owner)]))
        return Finding(facts.narrow(self.images(user)), clauses, facts.span)

    def _ranking(self, user: Any) -> list[UUID] | None:
        """All that is ordered by something else than time, which only members may know of; None for another order."""
        if not user.is_authenticated:
            return None
        if self.order in RANKS:
            return ranked(self._fitting(user), self.order, user)
        if words := asked_by(user, self.question).likeness:
            return like(self._fitting(user), words)
        if self.order == RELEVANT and (finding := self._finding(user)):
            return relevant([row[0] for row in finding.rows(("pk",), RANKED_AT_MOST, None)], self.question)
        return None

    def _fitting(self, user: Any) -> ImageQuerySet:
        finding = self._finding(user)
        return finding.images_found() if finding else self._narrowed(user)

    def _read(self, user: Any, keys: list[UUID]) -> list[tuple[Any, ...]]:
        """Rows of these in their order; asked of `visible_to` once more."""
        rows = {row[0]: row for row in self.images(user).filter(pk__in=keys).values_list(*COLUMNS)}
        return [rows[key] for key in keys if key in rows]

    def _owner(self, user: Any) -> int | None:
        """The key of whose pictures they are, if they are one person's."""
        if self._member:
            return User.objects.filter(username=self._member).values_list("pk", flat=True).first()
        key: int | None = user.pk if self.scope in (MINE, TRASH) else None
        return key

    def _rows(self, user: Any, size: int, place: UUID | None, *, backwards: bool = False) -> Sequence[tuple[Any, ...]]:
        """The first `size` beyond a place, in the listing's order or against it."""
        if self._member and self._member == user.get_username():
            return replace(self, scope=MINE)._rows(user, size, place, backwards=backwards)
        newest_first = (self.order != OLDEST) != backwards
        if (keys := self._ranking(user)) is not None:
            return self._read(user, _beyond(keys[::-1] if backwards else keys, place)[:size])
        if finding := self._finding(user):
            return finding.rows(COLUMNS, size, place, newest_first=newest_first)
        order = "-pk" if newest_first else "pk"
        if self.question or not user.is_authenticated:
            return list(self.nearest(user, size, order, place).values_list(*COLUMNS))
        return _nearest(self._kind, user.is_staff, size, order, place is not None).rows(user.pk, place, self._member)

    def nearest(self, user: Any, size: int, order: str, place: UUID | None) -> ImageQuerySet:
        """The first `size` of `images` in this order, `pk` or `-pk`, beyond a place, without walking past any that are
        none of them. Of a member's pictures only those that somebody else may see.
        """
        images = Image.objects.order_by(order)
        if self.question:
            images = Facts.asked(self.question, user).narrow(images)
        if place:
            images = images.filter(**{"pk__lt" if order == "-pk" else "pk__gt": place})
        if self.scope == TRASH:
            return images.trashed_for(user)[:size]
        if self.scope == MINE and user.is_authenticated:  # of which they may see everything, on one way
            return images.filter(user=user).visible_to(user)[:size]
        images = images.filter(user_id=_id_of(self._member)) if self._member else images
        if self.question.is_of_comments and self.question.phrases:  # few come into question, and each is looked up
            return images.visible_to(user, looking=self.scope == ALL)[:size]
        return images.first_visible_to(user, size, looking=self.scope == ALL, is_others=bool(self._member))

    @property
    def _kind(self) -> Listing:
        """The same for anybody: the SQL of listings of one kind differs in values alone."""
        return Listing(f"u/{SOME_NAME}" if self._member else self.scope)

    @property
    def _member(self) -> str:
        found = _MEMBER.fullmatch(self.scope)
        return found[1] if found else ""


def _beyond(keys: list[UUID], place: UUID | None) -> list[UUID]:
    """Behind this one, of which nothing is known if it is none of them any more."""
    if place is None:
        return keys
    return keys[keys.index(place) + 1 :] if place in keys else []


@cache
def _nearest(kind: Listing, is_staff: bool, size: int, order: str, is_placed: bool) -> Compiled:
    """Who may see what goes by who asks, and whether they are of the staff: `visible_to` knows nothing else of them."""

    def rows(person: int) -> QuerySet[Image, Any]:
        somebody = User(pk=person, is_staff=is_staff)
        return kind.nearest(somebody, size, order, SOMETHING if is_placed else None).values_list(*COLUMNS)

    return Compiled(rows)


@cache
def _count(kind: Listing, is_staff: bool, most: int) -> Compiled:
    def counted(person: int) -> QuerySet[User, Any]:
        images = kind.images(User(pk=person, is_staff=is_staff))
        return User.objects.filter(pk=person).values_list(CountOf(images.order_by().values("pk")[:most]))

    return Compiled(counted)


def _id_of(username: str) -> Any:
    """Compared with one number, so that the rows come in order from the index of each person's pictures."""
    return User.objects.filter(username=username).values("pk")[:1]


def siblings(user: Any, image: Image) -> list[Picture]:
    """The pictures of the same generation that this person may see, in the order they were asked for."""
    found = _siblings(user.is_authenticated, user.is_staff).rows(user.pk, image.generation_id)
    return [Picture._make(row) for row in found]


@cache
def _siblings(is_member: bool, is_staff: bool) -> Compiled:
    def rows(person: int) -> QuerySet[Image, Any]:
        somebody = User(pk=person, is_staff=is_staff) if is_member else AnonymousUser()
        images = Image.objects.visible_to(somebody).filter(generation=SOMETHING)
        return images.order_by("call__number", "index").values_list(*COLUMNS)

    return Compiled(rows)
