"""Which pictures, in which order, from where: what every page of pictures is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse

from gallery.browse.tiles import COLUMNS, Picture
from gallery.filters import query
from gallery.models import User
from gallery.paging import Page, cursor, page_of
from generator.models import Image
from generator.models.compiled import SOME_NAME, SOMETHING, Compiled, CountOf

if TYPE_CHECKING:
    from generator.models.image_queryset import ImageQuerySet

PAGE_SIZE = 48
EXPLORE, MINE, TRASH, ALL = "", "mine", "trash", "all"
_MEMBER = re.compile(r"u/([^\x00-\x1f]{1,150})")


@dataclass(frozen=True)
class Neighbours:
    """The pictures on both sides in the order of a listing: `previous` is newer, `next` is older."""

    previous: Picture | None
    next: Picture | None


@dataclass(frozen=True)
class Listing:
    """Pictures, newest first. `scope` says whose: `` for everybody's, `mine`, `u/anna` for Anna's, `trash`, or `all`
    for whoever is looking at all pictures; a page of them begins after `before`.

    Who may see what is not decided here: whatever is asked for, `visible_to` and `trashed_for` are asked first.
    """

    scope: str = EXPLORE
    before: UUID | None = None

    @classmethod
    def from_address(cls, given: Mapping[str, str], scope: str = EXPLORE) -> Listing:
        """What the address of a page of pictures asks for. What makes no sense in it counts as not said."""
        return cls(scope, cursor(given.get("before", "")))

    @classmethod
    def around(cls, given: Mapping[str, str], *, looking: bool = False) -> Listing:
        """The listing that a picture was opened from, as the `in` of its address says; else everybody's.

        The trash is none of them: what lies there has no page.
        """
        scope = given.get("in", "")
        known = scope == MINE or _MEMBER.fullmatch(scope) or (looking and scope == ALL)
        return cls(scope if known else EXPLORE)

    @classmethod
    def of_member(cls, username: str, given: Mapping[str, str]) -> Listing | None:
        """The pictures of one member, or None if nobody can have this name."""
        scope = f"u/{username}"
        return cls.from_address(given, scope) if _MEMBER.fullmatch(scope) else None

    def address(self, **changes: Any) -> str:
        """Of the page that shows it, with these fields changed."""
        asked = replace(self, **changes)
        said = query({"before": asked.before})
        return asked._home + (f"?{said}" if said else "")

    @property
    def within(self) -> str:
        """What follows in the address of a picture that is opened from here, so that one goes on from it here."""
        return f"?in={quote(self.scope)}" if self.scope else ""

    @property
    def _home(self) -> str:
        if member := _MEMBER.fullmatch(self.scope):
            return reverse("member", args=[member[1]])
        return reverse({EXPLORE: "explore", ALL: "look_at_all"}.get(self.scope, self.scope))

    def images(self, user: Any) -> ImageQuerySet:
        """All of it that this person may see."""
        if self.scope == TRASH:
            return Image.objects.trashed_for(user)
        images = Image.objects.visible_to(user, looking=self.scope == ALL)
        if member := _MEMBER.fullmatch(self.scope):
            return images.filter(user_id=_id_of(member[1]))
        return images.filter(user=user) if self.scope == MINE and user.is_authenticated else images

    def page(self, user: Any) -> Page[Picture]:
        """Ready to be shown, in one query."""
        rows = self._rows(user, PAGE_SIZE + 1, "-pk", self.before)
        return page_of([Picture._make(row) for row in rows], PAGE_SIZE, self.before)

    def neighbours(self, user: Any, image: Image) -> Neighbours:
        """Two queries."""
        newer, older = (self._rows(user, 1, order, image.pk) for order in ("pk", "-pk"))
        return Neighbours(*(Picture._make(rows[0]) if rows else None for rows in (newer, older)))

    def count(self, user: Any, most: int) -> int:
        """How many there are, or one more than `most` if there are more."""
        if not user.is_authenticated:
            return int(self.images(user).order_by()[: most + 1].count())
        row = _count(self._kind, user.is_staff, most + 1).row(user.pk, name=self._member)
        return int(row[0]) if row else 0

    def _rows(self, user: Any, size: int, order: str, place: UUID | None) -> Sequence[tuple[Any, ...]]:
        """The first `size` in this order, `pk` or `-pk`, beyond a place."""
        if not user.is_authenticated:
            return list(self.nearest(user, size, order, place).values_list(*COLUMNS))
        if self._member and self._member == user.get_username():
            return replace(self, scope=MINE)._rows(user, size, order, place)
        statement = _nearest(self._kind, user.is_staff, size, order, place is not None)
        return statement.rows(user.pk, place, self._member)

    def nearest(self, user: Any, size: int, order: str, place: UUID | None) -> ImageQuerySet:
        """The first `size` of `images` in this order beyond a place, without walking past any that are none of them.

        Of a member's pictures only those that somebody else may see.
        """
        images = Image.objects.order_by(order)
        if place:
            images = images.filter(**{"pk__lt" if order == "-pk" else "pk__gt": place})
        if self.scope == TRASH:
            return images.trashed_for(user)[:size]
        if self.scope == MINE and user.is_authenticated:  # of which they may see everything, on one way
            return images.filter(user=user).visible_to(user)[:size]
        if self._member:
            images = images.filter(user_id=_id_of(self._member))
        return images.first_visible_to(user, size, looking=self.scope == ALL, is_others=bool(self._member))

    @property
    def _kind(self) -> Listing:
        """The same for anybody: the SQL of listings of one kind differs in values alone."""
        return Listing(f"u/{SOME_NAME}" if self._member else self.scope)

    @property
    def _member(self) -> str:
        found = _MEMBER.fullmatch(self.scope)
        return found[1] if found else ""


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
