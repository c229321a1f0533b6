"""Figures as lines of a Markdown table."""

import os
import statistics
from collections.abc import Sequence

from django.db import connection


def conditions() -> str:
    """What the figures depend on, in one line."""
    version = ".".join(map(str, connection.get_database_version()))
    return f"{connection.display_name} {version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def p95(values: Sequence[float]) -> float:
    """The smallest value that at least 95 of 100 do not exceed."""
    return sorted(values)[-(-len(values) * 95 // 100) - 1]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def head(*names: str) -> None:
    line(*names)
    line(*["---"] * len(names))


def line(*cells: object) -> None:
    print("|", " | ".join(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in cells), "|", flush=True)
