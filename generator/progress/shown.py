"""Generations with their calls and pictures, read for a page in as many statements as there are tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper
from django.utils.translation import gettext

from generator.models import Call, Generation, Image
from generator.models.image import prompt_told_to
from generator.progress.tiles import Progress, Tile, pictures

# What tiles show of a call and of a picture; the rest of their rows is not read.
OF_CALL = (
    "generation", "user", "number", "count", "state", "tries", "not_before", "claimed_at", "sent_at", "finished_at",
    "dismissed_at", "http_status", "error_kind", "error_reason", "error_values", "error", "reply_id", "retry__retry_of",
)  # fmt: skip
_OF_IMAGE = (
    "call", "generation", "user", "index", "width", "height", "placeholder", "is_transparent", "visibility",
    "access_version", "trashed_at", "hidden_at", "removed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One generation as it is shown: all its calls, and a tile for each that speaks for it."""

    generation: Generation
    calls: list[Call]
    tiles: list[Tile]

    @property
    def images(self) -> list[Image]:
        return [image for tile in self.tiles for image in tile.images]

    @property
    def pictures(self) -> str:
        """How many were asked for, in words."""
        return pictures(self.generation.count)

    @property
    def seen_by(self) -> str:
        """Who is to see them, where that is not as usual here."""
        is_usual = self.generation.visibility == settings.DEFAULT_VISIBILITY
        return "" if is_usual else self.generation.get_visibility_display()

    @property
    def is_running(self) -> bool:
        return any(tile.call.is_running for tile in self.tiles)

    @property
    def total(self) -> int:
        return sum(tile.call.count for tile in self.tiles)

    @property
    def ready(self) -> int:
        return sum(tile.brought for tile in self.tiles)


def seen_generations(user: Any) -> Any:
    """Those this person may see. `is_told` says to staff whether they may read the prompt; others see but their own."""
    seen = Generation.objects.visible_to(user)
    if not user.is_staff:
        return seen
    return seen.annotate(is_told=ExpressionWrapper(prompt_told_to(user), BooleanField()))


def show(user: Any, generations: Iterable[Generation], progress: Progress | None = None) -> list[Shown]:
    """As this person is shown them, who has been found to see them; two queries, none where there are none.

    `progress` may be one that was made a moment ago for calls of the same people; it saves its queries.
    """
    found = {generation.pk: _as_told(generation) for generation in generations}
    calls = _calls(found)
    images = _images(user, [call for some in calls.values() for call in some])
    speaking = {pk: generation.speaking(calls[pk]) for pk, generation in found.items()}
    progress = progress or Progress([call for some in speaking.values() for call in some])
    return [
        Shown(generation, calls[pk], [progress.tile(call, images[call.pk]) for call in speaking[pk]])
        for pk, generation in found.items()
    ]


def _as_told(generation: Generation) -> Generation:
    """Without the words of whoever keeps them to themselves: staff see what became of a call all the same."""
    if not getattr(generation, "is_told", True):
        generation.prompt = gettext("A prompt that its owner keeps to themselves")
    return generation


def _calls(generations: dict[UUID, Generation]) -> dict[UUID, list[Call]]:
    """By generation, in their order."""
    found = defaultdict[UUID, list[Call]](list)
    if generations:
        for call in Call.objects.filter(generation__in=generations).select_related("retry").only(*OF_CALL):
            call.generation = generations[call.generation_id]
            found[call.generation_id].append(call)
    return found


def _images(user: Any, calls: list[Call]) -> dict[UUID, list[Image]]:
    """Those of their pictures that this person may see, by call; each knows its generation and its owner."""
    found = defaultdict[UUID, list[Image]](list)
    if done := {call.pk: call for call in calls if call.state == Call.State.SUCCEEDED}:
        seen = Image.objects.visible_to(user).filter(call__in=done).select_related("user").only(*_OF_IMAGE)
        for image in seen.order_by("index"):
            image.generation = done[image.call_id].generation
            found[image.call_id].append(image)
    return found
