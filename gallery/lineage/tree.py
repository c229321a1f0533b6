"""The family of a picture as a tree of steps: each is what somebody asked for once, with what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models.functions import Left
from django.utils.translation import gettext

from gallery.browse.tiles import COLUMNS, Picture
from gallery.lineage.kinship import kin
from gallery.lineage.rewording import MOST_LETTERS, Rewording, Run, rewording, shortened
from generator.models import Image
from generator.models.model_names import model_name

# With more steps than that only the way to the picture, and what was made from it, are unfolded.
MOST_UNFOLDED = 30
_OF_STEP = (
    "created_at", "generation__user_id", "generation__parent_id", "generation__model", "generation__ratio",
    "generation__width", "generation__height",
)  # fmt: skip


class Change(NamedTuple):
    """A setting that is another one than in the step before."""

    name: str
    old: str
    new: str


@dataclass
class Step:
    """`asker` is whose wish it was, by their key; `before` the step it was made from, if that is in the family, and
    `place` from which of its pictures, from 1. `following` pictures came of all that was made from this.
    """

    pk: UUID
    created_at: datetime
    asker: int
    parent_id: UUID | None
    model: str
    shape: str
    pictures: list[Picture] = field(default_factory=list)
    before: Step | None = None
    place: int = 0
    steps: list[Step] = field(default_factory=list)
    following: int = 0
    is_on_the_way: bool = False

    @property
    def prompt(self) -> str:
        return self.pictures[0].prompt

    @cached_property
    def rewording(self) -> Rewording | None:
        """None where the family begins."""
        return rewording(self.before.prompt, self.prompt) if self.before else None

    @property
    def runs(self) -> list[Run]:
        return shortened(self.rewording.runs) if self.rewording else []

    @cached_property
    def changes(self) -> list[Change]:
        """Of settings."""
        if self.before is None:
            return []
        both = [
            (gettext("Model"), model_name(self.before.model), model_name(self.model)),
            (gettext("Shape"), self.before.shape, self.shape),
        ]
        return [Change(*each) for each in both if each[1] != each[2]]

    @property
    def is_same_again(self) -> bool:
        return self.rewording is not None and self.rewording.is_none and not self.changes


class Row(NamedTuple):
    """A step as it stands in nested lists; `ends` are the lists that end behind it."""

    step: Step
    is_open: bool
    ends: list[Step]


class Family(NamedTuple):
    """`rows` are its steps, each before those that were made from it; `has_lost` says that the picture itself was made
    from one that is not there for whoever asked for it.
    """

    rows: list[Row]
    pictures: list[Picture]
    is_whole: bool
    has_lost: bool


def family_of(user: Any, image: Image) -> Family:
    """What this person may see of it. Two queries, however large it is."""
    found = kin(user, image)
    seen = Image.objects.visible_to(user) | Image.objects.filter(pk=image.pk)
    columns: list[Any] = [*COLUMNS[:-1], Left("generation__prompt", MOST_LETTERS + 1), *_OF_STEP]
    # Within a generation as they were asked for.
    read = seen.filter(pk__in=found.pictures).order_by("generation", "call__number", "index").values_list(*columns)
    steps: dict[UUID, Step] = {}
    for row in read:
        picture, told = Picture._make(row[: len(COLUMNS)]), row[len(COLUMNS) :]
        if picture.generation_id not in steps:
            steps[picture.generation_id] = _step(picture.generation_id, *told)
        steps[picture.generation_id].pictures.append(picture)
    _join(steps)
    here = steps[image.generation_id]
    rows = list(_rows(_first(here, len(steps)), is_small=len(steps) <= MOST_UNFOLDED))
    pictures = [picture for row in rows for picture in row.step.pictures]
    has_lost = here.asker == user.pk and here.parent_id is not None and here.before is None
    return Family(rows, pictures, found.is_whole and len(pictures) == len(found.pictures), has_lost)


def _step(
    pk: UUID, created_at: datetime, asker: int, parent: UUID | None, model: str, ratio: str, *sides: int | None
) -> Step:
    return Step(pk, created_at, asker, parent, model, ratio or " \N{MULTIPLICATION SIGN} ".join(map(str, sides)))


def _join(steps: dict[UUID, Step]) -> None:
    """Hang each step on the one that it was made from; those of one picture in the order they were asked for."""
    places = {picture.pk: (step, at) for step in steps.values() for at, picture in enumerate(step.pictures, 1)}
    for step in sorted(steps.values(), key=lambda step: step.pk):
        before, place = (places.get(step.parent_id) if step.parent_id else None) or (None, 0)
        if before and before is not step:
            step.before, step.place = before, place
            before.steps.append(step)
    for step in steps.values():
        step.steps.sort(key=lambda each: each.place)


def _first(here: Step, most: int) -> Step:
    """The step that the family of this one begins with. On the way to it are no more than all; a circle, which only
    hands could draw, is cut.
    """
    first = here
    for _ in range(most):
        first.is_on_the_way = True
        if first.before is None or first.before.is_on_the_way:
            break
        first = first.before
    if first.before:
        first.before.steps.remove(first)
        first.before = None
    return first


def _rows(first: Step, *, is_small: bool) -> Iterator[Row]:
    """Each step before those that were made from it; no call within a call, for a family is up to a hundred deep."""
    ordered: list[Step] = []
    waiting = [first]
    while waiting:
        ordered.append(step := waiting.pop())
        waiting.extend(reversed(step.steps))
    for step in reversed(ordered):
        step.following = sum(len(each.pictures) + each.following for each in step.steps)
    for step in ordered:
        yield Row(step, is_small or step.is_on_the_way, _ends(step))


def _ends(step: Step) -> list[Step]:
    """The steps whose lists end behind this one."""
    ended: list[Step] = []
    if step.steps:
        return ended
    while step.before and step.before.steps[-1] is step:
        step = step.before
        ended.append(step)
    return ended
