"""Which pictures, in which order, from where: what every page of pictures is made of, and how they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from gallery.browse.leg import Leg, legs
from gallery.browse.orders import NEWEST, NUMBERS, OLDEST, RANDOM, RELEVANT
from gallery.browse.selection import Selection
from gallery.browse.tiles import COLUMNS, Picture
from gallery.browse.wanted import MINE, Wanted
from gallery.models import User
from gallery.paging import Cursor, Page, page_between
from gallery.search import ranking
from gallery.search.facts import asked_by
from gallery.search.ranking import Ranked
from gallery.semantic.finding import like
from generator.models import Image
from generator.models.compiled import SOME_NAME, Compiled, CountOf

if TYPE_CHECKING:
    from generator.models.image_queryset import ImageQuerySet

PAGE_SIZE = 48
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Neighbours:
    """The pictures on both sides in the order of a listing: `previous` stands before, `next` behind; `place` is that of
    the one before.
    """

    previous: Picture | None
    next: Picture | None
    place: Cursor | None = None


@dataclass(frozen=True)
class Listing(Wanted):
    """What is wanted, for whoever may see it: who may is not decided here but in `Selection`."""

    def images(self, user: Any) -> ImageQuerySet:
        """All of it that this person may see, whatever was asked for."""
        return Selection(self, user).images

    def page(self, user: Any) -> Page[Picture]:
        """Ready to be shown, in one query; with a question, or at random, in as many whatever is found."""
        is_upwards = self.after is not None
        rows = self._rows(user, PAGE_SIZE + 1, self.after or self.before, backwards=is_upwards)
        page = page_between(rows, PAGE_SIZE, self.before, self.after, _cursor)
        return page.of([_picture(row) for row in page.rows])

    def neighbours(self, user: Any, image: Image) -> Neighbours:
        """Two queries; at random up to four."""
        if (here := self._place(user, image)) is None:
            return Neighbours(None, None)
        before, after = (self._rows(user, 1, here, backwards=backwards) for backwards in (True, False))
        previous, following = (_picture(rows[0]) if rows else None for rows in (before, after))
        return Neighbours(previous, following, _cursor(before[0]) if before else None)

    def newer(self, user: Any, than: Cursor, most: int) -> int:
        """How many stand in front of a place, or `most` if there are more; in one query."""
        return len(self._rows(user, most, than, backwards=True))

    def count(self, user: Any, most: int) -> int:
        """How many there are, or one more than `most` if there are more."""
        if (ranked := self._ranking(user)) is not None:
            return len(ranked) + (len(ranked) == ranking.MOST)
        selection = Selection(self, user)
        if finding := selection.finding:
            return finding.count(most + 1)
        if self._order(user) in NUMBERS:
            return self._number(user, most + 1, Leg(self.order, is_down=True))
        if self.question or not user.is_authenticated:
            return int(selection.narrowed.order_by()[: most + 1].count())
        row = _count(self._kind, user.is_staff, most + 1).row(user.pk, name=self.member)
        return int(row[0]) if row else 0

    def position(self, user: Any, image: Image, most: int) -> int:
        """The place of a picture in it, from 1; more than `most` if it stands further behind, or is none of it."""
        if (ranked := self._ranking(user)) is not None:
            return next((number for number, (_, key) in enumerate(ranked, 1) if key == image.pk), most + 1)
        if (here := self._place(user, image)) is None:
            return most + 1
        if finding := Selection(self, user).finding:
            return 1 + finding.before(image.pk, most, newest_first=self.order != OLDEST)
        found = 0
        for leg in legs(self._order(user), self.seed or 0, here, backwards=True):
            found += self._number(user, most - found, leg) if found < most else 0
        return 1 + found

    def _rows(self, user: Any, size: int, place: Cursor | None, *, backwards: bool = False) -> Rows:
        """The first `size` beyond a place, in the listing's order or against it."""
        order = self._order(user)
        if place and order in NUMBERS and place.rank is None:
            place = None
        if (ranked := self._ranking(user)) is not None:
            return self._read(user, _beyond(ranked, place, backwards=backwards)[:size])
        if finding := Selection(self._own(user), user).finding:
            newest_first = (order != OLDEST) != backwards
            return finding.rows(COLUMNS, size, place.key if place else None, newest_first=newest_first)
        found: list[tuple[Any, ...]] = []
        for leg in legs(order, self.seed or 0, place, backwards=backwards):
            if len(found) < size:
                found += self._walked(user, size - len(found), leg)
        return found

    def _walked(self, user: Any, size: int, leg: Leg) -> Rows:
        """The first `size` that stand on a leg."""
        here = self._own(user)
        if self.question or not user.is_authenticated:
            return list(Selection(here, user).nearest(size, leg).values_list(*COLUMNS, *leg.columns))
        statement = _nearest(here._kind, user.is_staff, size, leg.shape)
        return statement.rows(user.pk, leg.start.key if leg.start else None, self.member, leg.values)

    def _number(self, user: Any, most: int, leg: Leg) -> int:
        """How many stand on a leg, or `most` if there are more; in which order they stand need not be known for it."""
        return int(leg.of(Selection(self._own(user), user).narrowed).order_by()[:most].count())

    def _own(self, user: Any) -> Listing:
        """The page of oneself as a member holds what one's own does, which takes less to read."""
        return replace(self, scope=MINE) if self.member and self.member == user.get_username() else self

    def _order(self, user: Any) -> str:
        """Only members may know of numbers; and nothing matches best where no words are looked for."""
        is_hidden = self.order in NUMBERS and not user.is_authenticated
        return NEWEST if is_hidden or self.order == RELEVANT else self.order

    def _place(self, user: Any, image: Image) -> Cursor | None:
        """Where a picture stands; None if it does not."""
        if self._order(user) not in NUMBERS:
            return Cursor(image.pk)
        number: int | None = getattr(image, NUMBERS[self.order])
        return Cursor(image.pk, number) if number else None

    def _ranking(self, user: Any) -> list[Ranked] | None:
        """What was found, where it is ordered by something else than time; None for what is not."""
        if user.is_authenticated and (words := asked_by(user, self.question).likeness):
            return ranking.as_given(like(Selection(self, user).fitting, words))
        by_number = self.order if self.order in NUMBERS and user.is_authenticated else ""
        by_match = self.order == RELEVANT and user.is_authenticated
        if not (by_number or by_match or self.order == RANDOM) or not (finding := Selection(self, user).finding):
            return None
        if by_number:
            return ranking.by_number(finding, NUMBERS[by_number])
        return ranking.by_match(finding, self.question) if by_match else ranking.by_chance(finding, self.seed or 0)

    def _read(self, user: Any, ranked: list[Ranked]) -> Rows:
        """Rows of these in their order; asked of `visible_to` once more."""
        rows = self.images(user).filter(pk__in=[key for _, key in ranked]).values_list(*COLUMNS)
        found = {row[0]: row for row in rows}
        return [(*found[key], rank) for rank, key in ranked if key in found]

    @property
    def _kind(self) -> Wanted:
        """The same for anybody: the SQL of listings of one kind differs in values alone."""
        return Wanted(f"u/{SOME_NAME}" if self.member else self.scope)


