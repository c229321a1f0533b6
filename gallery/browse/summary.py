"""What the page of a listing says about what was asked: its parts, each to be taken off, and how much was found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from gallery.browse.colours import colours_named
from gallery.browse.listing import Listing, Neighbours, Reading
from gallery.browse.orders import ORDERS, RANDOM
from gallery.browse.tiles import Picture
from gallery.browse.wanted import EXPLORE, FAVOURITES, MINE, usual
from gallery.paging import Page
from gallery.search.facts import asked_by
from gallery.search.overtime import OvertimeError, limited
from gallery.search.query import Clause, Question
from gallery.search.vocabulary import corrected
from generator.models import Image

# Counting goes no further: it would read all pictures that fit. Of those that have a word visitors may see few, so that
# it takes longer.
MOST_COUNTED, MOST_COUNTED_OUTSIDE = 1000, 100
# Of so many parts it is said what is found without them.
MOST_WAYS = 6


@dataclass(frozen=True)
class Chip:
    """A part of what was asked, and the address of the listing without it; `key` is what stands before a colon, and
    `colours` are those it names.
    """

    key: str
    text: str
    without: str
    colours: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Way:
    """What is found by asking for less."""

    text: str
    address: str
    found: str


@dataclass(frozen=True)
class Summary:
    """`heading` says how much was found, `cut` which of it is shown if not all, `ignored` what was not looked for;
    `ways` and a `guess` lead on from nothing.
    """

    heading: str
    chips: list[Chip]
    ignored: list[str]
    ways: list[Way]
    everything: str
    guess: Way | None = None
    is_too_much: bool = False
    cut: str = ""


def found(listing: Listing, user: Any) -> tuple[Page[Picture], Summary | None]:
    """A page of pictures and, if something was asked, what is said of it. What takes too long finds nothing."""
    reading = listing.read_by(user)
    if not listing.may_take_long:
        page = reading.page()
        return page, summary(listing, page, reading)
    try:
        with limited():
            page = reading.page()
            return page, summary(listing, page, reading)
    except OvertimeError:
        said = Summary(gettext("This takes too long"), _chips(listing, user), [], [], listing.everything.address())
        return Page([], before=listing.before or listing.after), replace(said, is_too_much=True)


def summary(listing: Listing, page: Page[Picture], reading: Reading) -> Summary | None:
    """None where nothing was asked."""
    user = reading.user
    if not (listing.q or (listing.is_ranked and user.is_authenticated)):
        return None
    asked = asked_by(user, listing.question)
    is_nothing = not page.rows and page.is_first
    return Summary(
        heading=gettext("Nothing found") if is_nothing else _heading(listing, page, reading),
        chips=_chips(listing, user),
        ignored=list(asked.ignored),
        ways=_ways(listing, asked, user) if is_nothing else [],
        everything=listing.everything.address(),
        guess=_guess(listing, asked, user) if is_nothing else None,
        cut=_cut(listing, reading),
    )


def surroundings(listing: Listing, image: Image, user: Any) -> tuple[Neighbours, str]:
    """The neighbours of a picture and its place. They are not worth a long wait."""
    reading = listing.read_by(user)
    if not (listing.may_take_long or listing.order == RANDOM):
        return reading.neighbours(image), ""
    try:
        with limited():
            return reading.neighbours(image), _place(reading, image)
    except OvertimeError:
        return Neighbours(None, None), ""


def _place(reading: Reading, image: Image) -> str:
    """The place of a picture among what was found: "12 of 340", exact up to what is counted."""
    most = _most(reading)
    place, total = reading.position(image, most), reading.count(most)
    if place > total or place > most:
        return ""
    if total > most:
        said = {"place": _written(place), "count": _written(most)}
        return gettext("%(place)s of more than %(count)s") % said
    return gettext("%(place)s of %(count)s") % {"place": _written(place), "count": _written(total)}


def _most(reading: Reading) -> int:
    return MOST_COUNTED if reading.user.is_authenticated or not reading.is_by_index else MOST_COUNTED_OUTSIDE


def pictures(count: int, most: int) -> str:
    """So many, or more than are counted."""
    if count > most:
        return gettext("More than %(count)s pictures") % {"count": _written(most)}
    return ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": _written(count)}


def _written(number: int) -> str:
    return number_format(number, force_grouping=True)


def _heading(listing: Listing, page: Page[Picture], reading: Reading) -> str:
    """How much was found; where nothing was asked but an order and it fills pages, only that."""
    if not listing.q and not (page.is_first and not page.older):
        return str(ORDERS[listing.order])
    most = _most(reading)
    return pictures(len(page.rows) if page.is_first and not page.older else reading.count(most), most)


def _cut(listing: Listing, reading: Reading) -> str:
    """Which of what was found is put into order, where that may not be all."""
    if not (most := reading.cut_to):
        return ""
    if reading.is_by_likeness:
        return gettext("The nearest %(count)s pictures, the most alike first.") % {"count": _written(most)}
    said = {"order": ORDERS[listing.order], "count": _written(most)}
    return gettext("%(order)s among the newest %(count)s pictures found. Older ones are left out.") % said


def _chips(listing: Listing, user: Any) -> list[Chip]:
    asked = asked_by(user, listing.question)
    return [*_scope(listing, user), *(_chip(listing, clause) for clause in asked.clauses)]


def _scope(listing: Listing, user: Any) -> list[Chip]:
    """Whose pictures they are; taken off, one looks for the same in everybody's."""
    if not user.is_authenticated or not listing.is_of_somebody:
        return []
    named = {MINE: gettext("My pictures"), FAVOURITES: gettext("Favourites")}.get(listing.scope)
    key, text = ("", named) if named else ("by", listing.member)
    return [Chip(key, text, _changed(listing, scope=EXPLORE))]


def _chip(listing: Listing, clause: Clause) -> Chip:
    key, colon, text = clause.text.partition(":")
    is_fact = colon and key.lstrip("-").isascii() and key.lstrip("-").islower() and not clause.is_of_words
    left = str(listing.question.without(clause))
    said = (key, text) if is_fact else ("", clause.text)
    return Chip(*said, _changed(listing, q=left), colours_named(clause))


def _ways(listing: Listing, asked: Question, user: Any) -> list[Way]:
    """Parts without which something is found."""
    if len(asked.clauses) < 2:
        return []
    found = []
    for clause in asked.clauses[:MOST_WAYS]:
        other = replace(listing.first, q=str(asked.without(clause)))
        reading = other.read_by(user)
        most = _most(reading)
        if count := reading.count(most):
            found.append(Way(clause.text, other.address(), pictures(count, most)))
    return found


def _guess(listing: Listing, asked: Question, user: Any) -> Way | None:
    """The same in words that occur, if that finds something."""
    if asked.is_of_comments or not (text := corrected(asked, listing.images(user))):
        return None
    other = replace(listing.first, q=text)
    reading = other.read_by(user)
    most = _most(reading)
    count = reading.count(most)
    return Way(text, other.address(), pictures(count, most)) if count else None


def _changed(listing: Listing, **changes: Any) -> str:
    """The address with these changes, from its first page on; an order is kept as long as something is asked."""
    other = replace(listing.first, **changes)
    return replace(other, order=other.order if other.q else usual(other.scope)).address()
