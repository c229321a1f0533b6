"""Lines as CSV and JSON files, written while they are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, StreamingHttpResponse

from gallery.csv_export import csv_lines

Line = Mapping[str, Any]


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
