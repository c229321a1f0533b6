"""What must hold after every drill, read from the image API's own account, the rows and the files."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

from django.conf import settings
from PIL import Image as Pillow

from generator.models import Call, Event, Image, Provider
from generator.replies.spool import Spool
from tests.drills.report import LINES, Line
from tests.drills.site import PROMISED_SECONDS, Site

State, What = Call.State, Event.What
OLD = 7200
# Columns of the table in which there is never anything but 0.
PROMISES = ("lost", "doubled", "stuck")


def settle(site: Site, drill: str, calls: list[Call], seconds: float = PROMISED_SECONDS) -> Line:
    """Wait until nothing is unsettled, and at most as long as was promised; then check everything and note it."""
    began = time.monotonic()
    while not site.settled(calls) and time.monotonic() - began < seconds:
        time.sleep(0.1)
    took = time.monotonic() - began
    site.wait_for(lambda: not _has_spooled_successes())
    line = count(site, drill, calls)
    line.seconds = took
    LINES.append(line)
    site.kills = 0
    broken = [f"{number} {promise}" for promise in PROMISES if (number := getattr(line, promise))]
    assert not broken, f"{drill} on {site.kind}: {', '.join(broken)}\n{_stories(site, calls)}\n{site.tail(60)}"
    for call in site.calls(calls):
        check_history(site, call)
    check_files()
    return line


def count(site: Site, drill: str, calls: list[Call]) -> Line:
    now = site.calls(calls)
    states = Counter(call.state for call in now)
    return Line(
        drill, site.kind, site.kills, len(now),
        charged=sum(site.charged(call) for call in now),
        done=states[State.SUCCEEDED],
        shown=states[State.FAILED] + states[State.UNKNOWN],
        lost=sum(_is_lost(site, call) for call in now),
        doubled=sum(max(0, site.charged(call) - 1) for call in now),
        stuck=sum(call.is_running for call in now),
    )  # fmt: skip


def _is_lost(site: Site, call: Call) -> bool:
    """Paid for, and neither are its pictures there nor is anybody told; or its reply was on disk and is gone."""
    pictures = Image.objects.filter(call=call).count()
    if call.state == State.SUCCEEDED:
        return pictures != call.count or not site.charged(call)
    if What.RECEIVED in site.history(call) and not Spool(Path(settings.SPOOL_ROOT)).has(str(call.pk)):
        return True
    return bool(site.charged(call)) and not (call.is_running or call.error_kind)


def check_history(site: Site, call: Call) -> None:
    """Every claim and every sending is in the history, with the worker that did it."""
    events = list(Event.objects.filter(call=call).order_by("pk"))
    whats = Counter(event.what for event in events)
    assert whats[What.CLAIMED] == call.tries
    assert site.charged(call) <= whats[What.SENT]
    assert all(event.worker for event in events if event.what in (What.CLAIMED, What.SENT, What.RECEIVED))
    last = {State.SUCCEEDED: What.SUCCEEDED, State.UNKNOWN: What.LOST, State.FAILED: What.FAILED}
    ended = [event.what for event in events if event.what in last.values()]
    assert ended[-1] == last[State(call.state)]


def check_files() -> None:
    """Each row has its files, whole; each original has its row; no original is half-written."""
    root = Path(settings.MEDIA_ROOT)
    images = list(Image.objects.select_related("call"))
    for image in images:
        original = root / image.file.name
        assert original.stat().st_size == image.bytes
        with Pillow.open(original) as picture:
            picture.load()
        assert all((root / image.thumb_name(width)).stat().st_size for width in image.thumb_widths)
    kept = {image.file.name for image in images} | _names_of_unstored()
    assert {str(file.relative_to(root)) for file in root.glob("originals/*/*")} <= kept


def _names_of_unstored() -> set[str]:
    """What a call that cannot be stored for now has already written."""
    waiting = Call.objects.filter(state=State.RECEIVED)
    stubs = [Image.id_for(call, index) for call in waiting for index in range(call.count)]
    return {Image.original_name(pk, form) for pk in stubs for form in Image.Format.values}


def check_leftovers_are_swept(site: Site) -> None:
    """Halves of replies and of thumbnails go when they are old; whole replies only when they are stored."""
    folders = (Path(settings.SPOOL_ROOT), Path(settings.MEDIA_ROOT))
    halves = [file for folder in folders for file in folder.rglob("*.part")]
    assert halves
    for file in halves:
        os.utime(file, (time.time() - OLD,) * 2)
    site.stop_worker()
    site.start_worker()
    site.wait_for(lambda: not any(file.exists() for file in halves))


def _has_spooled_successes() -> bool:
    """Whether replies that are stored have not gone from the spool yet."""
    names = {left.id for left in Spool(Path(settings.SPOOL_ROOT)).leftovers() if left.complete}
    return Call.objects.filter(pk__in=names, state=State.SUCCEEDED, error_kind="").exists()


def _stories(site: Site, calls: list[Call]) -> str:
    """Of the calls that are in trouble: their life."""

    def story(call: Call) -> str:
        prompt, paid = call.generation.prompt[:40], site.charged(call)
        return f"{prompt}: {call.state} {site.history(call)} charged {paid} {call.error_message}"

    pause = Provider.objects.current()
    return "\n".join([f"API: {pause}", *(story(call) for call in site.calls(calls))])
