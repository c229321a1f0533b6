"""The ledger page by page, and what is taken out of it as files."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.exports import as_csv, as_json
from generator.models import Call
from tests.conftest import Cast
from tests.gallery.usage.conftest import AROUND
from tests.gallery.usage.test_pages import THERE, text_of


def read(answer: Any) -> str:
    assert answer.status_code == 200
    assert answer.streaming
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_every_call_is_on_exactly_one_page(staff: Client, ledger: Any) -> None:
    found: list[str] = []
    path = "/usage/ledger/?since=2025-10-01&until=2025-11-30"
    while path:
        content = text_of(staff.get(path))
        found += re.findall(r'<th scope="row"><a href="/generations/([0-9a-f-]+)/', content)
        older = re.search(r'rel="next" href="([^"]*)"', content)
        path = "/usage/ledger/" + older[1].replace("&amp;", "&") if older else ""
    newest = Call.objects.order_by("-created_at", "-pk").values_list("generation", flat=True)
    assert found == [str(pk) for pk in newest]
    assert len(found) == 150


def test_a_later_page_is_read_from_its_beginning_on(staff: Client, ledger: Any) -> None:
    """Two upper bounds of the time would make SQLite read all the newer calls again."""
    older = re.search(r'rel="next" href="([^"]*)"', text_of(staff.get("/usage/ledger/", THERE)))
    assert older
    with CaptureQueriesContext(connection) as captured:
        text_of(staff.get("/usage/ledger/" + older[1].replace("&amp;", "&")))
    (query,) = [each["sql"] for each in captured if 'ORDER BY "generator_call"."created_at" DESC' in each["sql"]]
    assert len(re.findall(r'"created_at" <', query)) == 1


def test_a_cursor_leads_to_no_day_beyond_those_asked_for(staff: Client, ledger: Any) -> None:
    def lines(**more: str) -> str:
        return text_of(staff.get("/usage/ledger/", THERE | more)).partition("<tbody>")[2].partition("</tbody>")[0]

    assert lines(before="2026-01-01T00:00:00+00:00~018f0000-0000-7000-8000-000000000000") == lines()


@pytest.mark.parametrize(
    "before",
    [
        "x", "2025-10-26~y", "~", "2025-10-26T00:00:00~018f0000-0000-7000-8000-000000000000",
        "0001-01-01T00:00:00+14:00~018f0000-0000-7000-8000-000000000000",
        "9999-12-31T23:59:59-14:00~018f0000-0000-7000-8000-000000000000",
    ],
)  # fmt: skip
def test_a_mangled_cursor_shows_the_first_page(staff: Client, ledger: Any, before: str) -> None:
    assert text_of(staff.get("/usage/ledger/", THERE | {"before": before})).count('<th scope="row">') == 50


def test_a_line_shows_everything_of_its_call(staff: Client, cast: Cast, add_call: Callable[..., Call]) -> None:
    call = add_call(
        cast.owner, AROUND, state="failed", error_kind="provider", error="It broke.", http_status=500, tries=3,
        reply_id="imagen_abc", reply_model="kandinsky", api_user=77, usage=1311, elapsed_time=3.2,
        lease="host:12:x", finished_at=AROUND + timedelta(seconds=48), pictures=0,
    )  # fmt: skip
    content = text_of(staff.get("/usage/ledger/", THERE))
    for words in (
        "olga", "flux, kandinsky", "imagen_abc", "user 77", "1,311", "3.2 s", "48 s", "host:12", "It broke.",
        "HTTP 500", ">3<", f"/generations/{call.generation_id}/", "0 of 1",
    ):  # fmt: skip
        assert words in content, words
    assert "A teal square" not in content
    line = json.loads(read(staff.get("/usage/ledger.json", THERE)))[0]
    assert line["page"] == f"http://testserver/generations/{call.generation_id}/"
    assert (line["asked_model"], line["answering_model"], line["waited_seconds"]) == ("flux", "kandinsky", 48.0)
    assert "A teal square" not in json.dumps(line)


def test_files_hold_what_the_page_shows(staff: Client, ledger: Any) -> None:
    asked = THERE | {"table": "members", "sort": "name", "state": "succeeded"}
    content = text_of(staff.get("/usage/", asked))
    shown = re.findall(r'<th scope="row"><a href="/usage/ledger/[^"]*">(\w+)</a></th><td class="num">(\d+)<', content)
    rows = list(csv.DictReader(StringIO(read(staff.get("/usage/table.csv", asked)))))
    assert [(row["member"], row["calls"]) for row in rows] == shown
    assert [row["member"] for row in json.loads(read(staff.get("/usage/table.json", asked)))] == ["max", "olga", "sam"]
    lines = list(csv.DictReader(StringIO(read(staff.get("/usage/ledger.csv", asked)))))
    assert len(lines) == sum(int(calls) for _, calls in shown)
    assert {line["state"] for line in lines} == {"succeeded"}
    assert staff.get("/usage/ledger.xml", asked).status_code == 404


def test_no_cell_is_a_formula(staff: Client, cast: Cast, add_call: Callable[..., Call]) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]
    for text in evil:
        add_call(cast.owner, AROUND, text, state="failed", error=text, units=-1)
    rows = list(csv.DictReader(StringIO(read(staff.get("/usage/ledger.csv", THERE)), newline="")))
    assert {row["error"] for row in rows} == {f"'{text}" for text in evil}
    assert {row["asked_model"] for row in rows} == {f"'{text}" for text in evil}
    assert {row["counted_units"] for row in rows} == {"-1"}
    assert {line["error"] for line in json.loads(read(staff.get("/usage/ledger.json", THERE)))} == set(evil)


def test_files_of_nothing_can_be_read() -> None:
    assert "".join(as_csv([])) == ""
    assert json.loads("".join(as_json([]))) == []


def test_a_file_is_written_while_it_is_read() -> None:
    def lines() -> Any:
        yield {"a": 1}
        raise RuntimeError

    found = as_csv(lines())
    assert [next(found), next(found)] == ["\ufeffa\r\n", "1\r\n"]
    with pytest.raises(RuntimeError):
        next(found)


def test_a_table_says_to_spreadsheets_in_which_letters_it_is_written() -> None:
    assert "".join(as_csv([{"name": "\u00d6l"}])) == "\ufeffname\r\n\u00d6l\r\n"
