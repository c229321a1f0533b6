"""Tables as CSV that a spreadsheet opens without taking any cell for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

# A cell that begins like this is a formula to some spreadsheet (OWASP, "CSV Injection"), in full width to some too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Echo:
    """Gives back what the writer writes, so that rows leave one by one."""

    def write(self, text: str) -> str:
        return text


def csv_lines(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The head and a line for each row; cells that would begin a formula begin with an apostrophe instead."""
    writer: Any = csv.writer(_Echo())
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow(map(safe_cell, row))


def safe_cell(value: Any) -> Any:
    """Numbers stay numbers, also negative ones; only text can be a formula."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
