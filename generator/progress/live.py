"""What has changed since the page was drawn; asked about once a second by every page with something running."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db import connection
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from generator.models import Call, Generation
from generator.progress.counts import running_counts
from generator.progress.redirects import page_of
from generator.progress.shown import OF_CALL, Shown, seen_generations, show
from generator.progress.tiles import Progress, Tile, pace

# What htmx takes as "stop asking".
STOP_POLLING = 286
MAX_SEEN = 100
# A question that finds nothing new may wait a little for news, so that a picture is seen when it is there and not
# up to a second later. Only a few of each process's threads wait at a time; all others are answered at once.
WAIT_SECONDS = 0.8
LOOK_SECONDS = 0.1
_may_wait = threading.BoundedSemaphore(3)

_PAIR = re.compile(r"([0-9a-f]{32}):([0-9a-f]{6})")


@dataclass(frozen=True)
class Update:
    """What to draw anew of one generation."""

    shown: Shown
    changed: set[UUID]

    @property
    def tiles(self) -> list[Tile]:
        return [tile for tile in self.shown.tiles if tile.call.pk in self.changed]

    @property
    def is_whole(self) -> bool:
        """Whether a changed call is no longer among the tiles: it was sent again or put away elsewhere."""
        return len(self.tiles) < sum(call.pk in self.changed for call in self.shown.calls)

    @property
    def said(self) -> str:
        """What a screen reader is told, once something has come to its end."""
        ended = [tile for tile in self.tiles if not tile.call.is_running]
        failed = [tile.title for tile in ended if not tile.brought]
        if not ended:
            return ""
        told = {"ready": self.shown.ready, "total": self.shown.total}
        return ". ".join([gettext("%(ready)s of %(total)s pictures ready") % told, *failed]) + "."


@dataclass(frozen=True)
class News:
    """What is to be told to a page."""

    counts: dict[str, int]
    seconds: int
    progress: Progress
    changed: set[UUID]
    is_badge_new: bool

    @property
    def is_any(self) -> bool:
        return bool(self.changed) or self.is_badge_new or not self.seconds

    @property
    def watches(self) -> bool:
        return any(call.is_running for call in self.progress.calls)


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The badge, and those tiles that no longer look as the page has them.

    `seen` holds `<call>:<version>` for each running tile, `known` the figures of the badge. 204 if nothing has
    changed, 286 once nothing is running.
    """
    if not request.user.is_authenticated:
        is_script = "HX-Request" in request.headers
        return HttpResponse(status=STOP_POLLING) if is_script else redirect_to_login(reverse("generator:create"))
    seen, known = _seen(request), request.GET.get("known", "")
    news = _look(request.user, seen, known)
    if not news.is_any and news.watches and _wait_for_change(seen):
        news = _look(request.user, seen, known)
    if not news.is_any:
        return HttpResponse(status=204)
    updates = _updates(request.user, news.changed, news.progress)
    context = {
        **news.counts,
        "queue_pace": news.seconds,
        "updates": updates,
        "pictures": [image for update in updates for image in update.shown.images],
        "said": " ".join(filter(None, (update.said for update in updates))),
        "here": page_of(request),
    }
    return render(request, "generator/progress/live.html", context, status=200 if news.seconds else STOP_POLLING)


def _look(user: Any, seen: dict[UUID, str], known: str) -> News:
    counts = running_counts(user)
    progress = Progress(_watched(user, seen))
    changed = {call.pk for call in progress.calls if progress.tile(call).version != seen[call.pk]}
    seconds = pace(counts, watches=any(call.is_running for call in progress.calls))
    return News(counts, seconds, progress, changed, known != f"{counts['queue_mine']}-{counts['queue_all']}-{seconds}")


def _wait_for_change(seen: dict[UUID, str]) -> bool:
    """Wait for one of these calls to move on, if there is a place to wait; one small query a look.

    What is being saved is a moment from done: worth waiting for instead of telling.
    """
    if not _may_wait.acquire(blocking=False):
        return False
    try:
        # Its SQL is made once: that takes longer than the look itself.
        states = Call.objects.filter(pk__in=seen).order_by("pk").values_list("state", "tries").query.sql_with_params()
        before = now = _rows(*states)
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until and (now == before or any(state == Call.State.RECEIVED for state, _ in now)):
            time.sleep(LOOK_SECONDS)
            now = _rows(*states)
        return now != before
    finally:
        _may_wait.release()


def _rows(sql: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _seen(request: HttpRequest) -> dict[UUID, str]:
    """Versions of the tiles as the page has them, by call."""
    matches = (_PAIR.fullmatch(value) for value in request.GET.getlist("seen")[:MAX_SEEN])
    return {UUID(match[1]): match[2] for match in matches if match}


def _watched(user: Any, seen: dict[UUID, str]) -> list[Call]:
    """The calls the page shows, those of them that this person may see."""
    if not seen:
        return []
    visible = Generation.objects.visible_to(user).filter(pk=OuterRef("generation"))  # looked up one by one
    calls = Call.objects.filter(Exists(visible), pk__in=seen).select_related("generation", "retry")
    return list(calls.only(*OF_CALL, "generation__model"))


def _updates(user: Any, changed: set[UUID], progress: Progress) -> list[Update]:
    if not changed:
        return []
    theirs = {call.generation_id for call in progress.calls if call.pk in changed}
    return [Update(shown, changed) for shown in show(user, seen_generations(user).filter(pk__in=theirs), progress)]
