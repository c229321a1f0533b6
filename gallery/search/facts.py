"""What a question asks of pictures beside their words, as conditions of the database.

Who may see what is not decided here: conditions only leave out. What somebody may not know (stars and comments without
an account, other people's failed calls) is no condition for them either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Avg, BigIntegerField, Q, QuerySet
from django.db.models import Value as Written
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from gallery.filters import midnight
from gallery.models import Comment, Rating, User
from gallery.search.comments import commented
from gallery.search.query import Bound, Clause, Fact, Key, Period, Question
from generator.models import Call, Generation
from generator.models.image_queryset import ImageQuerySet
from generator.models.model_names import models_called

# What members alone may know.
_INSIDE = {Key.RATED, Key.HAS, Key.FAILED, Key.IN}
_MYSELF = "me"
# In a hundred: a picture whose sides differ by less is a square, as one of nearly a ratio is of that ratio.
_SLACK = 3
_MEGA = 1_000_000


def asked_by(user: Any, question: Question) -> Question:
    """The question without what this person may not know; that is ignored, as what makes no sense."""
    if user.is_authenticated:
        return question
    outside = tuple(clause for clause in question.clauses if _is_inside(clause))
    kept = tuple(clause for clause in question.clauses if clause not in outside)
    return replace(question, clauses=kept, ignored=(*question.ignored, *(clause.text for clause in outside)))


def narrowed(images: ImageQuerySet, question: Question, user: Any) -> ImageQuerySet:
    """Those of `images` for which all the facts of the question hold. One query, if people are named in it."""
    facts = [clause for clause in question.clauses if not clause.is_of_words]
    named = _People.in_question(facts, user)
    for clause in facts:
        wanted = reduce(or_, [_condition(fact, user, named) for fact in clause.options if isinstance(fact, Fact)])
        images = images.filter(~wanted if clause.negated else wanted)
    if question.is_of_comments and (said := question.phrases):
        images = images.filter(pk__in=commented(said, user))
    return images


def _is_inside(clause: Clause) -> bool:
    first = clause.options[0]
    return isinstance(first, Fact) and first.key in _INSIDE


@dataclass(frozen=True)
class _People:
    """Members by what they are called, in small letters; somebody who has left is called nothing any more."""

    keys: dict[str, list[int]]

    @classmethod
    def in_question(cls, clauses: Iterable[Clause], user: Any) -> _People:
        names = {
            str(fact.value).casefold()
            for clause in clauses
            for fact in clause.options
            if isinstance(fact, Fact) and fact.key == Key.BY
        }
        keys: dict[str, list[int]] = {name: [] for name in names}
        if user.is_authenticated and _MYSELF in names:
            keys[_MYSELF].append(user.pk)
            names.remove(_MYSELF)
        for pk, *called in _called(names) if names else ():
            for name in {each.casefold() for each in called} & names:
                keys[name].append(pk)
        return cls(keys)


def _called(names: set[str]) -> QuerySet[User, tuple[Any, ...]]:
    people = User.objects.filter(left_at=None).annotate(whole=Concat("first_name", Written(" "), "last_name"))
    asked = [Q(username__iexact=name) | Q(first_name__iexact=name) | Q(whole__iexact=name) for name in sorted(names)]
    return people.filter(reduce(or_, asked)).values_list("pk", "username", "first_name", "whole")


def _condition(fact: Fact, user: Any, people: _People) -> Q:
    match fact:
        case Fact(Key.BY, str(name)):
            return _one_of("user_id", people.keys[name.casefold()])
        case Fact(Key.MODEL, str(name)):
            return _one_of("generation__model", models_called(name))
        case Fact(Key.SHAPE, str(shape)):
            return _shaped(shape)
        case Fact(Key.SEEN, value):
            return Q(visibility=value)
        case Fact(key, Period() as days):
            return _received(key, days)
        case Fact(Key.SIZE, Bound(number, least)):
            compare = GreaterThanOrEqual if least else LessThanOrEqual
            return Q(compare(_big("width") * _big("height"), int(number * _MEGA)))
        case Fact(Key.ID, str(digits)):
            return Q(pk__range=(UUID(f"{digits:0<32}"), UUID(f"{digits:f<32}")))
    return _told(fact, user)


def _told(fact: Fact, user: Any) -> Q:
    """What members say of pictures, and what calls do."""
    match fact:
        case Fact(Key.RATED, int(stars)):
            rated = Rating.objects.values("image").annotate(average=Avg("stars")).filter(average__gte=stars)
            return Q(pk__in=rated.values("image"))
        case Fact(Key.HAS, "comment"):
            return Q(pk__in=Comment.objects.shown_to(user).values("image"))
        case Fact(Key.HAS, "stars"):
            return Q(pk__in=Rating.objects.values("image"))
        case Fact(Key.FAILED, "yes"):
            return Q(generation__in=_failed(user))
        case Fact(Key.FAILED, "no"):
            return ~Q(generation__in=_failed(user))
    return ~Q(pk__in=[])  # `in:` says where the words are looked for, and holds for every picture


def _one_of(column: str, values: list[Any]) -> Q:
    """Compared with one value where it is one, so that the rows come in order from an index."""
    return Q(**{column: values[0]}) if len(values) == 1 else Q(**{f"{column}__in": values})


def _shaped(shape: str) -> Q:
    """By how much a hundred times the width and the height may differ."""
    across, down = (1, 1) if shape.isalpha() else map(int, shape.split(":"))
    width, height = _big("width") * (100 * down), _big("height") * across
    is_wider = Q(GreaterThan(width, height * (100 + _SLACK)))
    is_higher = Q(LessThan(width, height * (100 - _SLACK)))
    return {"wide": is_wider, "tall": is_higher}.get(shape, ~(is_wider | is_higher))


def _big(column: str) -> Cast:
    """So that products of it fit."""
    return Cast(column, BigIntegerField())


def _received(key: Key, days: Period) -> Q:
    """By the time that ids begin with: when the reply came. They are in order, so no day is walked to."""
    if key == Key.BEFORE:
        return Q(pk__lt=_first_id(days.first))
    following = None if days.last == date.max else _first_id(days.last + timedelta(days=1))
    if key == Key.AFTER:
        return Q(pk__gte=following) if following else Q(pk__in=[])
    return Q(pk__gte=_first_id(days.first)) & (Q(pk__lt=following) if following else Q())


def _first_id(day: date) -> UUID:
    """The lowest id of a day, in the time zone of the instance; of days before there was a clock the lowest of all."""
    return UUID(int=max(int(midnight(day).timestamp() * 1000), 0) << 80)


def _failed(user: Any) -> QuerySet[Generation]:
    """Those of which a call failed, of this person or, for staff, of everybody."""
    return Generation.objects.visible_to(user).filter(calls__state=Call.State.FAILED)
