"""`manage.py backup` for drills: stands still at the point that `DRILL_BACKUP_POINT` names, if it is set.

There it leaves a file `backup-<point>` in the folder `DRILL_POINTS`, and goes on when `backup-<point>.go` appears.
"""

from __future__ import annotations

import os
import sys
import time
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])
# Before the call with this number of this function of gallery.backup.take.
SEAMS = {"dumping": ("take", 1), "pictures": ("_add_original", 7), "whole": ("unpack", 1), "named": ("sync_folder", 1)}


def stand_still(point: str) -> None:
    mark = Path(os.environ["DRILL_POINTS"], f"backup-{point}")
    mark.touch()
    while not mark.with_suffix(".go").exists():
        time.sleep(0.05)


def install(point: str) -> None:
    from gallery.backup import take

    name, number = SEAMS[point]
    plain, numbers = getattr(take, name), count(1)

    @wraps(plain)
    def stopping(*args: Any) -> Any:
        if next(numbers) == number:
            stand_still(point)
        return plain(*args)

    setattr(take, name, stopping)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gallery.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    if wanted := os.environ.get("DRILL_BACKUP_POINT"):
        install(wanted)
    execute_from_command_line(sys.argv)
