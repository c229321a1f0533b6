"""Which pictures, in which order, from where: what every page of pictures is made of, and how they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet

from gallery.browse.orders import OLDEST
from gallery.browse.selection import Selection
from gallery.browse.tiles import COLUMNS, Picture
from gallery.browse.wanted import MINE, Wanted
from gallery.models import User
from gallery.paging import Cursor, Page, page_between
from gallery.search.ranking import MOST as RANKED_AT_MOST
from gallery.search.ranking import RANKS, RELEVANT, ranked, relevant
from generator.models import Image
from generator.models.compiled import SOME_NAME, SOMETHING, Compiled, CountOf

if TYPE_CHECKING:
    from generator.models.image_queryset import ImageQuerySet

PAGE_SIZE = 48
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Neighbours:
    """The pictures on both sides in the order of a listing: `previous` stands before, `next` behind."""

    previous: Picture | None
    next: Picture | None


@dataclass(frozen=True)
class Listing(Wanted):
    """What is wanted, for whoever may see it: who may is not decided here but in `Selection`."""

    def images(self, user: Any) -> ImageQuerySet:
        """All of it that this person may see, whatever was asked for."""
        return Selection(self, user).images

    def page(self, user: Any) -> Page[Picture]:
        """Ready to be shown, in one query; with a question, in as many whatever is found."""
        is_upwards = self.after is not None
        rows = self._rows(user, PAGE_SIZE + 1, self.after or self.before, backwards=is_upwards)
        return page_between([Picture._make(row) for row in rows], PAGE_SIZE, self.before, self.after, _cursor)

    def neighbours(self, user: Any, image: Image) -> Neighbours:
        """Two queries."""
        here = Cursor(image.pk)
        before, after = (self._rows(user, 1, here, backwards=backwards) for backwards in (True, False))
        return Neighbours(*(Picture._make(rows[0]) if rows else None for rows in (before, after)))

    def newer(self, user: Any, than: Cursor, most: int) -> int:
        """How many stand in front of a place, or `most` if there are more; in one query."""
        return len(self._rows(user, most, than, backwards=True))

    def count(self, user: Any, most: int) -> int:
        """How many there are, or one more than `most` if there are more."""
        if (keys := self._ranking(user)) is not None:
            return len(keys) + (len(keys) == RANKED_AT_MOST)
        selection = Selection(self, user)
        if finding := selection.finding:
            return finding.count(most + 1)
        if self.question or not user.is_authenticated:
            return int(selection.narrowed.order_by()[: most + 1].count())
        row = _count(self._kind, user.is_staff, most + 1).row(user.pk, name=self.member)
        return int(row[0]) if row else 0

    def position(self, user: Any, image: Image, most: int) -> int:
        """The place of a picture in it, from 1; more than `most` if it stands further behind."""
        newest_first = self.order != OLDEST
        if (keys := self._ranking(user)) is not None:
            return keys.index(image.pk) + 1 if image.pk in keys else most + 1
        selection = Selection(self, user)
        if finding := selection.finding:
            return 1 + finding.before(image.pk, most, newest_first=newest_first)
        before = selection.narrowed.filter(**{"pk__gt" if newest_first else "pk__lt": image.pk})
        return 1 + int(before.order_by()[:most].count())

    def _rows(self, user: Any, size: int, place: Cursor | None, *, backwards: bool = False) -> Rows:
        """The first `size` beyond a place, in the listing's order or against it."""
        if self.member and self.member == user.get_username():
            return replace(self, scope=MINE)._rows(user, size, place, backwards=backwards)
        selection, key = Selection(self, user), place.key if place else None
        newest_first = (self.order != OLDEST) != backwards
        if (keys := self._ranking(user)) is not None:
            return self._read(user, _beyond(keys[::-1] if backwards else keys, key)[:size])
        if finding := selection.finding:
            return finding.rows(COLUMNS, size, key, newest_first=newest_first)
        order = "-pk" if newest_first else "pk"
        if self.question or not user.is_authenticated:
            return list(selection.nearest(size, order, key).values_list(*COLUMNS))
        return _nearest(self._kind, user.is_staff, size, order, key is not None).rows(user.pk, key, self.member)

    def _ranking(self, user: Any) -> list[UUID] | None:
        """All that is ordered by something else than time, which only members may know of; None for another order."""
        if not user.is_authenticated:
            return None
        selection = Selection(self, user)
        if self.order in RANKS:
            return ranked(selection.fitting, self.order, user)
        finding = selection.finding if self.order == RELEVANT else None
        if not finding:
            return None
        return relevant([row[0] for row in finding.rows(("pk",), RANKED_AT_MOST, None)], self.question)

    def _read(self, user: Any, keys: list[UUID]) -> Rows:
        """Rows of these in their order; asked of `visible_to` once more."""
        rows = {row[0]: row for row in self.images(user).filter(pk__in=keys).values_list(*COLUMNS)}
        return [rows[key] for key in keys if key in rows]

    @property
    def _kind(self) -> Wanted:
        """The same for anybody: the SQL of listings of one kind differs in values alone."""
        return Wanted(f"u/{SOME_NAME}" if self.member else self.scope)


def _cursor(picture: Picture) -> Cursor:
    return Cursor(picture.pk)


def _beyond(keys: list[UUID], place: UUID | None) -> list[UUID]:
    """Behind this one, of which nothing is known if it is none of them any more."""
    if place is None:
        return keys
    return keys[keys.index(place) + 1 :] if place in keys else []


@cache
def _nearest(kind: Wanted, is_staff: bool, size: int, order: str, is_placed: bool) -> Compiled:
    """Who may see what goes by who asks, and whether they are of the staff: `visible_to` knows nothing else of them."""

    def rows(person: int) -> QuerySet[Image, Any]:
        selection = Selection(kind, User(pk=person, is_staff=is_staff))
        return selection.nearest(size, order, SOMETHING if is_placed else None).values_list(*COLUMNS)

    return Compiled(rows)


@cache
def _count(kind: Wanted, is_staff: bool, most: int) -> Compiled:
    def counted(person: int) -> QuerySet[User, Any]:
        images = Selection(kind, User(pk=person, is_staff=is_staff)).images
        return User.objects.filter(pk=person).values_list(CountOf(images.order_by().values("pk")[:most]))

    return Compiled(counted)