def _picture(row: tuple[Any, ...]) -> Picture:
    return Picture._make(row[: len(COLUMNS)])


def _cursor(row: tuple[Any, ...]) -> Cursor:
    return Cursor(row[0], *row[len(COLUMNS) :])


def _beyond(ranked: list[Ranked], place: Cursor | None, *, backwards: bool) -> list[Ranked]:
    """Behind a place or, the nearest first, before it. Of a picture that is none of them any more and whose number is
    not said nothing is known.
    """
    if place is None:
        return ranked
    known = ((number, key) for number, key in ranked if key == place.key)
    here = next(known, None) if place.rank is None else (place.rank, place.key)
    if here is None:
        return []
    return [one for one in reversed(ranked) if one > here] if backwards else [one for one in ranked if one < here]


@cache
def _nearest(kind: Wanted, is_staff: bool, size: int, leg: Leg) -> Compiled:
    """Who may see what goes by who asks, and whether they are of the staff: `visible_to` knows nothing else of them."""

    def rows(person: int) -> QuerySet[Image, Any]:
        selection = Selection(kind, User(pk=person, is_staff=is_staff))
        return selection.nearest(size, leg).values_list(*COLUMNS, *leg.columns)

    return Compiled(rows)


@cache
def _count(kind: Wanted, is_staff: bool, most: int) -> Compiled:
    def counted(person: int) -> QuerySet[User, Any]:
        images = Selection(kind, User(pk=person, is_staff=is_staff)).images
        return User.objects.filter(pk=person).values_list(CountOf(images.order_by().values("pk")[:most]))

    return Compiled(counted)
