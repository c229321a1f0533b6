"""The one way to ask for pictures: the form, *Try again* and every later door enter here.

Limits, rows and the state machine are the models'. What is added here holds for every door alike: what makes two
requests the same one, the line of the log that leads from a request to its calls, and the workers that are woken.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from generator.models import Call, Generation, Image
from generator.models.generation import Visibility
from generator.worker import tasks

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asks for. Either a `ratio` or `width` and `height` in pixels, as the API's dialect has it."""

    prompt: str
    model: str
    count: int = 1
    visibility: str = Visibility.SHARED
    ratio: str = ""
    width: int | None = None
    height: int | None = None
    parent: Image | None = None


class Submitted(NamedTuple):
    """`is_new` is False for a generation that an earlier request with the same token and wish has made."""

    generation: Generation
    is_new: bool


def submit(user: AbstractBaseUser, wish: Wish, token: str) -> Submitted:
    """The generation of this wish, whose calls are waiting for a worker when this returns.

    `token` is one per form that was shown, or whatever else a client sends with each attempt at one request. What is
    asked for is part of it: the same form twice is one generation, another prompt from the same form is a second one.
    LimitError, and nothing is written, if a limit of the user leaves no room.
    """
    generation, is_new = Generation.objects.all().book(user, _once(token, wish), **vars(wish))
    if is_new:
        _begin(generation, list(generation.calls.all()))
    return Submitted(generation, is_new)


def try_again(call: Call) -> Call | None:
    """A new call for one that has failed, got lost or was cancelled; None if a first click has made it already.

    LimitError, and nothing is written, if a limit of its owner leaves no room.
    """
    again = call.try_again()
    if again:
        _begin(call.generation, [again])
    return again


def _once(token: str, wish: Wish) -> str:
    """A digest of both, as long as the column is, whatever the token looks like."""
    told = json.dumps([token, vars(wish)], default=str, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _begin(generation: Generation, calls: list[Call]) -> None:
    """Leave the line that leads from a request's id to its calls, and wake workers once the rows are there."""
    log.info("generation %s: calls %s", generation.pk, ", ".join(str(call.pk) for call in calls))
    tasks.wake_after_commit(len(calls))
