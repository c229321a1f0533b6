"""What the doctor says: a sentence about what is wrong, and one about what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Trouble wants somebody to act; a notice wants somebody to know."""

    TROUBLE = "trouble"
    NOTICE = "notice"


@dataclass(frozen=True)
class Finding:
    """One thing found. `area` is a word: database, folders, settings, worker, queue, API, spool, mail, cell, proxy,
    files, search, orders or timeline."""

    level: Level
    area: str
    sentence: str
    advice: str

    @property
    def is_trouble(self) -> bool:
        return self.level == Level.TROUBLE


def counted(number: int, one: str, many: str = "") -> str:
    """`1 call`, `1,200 calls`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def lasting(seconds: float) -> str:
    """A time in the largest unit that fits: `40 seconds`, `2 hours`."""
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(int(seconds // size), unit)
    return counted(int(seconds), "second")
