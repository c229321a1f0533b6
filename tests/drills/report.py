"""The table at the end: what each drill did and what came of it."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields


@dataclass
class Line:
    """One drill on one database. `seconds` is from the return of the worker until nothing was unsettled any more."""

    drill: str
    database: str
    kills: int = 0
    calls: int = 0
    charged: int = 0
    done: int = 0
    shown: int = 0
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    seconds: float = 0.0


# Of the drill that runs.
LINES: list[Line] = []


def table(lines: list[Line]) -> list[str]:
    """`shown` are calls that wait for a person: failed or of unknown outcome."""
    names = [field.name for field in fields(Line)]
    numbers = names[2:]
    total = Line("all of them", "", **{name: sum(getattr(line, name) for line in lines) for name in numbers[:-1]})
    total.seconds = max((line.seconds for line in lines), default=0.0)
    rows = [names, *([_text(cell) for cell in astuple(line)] for line in [*lines, total])]
    widths = [max(len(row[place]) for row in rows) for place in range(len(names))]
    return ["  ".join(_pad(cell, width, place) for place, (cell, width) in enumerate(zip(row, widths, strict=True)))
            for row in rows]  # fmt: skip


def _text(cell: object) -> str:
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)


def _pad(cell: str, width: int, place: int) -> str:
    return cell.ljust(width) if place < 2 else cell.rjust(width)
