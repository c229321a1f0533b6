"""`manage.py` for drills: the same commands, that stop at named points of a call's life until they are killed.

A call whose prompt holds `[point]` stops there once: a file named by its generation appears in the folder
`DRILL_POINTS`, with the number of the process that stands still. It goes on when a file `<generation>.go` appears
beside it. The worker starts its cluster by the name of this file, so the points hold in the queue's processes too.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])
FOLDER = Path(os.environ["DRILL_POINTS"])


def stand_still(call: Any, point: str) -> None:
    """Say that the call has come to the point, and wait; a second time it passes."""
    if f"[{point}]" not in call.generation.prompt:
        return
    mark = FOLDER / str(call.generation_id)
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return
    mark.write_text(str(os.getpid()))
    while not mark.with_suffix(".go").exists():
        time.sleep(0.05)


def before(owner: Any, name: str, point: str, call_of: Callable[..., Any] = lambda call, *_: call) -> None:
    plain = getattr(owner, name)

    @wraps(plain)
    def stopping(*args: Any, **more: Any) -> Any:
        stand_still(call_of(*args), point)
        return plain(*args, **more)

    setattr(owner, name, stopping)


def after(owner: Any, name: str, point: str, call_of: Callable[..., Any] = lambda call, *_: call) -> None:
    plain = getattr(owner, name)

    @wraps(plain)
    def stopping(*args: Any, **more: Any) -> Any:
        result = plain(*args, **more)
        if found := call_of(*args):
            stand_still(found, point)
        return result

    setattr(owner, name, stopping)


class HalfSink:
    """Takes half of the first bytes and stands still before the rest."""

    def __init__(self, handle: Any, call: Any) -> None:
        self._handle = handle
        self._call = call

    def write(self, data: bytes) -> int:
        half = len(data) // 2
        self._handle.write(data[:half])
        self._handle.flush()
        stand_still(self._call, "half")
        self._handle.write(data[half:])
        return len(data)


def install() -> None:
    """Wrap the functions between which a call's life has its seams, in the order of that life."""
    from generator.imaging import thumbnails
    from generator.models import Call, Image
    from generator.replies.spool import Spool
    from generator.worker import ingest, tasks

    def by_id(_spool: Any, call_id: str) -> Call:
        return Call.objects.select_related("generation").get(pk=call_id)

    before(Call, "claim", "claiming")
    before(Call, "mark_sent", "claimed")
    after(Call, "mark_sent", "marked")
    _halve_replies(Spool, by_id)
    before(Call, "receive", "whole")
    before(tasks, "ingest", "received")
    _leave_half_a_thumbnail(thumbnails, ingest)
    after(
        ingest,
        "_publish",
        "two of four",
        lambda call, decoded_file, _picture: call if decoded_file.index == 1 else None,
    )
    before(ingest, "_store", "files")
    before(type(Image.objects), "bulk_create", "committing", lambda _manager, images: images[0].call)
    before(Spool, "remove", "stored", by_id)


def _halve_replies(spool: Any, by_id: Callable[..., Any]) -> None:
    plain = spool.writer

    @contextmanager
    def writer(self: Any, call_id: str) -> Iterator[Any]:
        with plain(self, call_id) as handle:
            yield HalfSink(handle, by_id(self, call_id))

    spool.writer = writer


def _leave_half_a_thumbnail(thumbnails: Any, ingest: Any) -> None:
    """Thumbnails are written on threads that do not know their call, so the process remembers it for them."""
    current: list[Any] = []
    plain_thumbs, plain_write = ingest._thumbs_of, thumbnails._write

    def thumbs_of(call: Any, index: int) -> Any:
        current[:] = [call]
        return plain_thumbs(call, index)

    def write(image: Any, dest: Path) -> None:
        half = dest.with_name(f"{dest.name}.{os.getpid()}-0.part")
        dest.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(bytes(100))
        if current:  # a process that warms up has no call yet
            stand_still(current[0], "thumbnail")
        half.unlink()
        plain_write(image, dest)

    ingest._thumbs_of, thumbnails._write = thumbs_of, write


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gallery.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    install()
    execute_from_command_line(sys.argv)
