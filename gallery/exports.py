"""Downloads of tables, written while they are read: CSV that no spreadsheet takes for formulas, and JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, StreamingHttpResponse

Line = Mapping[str, Any]

# A cell that begins like this is a formula to some spreadsheet (OWASP, "CSV Injection"), in full width to some too.
# defusedcsv 3.0 knows the first four; it also changes what stands in a cell (`|`), and writes no `T` in a moment.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


# Spreadsheets take a file that begins so for UTF-8.
BOM = "\ufeff"


class _Echo:
    """Gives back what the writer writes, so that rows leave one by one."""

    def write(self, text: str) -> str:
        return text


def csv_lines(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The head and a line for each row; cells that would begin a formula begin with an apostrophe instead."""
    writer: Any = csv.writer(_Echo())
    yield BOM + writer.writerow(head)
    for row in rows:
        yield writer.writerow(map(safe_cell, row))


def safe_cell(value: Any) -> Any:
    """Numbers stay numbers, also negative ones; only text can be a formula."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_csv(lines: Iterable[Line]) -> Iterator[str]:
    """The names of the first line as head; nothing at all if there are no lines."""
    lines = iter(lines)
    if (first := next(lines, None)) is not None:
        yield from csv_lines(first, (line.values() for line in chain([first], lines)))


def as_json(lines: Iterable[Line]) -> Iterator[str]:
    """A list of objects, one a line."""
    begin = "[\n"
    for line in lines:
        yield begin + json.dumps(line, cls=DjangoJSONEncoder, ensure_ascii=False)
        begin = ",\n"
    yield "[]\n" if begin == "[\n" else "\n]\n"


_FORMS = {"csv": (as_csv, "text/csv; charset=utf-8"), "json": (as_json, "application/json")}


def file(name: str, form: str, lines: Iterable[Line]) -> StreamingHttpResponse:
    """A download of these lines. 404 for a form that there is not."""
    if form not in _FORMS:
        raise Http404("no such form")
    write, content_type = _FORMS[form]
    response = StreamingHttpResponse(write(lines), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
