"""Which pictures, in which order, from where: what every page of pictures is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.urls import reverse

from gallery.filters import query
from gallery.models import User
from gallery.paging import Page, cursor, page_of
from generator.models import Image
from generator.models.compiled import SOMEBODY, CompiledKeys

if TYPE_CHECKING:
    from generator.models.image_queryset import ImageQuerySet

PAGE_SIZE = 48
EXPLORE, MINE, TRASH, ALL = "", "mine", "trash", "all"
_MEMBER = re.compile(r"u/([^\x00-\x1f]{1,150})")


@dataclass(frozen=True)
class Neighbours:
    """The pictures on both sides in the order of a listing: `previous` is newer, `next` is older."""

    previous: Image | None
    next: Image | None


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

    def page(self, user: Any) -> Page[Image]:
        """Ready to be shown, in one query."""
        images = self._nearest(user, PAGE_SIZE + 1, "-pk", self.before)
        return page_of(images.select_related("user", "generation"), PAGE_SIZE, self.before)

    def neighbours(self, user: Any, image: Image) -> Neighbours:
        newer, older = self._nearest(user, 1, "pk", image.pk), self._nearest(user, 1, "-pk", image.pk)
        return Neighbours(previous=next(iter(newer), None), next=next(iter(older), None))

    def _nearest(self, user: Any, size: int, order: str, place: UUID | None) -> ImageQuerySet:
        """The first `size` of `images` in this order, beyond `place`, without looking at those that are not of them."""
        member = _MEMBER.fullmatch(self.scope)
        name = member[1] if member else ""
        scope = MINE if name and name == user.get_username() else _OTHERS if name else self.scope
        keys = _keys(scope, user.is_authenticated, user.is_authenticated and user.is_staff, order, size, bool(place))
        values = {SOMEBODY: user.pk, _NAME: name, _as_kept(_PLACE): _as_kept(place) if place else None}
        return Image.objects.filter(pk__in=keys.of(values)).order_by(order)


# What stands for a name and a place in SQL that is made once; nobody has the one, and no picture the other.
_NAME, _PLACE = "a name\n", UUID(int=42)
_OTHERS = "u/"


def _as_kept(key: UUID) -> Any:
    return Image._meta.pk.get_db_prep_value(key, connection)


@lru_cache(maxsize=256)
def _keys(scope: str, is_member: bool, is_staff: bool, order: str, size: int, is_placed: bool) -> CompiledKeys:
    """Keys of the pictures of a scope that are nearest to a place; the same statement for everybody.

    It depends on nothing but what is given, so it need never be forgotten.
    """
    somebody: Any = User(pk=SOMEBODY, is_staff=is_staff) if is_member else AnonymousUser()
    images = Image.objects.order_by(order)
    if is_placed:
        images = images.filter(**{"pk__lt" if order == "-pk" else "pk__gt": _PLACE})
    if scope == TRASH:
        return CompiledKeys(images.trashed_for(somebody).values("pk")[:size])
    if scope == MINE and is_member:  # of which they may see everything, on one way
        return CompiledKeys(images.filter(user=somebody).visible_to(somebody).values("pk")[:size])
    if scope == _OTHERS:
        images = images.filter(user_id=_id_of(_NAME))
    looking, is_others = scope == ALL, scope == _OTHERS
    return CompiledKeys(images.first_visible_to(somebody, size, looking=looking, is_others=is_others).values("pk"))


def _id_of(username: str) -> Any:
    """Compared with one number, so that the rows come in order from the index of each person's pictures."""
    return User.objects.filter(username=username).values("pk")[:1]


def siblings(user: Any, image: Image) -> list[Image]:
    """The pictures of the same generation that this person may see, in the order they were asked for."""
    images = Image.objects.visible_to(user).filter(generation=image.generation_id)
    return list(images.select_related("user", "generation").order_by("call__number", "index"))
