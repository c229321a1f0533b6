"""`manage.py` for drills: the same commands, that stop at named points of a call's life until they are killed.

A call whose prompt holds `[point]` stops there once: a file named by its generation appears in the folder
`DRILL_POINTS`, with the number of the process that stands still. It goes on when a file `<generation>.go` appears
beside it. The worker forks its cluster, so the points hold in the queue's processes too.
Each time the watch has swept, a byte is added to the file `looks` there.

A backup stops likewise at the point that `DRILL_BACKUP_POINT` names, if it is set; its file is `backup-<point>`.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("DRILL_POINTS", ""))
TWO_OF_FOUR, THUMBNAIL, CLAIMING = "two of four", "thumbnail", "claiming"
# The step of gallery.backup.take that a backup stops before, and which time it comes to it.
BACKUP_POINTS = {"dumping": ("dump", 1), "pictures": ("add", 7), "whole": ("verify", 1), "named": ("sync", 1)}


def stand_still(mark: Path) -> None:
    """Say that one has come to the point, and wait; a second time one passes."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return
    mark.write_text(str(os.getpid()))
    while not mark.with_suffix(".go").exists():
        time.sleep(0.05)


def stop_call(call: Any, point: str) -> None:
    if f"[{point}]" in call.generation.prompt:
        stand_still(FOLDER / str(call.generation_id))


class Stops:
    """Where the calls of this process stand still: at generator.worker.points, and where they are claimed."""

    def __init__(self) -> None:
        self._placed: Counter[Any] = Counter()

    def at_point(self, sender: Any, call: Any, **_: Any) -> None:
        from generator.worker.points import Point

        if sender == Point.PLACED:
            self._placed[call.pk] += 1
            if self._placed[call.pk] == 2:
                stop_call(call, TWO_OF_FOUR)
        elif sender == Point.DECODED:
            self._with_half_a_thumbnail(call)
        else:
            stop_call(call, sender)

    def _with_half_a_thumbnail(self, call: Any) -> None:
        """As a kill leaves it that comes while one is written."""
        from django.conf import settings

        from generator.models import Image

        if f"[{THUMBNAIL}]" not in call.generation.prompt:
            return
        whole = Path(settings.MEDIA_ROOT, Image(pk=Image.id_for(call, 0)).thumb_name(settings.THUMB_WIDTHS[0]))
        whole.parent.mkdir(parents=True, exist_ok=True)
        half = whole.with_name(f"{whole.name}.{os.getpid()}-0.part")
        half.write_bytes(bytes(100))
        stop_call(call, THUMBNAIL)
        half.unlink()

    def at_event(self, instance: Any, **_: Any) -> None:
        """The row of the claim is written, with its line in the history, and the transaction is open."""
        if instance.what == instance.What.CLAIMED:
            stop_call(instance.call, CLAIMING)


def count_look(**_: Any) -> None:
    with (FOLDER / "looks").open("ab") as file:
        file.write(b".")


class BackupStop:
    """Where a backup stands still."""

    def __init__(self, point: str) -> None:
        self._point = point
        self._step, self._number = BACKUP_POINTS[point]
        self._met = 0

    def at_step(self, sender: str, **_: Any) -> None:
        self._met += sender == self._step
        if sender == self._step and self._met == self._number:
            stand_still(FOLDER / f"backup-{self._point}")


def listen() -> list[object]:
    """Whoever listens; a signal does not keep them alive."""
    from django.db.models.signals import post_save

    from gallery.backup.take import step
    from generator.models import Event
    from generator.worker.points import looked, passed

    looked.connect(count_look)
    stops = Stops()
    passed.connect(stops.at_point)
    post_save.connect(stops.at_event, sender=Event)
    backups = [BackupStop(point) for point in [os.environ.get("DRILL_BACKUP_POINT")] if point]
    for backup in backups:
        step.connect(backup.at_step)
    return [stops, *backups]


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gallery.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    listeners = listen()
    execute_from_command_line(sys.argv)
