"""Which pictures, in which order, from where: what every page of pictures is made of, and how they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from gallery.browse.leg import Leg, legs
from gallery.browse.orders import ADDED, NEWEST, NUMBERS, OLDEST, RANDOM, RELEVANT
from gallery.browse.selection import Selection
from gallery.browse.tiles import COLUMNS, Picture
from gallery.browse.wanted import MINE, Wanted
from gallery.models import Favourite, User
from gallery.paging import Cursor, Page, page_between
from gallery.search import ranking
from gallery.search.facts import asked_by
from gallery.search.ranking import Ranked
from gallery.semantic.finding import MOST as MOST_ALIKE
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
class Reading:
    """A listing as `user` reads it, at one moment: what answers its question is looked for once. Make it by
    `Listing.read_by`.
    """

    wanted: Wanted
    user: Any

    def page(self) -> Page[Picture]:
        """Ready to be shown, in one query; with a question, or at random, in as many whatever is found."""
        before, after = self.wanted.before, self.wanted.after
        rows = self.rows(PAGE_SIZE + 1, after or before, backwards=after is not None)
        page = page_between(rows, PAGE_SIZE, before, after, cursor_of)
        return page.of([_picture(row) for row in page.rows])

    def neighbours(self, image: Image) -> Neighbours:
        """Two queries; at random up to four."""
        if (here := self._place(image)) is None:
            return Neighbours(None, None)
        before, after = (self.rows(1, here, backwards=backwards) for backwards in (True, False))
        previous, following = (_picture(rows[0]) if rows else None for rows in (before, after))
        return Neighbours(previous, following, cursor_of(before[0]) if before else None)

    def newer(self, than: Cursor, most: int) -> int:
        """How many stand in front of a place, or `most` if there are more; in one query."""
        return len(self.rows(most, than, backwards=True))

    def count(self, most: int) -> int:
        """How many there are, or one more than `most` if there are more."""
        if self._ranking is not None:
            return len(self._ranking) + (len(self._ranking) == ranking.MOST)
        if finding := self._selection.finding:
            return finding.count(most + 1)
        if self._order in NUMBERS:
            return self._number(most + 1, Leg(self._order, is_down=True))
        if not self._is_plain:
            return int(self._selection.narrowed.order_by()[: most + 1].count())
        row = _count(self._kind, self.user.is_staff, most + 1).row(self.user.pk, name=self.wanted.member)
        return int(row[0]) if row else 0

    @property
    def cut_to(self) -> int:
        """How many are put into order, where there may be more; else 0."""
        most = MOST_ALIKE if self.is_by_likeness else ranking.MOST
        return most if self._ranking is not None and len(self._ranking) == most else 0

    @property
    def is_by_likeness(self) -> bool:
        """Whether the nearest to some words comes first, in whichever order they are wanted."""
        question = self.wanted.question
        return bool(self.user.is_authenticated and question.likeness and asked_by(self.user, question).likeness)

    @property
    def is_by_index(self) -> bool:
        """Whether the index of words says which pictures come into question."""
        return self._selection.finding is not None

    def position(self, image: Image, most: int) -> int:
        """The place of a picture in it, from 1; more than `most` if it stands further behind, or is none of it."""
        if self._ranking is not None:
            return next((number for number, (_, key) in enumerate(self._ranking, 1) if key == image.pk), most + 1)
        if (here := self._place(image)) is None:
            return most + 1
        if finding := self._selection.finding:
            return 1 + finding.before(image.pk, most, newest_first=self._order != OLDEST)
        found = 0
        for leg in legs(self._order, self.wanted.seed or 0, here, backwards=True):
            found += self._number(most - found, leg) if found < most else 0
        return 1 + found

    def rows(self, size: int, place: Cursor | None, *, backwards: bool = False) -> Rows:
        """The first `size` beyond a place, in the listing's order or against it."""
        if place and self._order in (ADDED, *NUMBERS) and place.rank is None:
            place = None
        if self._ranking is not None:
            return self._read(_beyond(self._ranking, place, backwards=backwards)[:size])
        if finding := self._selection.finding:
            newest_first = (self._order != OLDEST) != backwards
            return finding.rows(COLUMNS, size, place.key if place else None, newest_first=newest_first)
        found: list[tuple[Any, ...]] = []
        for leg in legs(self._order, self.wanted.seed or 0, place, backwards=backwards):
            if len(found) < size:
                found += self._walked(size - len(found), leg)
        return found

    def _walked(self, size: int, leg: Leg) -> Rows:
        """The first `size` that stand on a leg."""
        if not self._is_plain:
            return list(self._selection.nearest(size, leg).values_list(*COLUMNS, *leg.columns))
        statement = _nearest(self._kind, self.user.is_staff, size, leg.shape)
        return statement.rows(self.user.pk, leg.start.key if leg.start else None, self.wanted.member, leg.values)

    def _number(self, most: int, leg: Leg) -> int:
        """How many stand on a leg, or `most` if there are more; in which order they stand need not be known for it."""
        return int(leg.of(self._selection.narrowed).order_by()[:most].count())

    def _place(self, image: Image) -> Cursor | None:
        """Where a picture stands; None if it does not."""
        if self._order not in (ADDED, *NUMBERS):
            return Cursor(image.pk)
        is_added = self._order == ADDED
        number = Favourite.objects.number(image, self.user) if is_added else getattr(image, NUMBERS[self._order])
        return Cursor(image.pk, number) if number else None

    def _read(self, ranked: list[Ranked]) -> Rows:
        """Rows of these in their order; asked of `visible_to` once more."""
        rows = self._selection.images.filter(pk__in=[key for _, key in ranked]).values_list(*COLUMNS)
        found = {row[0]: row for row in rows}
        return [(*found[key], rank) for rank, key in ranked if key in found]

    @property
    def _is_plain(self) -> bool:
        """Whether it is a member's, without a question or with one about stars alone: its SQL is made once."""
        question = self.wanted.question
        return self.user.is_authenticated and (not question or bool(question.of_stars))

    @property
    def _order(self) -> str:
        """Only members may know of numbers; and nothing matches best where no words are looked for."""
        order = self.wanted.order
        is_hidden = order in NUMBERS and not self.user.is_authenticated
        return NEWEST if is_hidden or order == RELEVANT else order

    @property
    def _kind(self) -> Wanted:
        """The same for anybody: the SQL of listings of one kind differs in values alone."""
        return Wanted(f"u/{SOME_NAME}" if self.wanted.member else self.wanted.scope, q=self.wanted.question.of_stars)

    @cached_property
    def _selection(self) -> Selection:
        return Selection(self.wanted, self.user)

    @cached_property
    def _ranking(self) -> list[Ranked] | None:
        """What was found, where it is ordered by something else than time; None for what is not."""
        wanted, is_member = self.wanted, self.user.is_authenticated
        if is_member and (words := asked_by(self.user, wanted.question).likeness):
            return ranking.as_given(like(self._selection.fitting, words))
        by_match = is_member and wanted.order == RELEVANT
        if not (self._order in (ADDED, RANDOM, *NUMBERS) or by_match):
            return None
        if not (finding := self._selection.finding):
            return None
        if self._order == ADDED:
            return ranking.by_favourite(finding, self.user)
        if self._order in NUMBERS:
            return ranking.by_number(finding, NUMBERS[self._order])
        return ranking.by_match(finding, wanted.question) if by_match else ranking.by_chance(finding, wanted.seed or 0)


