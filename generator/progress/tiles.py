"""How far each call is, in a person's words: place in the queue, usual time, what went wrong."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from math import exp
from statistics import median
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from generator.models import Call, Image, Provider
from generator.worker.tasks import is_reply_kept

USUAL_CACHE_SECONDS = 60
USUAL_SAMPLE, USUAL_LOOKS_BACK = 20, 500
PACE_MINE, PACE_OTHERS = 1, 15

# The head of a failure, by `Call.error_kind`; the sentence beneath it comes with the call.
TITLES = {
    "key": "Key refused",
    "quota": "Out of quota",
    "rate": "Too many requests",
    "refused": "Refused by the provider",
    "provider": "Provider failed",
    "silence": "Outcome unknown",
    "unreachable": "Provider not reached",
    "unreadable": "Unreadable reply",
    "kept": "Not stored yet",
    "partial": "Some pictures are missing",
    "fewer": "Some pictures are missing",
    "note": "About this reply",
    "disk": "No room on disk",
}


def usual_waits() -> dict[str, float]:
    """Seconds from request to reply for each model: the median of its last successes. One query a minute."""
    cache = caches["process"]
    waits: dict[str, float] | None = cache.get("usual-waits")
    if waits is None:
        waits = _measure_usual_waits()
        cache.set("usual-waits", waits, USUAL_CACHE_SECONDS)
    return waits


def _measure_usual_waits() -> dict[str, float]:
    done = Call.objects.filter(state=Call.State.SUCCEEDED)
    calls = done.order_by("-pk").select_related("generation").only("sent_at", "received_at", "generation__model")
    samples: dict[str, list[float]] = defaultdict(list)
    for call in calls[:USUAL_LOOKS_BACK]:
        if call.waited is not None:
            samples[call.generation.model].append(call.waited)
    return {model: median(waits[:USUAL_SAMPLE]) for model, waits in samples.items()}


def places(owners: set[Any]) -> dict[Any, int]:
    """How many calls go before each queued call of these people, by call id; two queries.

    An estimate by the rule of the queue, which takes turns between people: before somebody's k-th call go
    their k-1 earlier ones and up to k of each other person's.
    """
    queued = Call.objects.queued()
    lengths = dict(queued.order_by().values_list("user").annotate(Count("pk")))
    ranks: dict[Any, int] = defaultdict(int)
    ahead = {}
    for pk, owner in queued.filter(user__in=owners).order_by("pk").values_list("pk", "user"):
        ranks[owner] += 1
        rank = ranks[owner]
        ahead[pk] = rank - 1 + sum(min(n, rank) for other, n in lengths.items() if other != owner)
    return ahead


def pictures(count: int) -> str:
    return ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": count}


@dataclass(frozen=True)
class Tile:
    """One call as it is shown: a picture, several, or where it stands."""

    call: Call
    images: list[Image] = field(default_factory=list)
    ahead: int | None = None
    held: str = ""  # what it waits for besides its turn: "key", "rate" or "unreachable"
    wait: float = 0  # seconds until it may be sent
    usual: float | None = None
    elapsed: float = 0

    @property
    def places(self) -> range:
        """The empty places still shown: one for each picture asked for, one for a failure."""
        return range(self.call.count if self.call.is_running else 1)

    @property
    def brought(self) -> int:
        """How many pictures came, whatever became of them since."""
        if self.call.state != Call.State.SUCCEEDED:
            return 0
        return len(self.images) if self.call.error_kind else self.call.count

    @property
    def may_be_stored_again(self) -> bool:
        return is_reply_kept(self.call)

    @property
    def title(self) -> str:
        return TITLES.get(self.call.error_kind, self.call.get_state_display())

    @property
    def turn(self) -> str:
        """Where a queued call stands that waits for nothing else."""
        if not self.ahead:
            return gettext("Next in line")
        return ngettext("%(count)s before you", "%(count)s before you", self.ahead) % {"count": self.ahead}

    @property
    def pictures(self) -> str:
        return pictures(self.call.count)

    @property
    def tries(self) -> str:
        return ngettext("%(count)s try", "%(count)s tries", self.call.tries) % {"count": self.call.tries}

    @property
    def share(self) -> int | None:
        """Per cent for the progress bar: 80 at the usual time, and then ever slower, so it never stands still.

        None while there is no history to measure against. `static/js/live.js` goes on with the same curve.
        """
        return round(100 * (1 - exp(-1.61 * self.elapsed / self.usual))) if self.usual else None

    @property
    def version(self) -> str:
        """Changes whenever the tile needs to be drawn anew; time alone does not."""
        seen = (self.call.state, self.call.tries, self.ahead, self.held, self.call.is_retried)
        return hashlib.sha256(repr((*seen, self.call.dismissed_at)).encode()).hexdigest()[:6]


@dataclass
class Progress:
    """What the tiles of one page have in common, read at most once: the queue, the pause, the usual times."""

    calls: list[Call]
    now: datetime = field(default_factory=timezone.now)

    def tile(self, call: Call, images: list[Image] | None = None) -> Tile:
        if call.state == Call.State.QUEUED:
            held, until = self._held(call)
            wait = (until - self.now).total_seconds() if until else 0
            return Tile(call, ahead=self._places.get(call.pk, 0), held=held, wait=wait)
        if call.state == Call.State.SENDING:
            elapsed = (self.now - (call.sent_at or call.claimed_at or self.now)).total_seconds()
            return Tile(call, usual=usual_waits().get(call.generation.model), elapsed=max(elapsed, 0))
        return Tile(call, images or [])

    def _held(self, call: Call) -> tuple[str, datetime | None]:
        """Why a queued call has to wait besides its turn, and until when, if that is known."""
        provider = self._provider
        if provider.is_paused(settings.ONLYSQ_API_KEY):
            return provider.pause, provider.paused_until
        if call.not_before and call.not_before > self.now and (call.claimed_at or self.now) <= self.now:
            return call.error_kind or provider.Pause.RATE, call.not_before
        return "", None

    @cached_property
    def _places(self) -> dict[Any, int]:
        return places({call.user_id for call in self.calls})

    @cached_property
    def _provider(self) -> Provider:
        return Provider.objects.current()


def pace(counts: dict[str, int], *, watches: bool = False) -> int:
    """Seconds between two questions for news, 0 for none at all.

    One while this person waits for something or looks at something running, more while only others wait.
    `counts` is what `running_counts` gives.
    """
    if counts["queue_mine"] or watches:
        return PACE_MINE
    return PACE_OTHERS if counts["queue_all"] else 0
