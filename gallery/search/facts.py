"""What a question asks of pictures beside their words, as conditions of the database.

Who may see what is not decided here: conditions only leave out. What somebody may not know (stars and comments without
an account, other people's failed calls) is no condition for them either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet
from django.db.models import Value as Written
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from gallery.filters import midnight
from gallery.models import Comment, Favourite, User
from gallery.search.comments import commented
from gallery.search.query import Bound, Clause, Fact, Key, Period, Question
from gallery.search.tokens import SLACK, of_colour, of_model, of_person, of_shape, one_of, shape_of
from gallery.semantic.encoder import is_ready
from generator.models import Call, Generation
from generator.models.image_queryset import ImageQuerySet
from generator.models.model_names import models_called
from generator.models.ranks import IsCounted

# What members alone may know.
_INSIDE = {Key.RATED, Key.HAS, Key.IS, Key.FAILED, Key.IN, Key.LIKE}
_MYSELF = "me"
_MEGA = 1_000_000
_LAST = (1 << 128) - 1


def asked_by(user: Any, question: Question) -> Question:
    """The question without what this person may not know, or nobody here can tell; that is ignored, as what makes no
    sense.
    """
    unknown = (_INSIDE if not user.is_authenticated else set()) | ({Key.LIKE} if not is_ready() else set())
    outside = tuple(clause for clause in question.clauses if _is_among(unknown, clause))
    if not outside:
        return question
    kept = tuple(clause for clause in question.clauses if clause not in outside)
    return replace(question, clauses=kept, ignored=(*question.ignored, *(clause.text for clause in outside)))


@dataclass(frozen=True)
class Span:
    """Ids from `first` on and below `end`, as far as these are known."""

    first: UUID | None = None
    end: UUID | None = None


@dataclass(frozen=True)
class Facts:
    """A question for one person, with the people who are named in it."""

    question: Question
    user: Any
    people: dict[str, list[int]]

    @classmethod
    def asked(cls, question: Question, user: Any) -> Facts:
        """Without what this person may not know. One query if somebody is named."""
        said = asked_by(user, question)
        return cls(said, user, _people(said, user))

    def narrow(self, images: ImageQuerySet) -> ImageQuerySet:
        """Those of `images` for which all the facts of the question hold."""
        for clause in self._clauses:
            wanted = reduce(or_, map(self._condition, _facts(clause)))
            images = images.filter(~wanted if clause.negated else wanted)
        if self.question.is_of_comments and (said := self.question.phrases):
            images = images.filter(pk__in=commented(said, self.user))
        return images

    def for_index(self) -> list[Clause]:
        """What the index of words is asked: the words and, beside them, tokens that narrow. Empty if it is not asked:
        all pictures of a person are found without it.
        """
        words = [] if self.question.is_of_comments else self.question.phrases
        facts = [clause for clause in self._clauses if not clause.negated]
        if not (
            words or {Key.MODEL, Key.SHAPE, Key.COLOUR} & {fact.key for clause in facts for fact in _facts(clause)}
        ):
            return []
        tokens = [self._tokens(clause) for clause in facts]
        return [*words, *(one_of(some) for some in tokens if some)]

    @property
    def span(self) -> Span:
        """The ids of the days that are asked for."""
        alone = [_facts(clause)[0] for clause in self._clauses if not clause.negated and len(clause.options) == 1]
        spans = [_span(fact.key, fact.value) for fact in alone if isinstance(fact.value, Period)]
        firsts = [one.first for one in spans if one.first]
        ends = [one.end for one in spans if one.end]
        return Span(max(firsts, default=None), min(ends, default=None))

    @property
    def _clauses(self) -> list[Clause]:
        return [clause for clause in self.question.clauses if not clause.is_of_words]

    def _tokens(self, clause: Clause) -> list[str]:
        """One of which each picture has for which the clause holds; none if the index knows nothing of such facts."""
        found = [self._tokens_of(fact) for fact in _facts(clause)]
        return [token for some in found for token in some] if all(found) else []

    def _tokens_of(self, fact: Fact) -> list[str]:
        match fact:
            case Fact(Key.BY, str(name)):
                return [*map(of_person, self.people[name.casefold()])]
            case Fact(Key.MODEL, str(name)):
                return [*map(of_model, models_called(name))]
            case Fact(Key.SHAPE, str(shape)):
                return [of_shape(name) for name in _shapes(shape)]
            case Fact(Key.COLOUR, str(name)):
                return [of_colour(name)]
        return []

    def _condition(self, fact: Fact) -> Q:
        if fact.key == Key.BY:
            return _one_of("user_id", self.people[str(fact.value).casefold()])
        return _condition(fact) or _told(fact, self.user)


def _facts(clause: Clause) -> list[Fact]:
    return [option for option in clause.options if isinstance(option, Fact)]


def _shapes(shape: str) -> list[str]:
    """Which of the three a picture of this ratio may be: one that is nearly square may be any of them."""
    if shape.isalpha():
        return [shape]
    across, down = map(int, shape.split(":"))
    return [shape_of(across, down)] if abs(across - down) * 8 > max(across, down) else ["wide", "tall", "square"]


def _is_among(unknown: set[Key], clause: Clause) -> bool:
    """Likeness is an order: there is no other of two, and none of what is not alike."""
    first = clause.options[0]
    if not isinstance(first, Fact):
        return False
    return first.key in unknown or (first.key == Key.LIKE and (clause.negated or len(clause.options) > 1))


def _people(question: Question, user: Any) -> dict[str, list[int]]:
    """Keys of members by what they are called, in small letters; who has left is called nothing any more."""
    named = (fact for clause in question.clauses for fact in _facts(clause) if fact.key == Key.BY)
    names = {str(fact.value).casefold() for fact in named}
    keys: dict[str, list[int]] = {name: [] for name in names}
    if user.is_authenticated and _MYSELF in names:
        keys[_MYSELF].append(user.pk)
        names.remove(_MYSELF)
    for pk, *called in _called(names) if names else ():
        for name in {each.casefold() for each in called} & names:
            keys[name].append(pk)
    return keys


def _called(names: set[str]) -> QuerySet[User, tuple[Any, ...]]:
    people = User.objects.filter(left_at=None).annotate(whole=Concat("first_name", Written(" "), "last_name"))
    asked = [Q(username__iexact=name) | Q(first_name__iexact=name) | Q(whole__iexact=name) for name in sorted(names)]
    return people.filter(reduce(or_, asked)).values_list("pk", "username", "first_name", "whole")


def _condition(fact: Fact) -> Q | None:
    """By the picture and its generation alone."""
    match fact:
        case Fact(Key.MODEL, str(name)):
            return _one_of("generation__model", models_called(name))
        case Fact(Key.SHAPE, str(shape)):
            return _shaped(shape)
        case Fact(Key.COLOUR, str(name)):
            return Q(colours__contains=name)
        case Fact(Key.SEEN, value):
            return Q(visibility=value)
        case Fact(key, Period() as days):
            return _within(_span(key, days))
        case Fact(Key.SIZE, Bound(number, least)):
            compare = GreaterThanOrEqual if least else LessThanOrEqual
            return Q(compare(_big("width") * _big("height"), int(number * _MEGA)))
        case Fact(Key.ID, str(digits)):
            return Q(pk__range=(UUID(f"{digits:0<32}"), UUID(f"{digits:f<32}")))
    return None


def _told(fact: Fact, user: Any) -> Q:
    """What members say of pictures, and what calls do."""
    match fact:
        case Fact(Key.RATED, int(stars)):
            return Q(IsCounted(F("mean_stars")), mean_stars__gte=stars * 1000)
        case Fact(Key.HAS, "comment"):
            return Q(Exists(Comment.objects.shown_to(user).filter(image=OuterRef("pk"))))
        case Fact(Key.HAS, "stars"):
            return Q(IsCounted(F("mean_stars")), mean_stars__isnull=False)
        case Fact(Key.IS):
            return Q(pk__in=Favourite.objects.filter(user_id=user.pk or 0).values("image"))
        case Fact(Key.FAILED, "yes"):
            return Q(generation__in=_failed(user))
        case Fact(Key.FAILED, "no"):
            return ~Q(generation__in=_failed(user))
    return ~Q(pk__in=[])  # `in:` says where words are looked for and `like:` is an order: they hold for every picture


def _one_of(column: str, values: list[Any]) -> Q:
    """Compared with one value where it is one, so that the rows come in order from an index."""
    return Q(**{column: values[0]}) if len(values) == 1 else Q(**{f"{column}__in": values})


def _shaped(shape: str) -> Q:
    """By how much a hundred times the width and the height may differ."""
    across, down = (1, 1) if shape.isalpha() else map(int, shape.split(":"))
    width, height = _big("width") * (100 * down), _big("height") * across
    is_wider = Q(GreaterThan(width, height * (100 + SLACK)))
    is_higher = Q(LessThan(width, height * (100 - SLACK)))
    return {"wide": is_wider, "tall": is_higher}.get(shape, ~(is_wider | is_higher))


def _big(column: str) -> Cast:
    """So that products of it fit."""
    return Cast(column, BigIntegerField())


def _span(key: Key, days: Period) -> Span:
    """By the time that ids begin with: when the reply came. They are in order, so no day is walked to."""
    following = UUID(int=_LAST) if days.last == date.max else _first_id(days.last + timedelta(days=1))
    match key:
        case Key.BEFORE:
            return Span(end=_first_id(days.first))
        case Key.AFTER:
            return Span(first=following)
    return Span(_first_id(days.first), following)


def _within(span: Span) -> Q:
    wanted = Q()
    if span.first:
        wanted &= Q(pk__gte=span.first)
    if span.end:
        wanted &= Q(pk__lt=span.end)
    return wanted


def _first_id(day: date) -> UUID:
    """The lowest id of a day, in the time zone of the instance; of days before there was a clock the lowest of all."""
    return UUID(int=max(int(midnight(day).timestamp() * 1000), 0) << 80)


def _failed(user: Any) -> QuerySet[Generation]:
    """Those of which a call failed, of this person or, for staff, of everybody."""
    return Generation.objects.visible_to(user).filter(calls__state=Call.State.FAILED)