@dataclass(frozen=True)
class Listing(Wanted):
    """What is wanted, for whoever may see it: who may is not decided here but in `Selection`."""

    def images(self, user: Any) -> ImageQuerySet:
        """All of it that this person may see, whatever was asked for."""
        return Selection(self, user).images

    def read_by(self, user: Any) -> Reading:
        """The page of oneself as a member holds what one's own does, which takes less to read."""
        is_own = self.member and self.member == user.get_username()
        return Reading(replace(self, scope=MINE) if is_own else self, user)

    def page(self, user: Any) -> Page[Picture]:
        return self.read_by(user).page()

    def neighbours(self, user: Any, image: Image) -> Neighbours:
        return self.read_by(user).neighbours(image)

    def count(self, user: Any, most: int) -> int:
        return self.read_by(user).count(most)

    def position(self, user: Any, image: Image, most: int) -> int:
        return self.read_by(user).position(image, most)


def _picture(row: tuple[Any, ...]) -> Picture:
    return Picture._make(row[: len(COLUMNS)])


def cursor_of(row: tuple[Any, ...]) -> Cursor:
    """The place at which one of the rows of a reading stands."""
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
        images = Selection(kind, User(pk=person, is_staff=is_staff)).narrowed
        return User.objects.filter(pk=person).values_list(CountOf(images.order_by().values("pk")[:most]))

    return Compiled(counted)
