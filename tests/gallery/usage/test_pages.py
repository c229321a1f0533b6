"""The pages of usage: what they show to whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generator.models import Call, Limit, Price
from generator.worker.rollup import roll_up
from tests.conftest import Cast, markup
from tests.gallery.usage.conftest import AROUND, local

THERE = {"since": "2025-10-18", "until": "2025-11-03"}
PAGES = ["/usage/", "/usage/me/", "/usage/ledger/", "/usage/me/ledger/"]


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return markup(answer)


@pytest.mark.parametrize("path", PAGES)
def test_it_works_and_says_so_when_there_is_nothing(staff: Client, path: str) -> None:
    assert "No calls" in text_of(staff.get(path))


@pytest.mark.parametrize("more", [{}, {"chart": "member", "table": "members"}, {"table": "groups"}, {"table": "taste"}])
def test_the_page_of_a_time_with_calls(staff: Client, ledger: Any, more: dict[str, str]) -> None:
    content = text_of(staff.get("/usage/", THERE | more))
    assert "Line by line" in content
    assert content.count('role="img"') == 6  # three charts, and each once more for a phone
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*src=)|\son\w+=", content)


def test_members_see_only_their_own(client: Client, cast: Cast, ledger: Any) -> None:
    client.force_login(cast.stranger)
    own = Call.objects.filter(
        user=cast.stranger, created_at__gte=local("2025-10-18 00:00"), created_at__lt=local("2025-11-04 00:00")
    )
    content = text_of(client.get("/usage/me/", THERE | {"member": "olga", "group": "class a"}))
    assert "olga" not in content
    assert f'<dd class="total-now">{own.count()}</dd>' in content
    found = b"".join(client.get("/usage/me/ledger.csv", THERE | {"member": "olga"}).streaming_content).decode(
        "utf-8-sig"
    )  # type: ignore[attr-defined]
    assert found.count("\r\n") == own.count() + 1
    assert "olga" not in found


def test_others_are_kept_out(client: Client, cast: Cast) -> None:
    for path in ("/usage/", "/usage/ledger/", "/usage/table.csv", "/usage/ledger.json"):
        assert client.get(path)["Location"].startswith("/accounts/login/")
    client.force_login(cast.member)
    for path in ("/usage/", "/usage/ledger/", "/usage/table.csv", "/usage/ledger.json"):
        assert client.get(path).status_code == 404


def test_a_member_sees_what_is_left_of_their_limits(client: Client, cast: Cast) -> None:
    Limit.objects.create(what=Limit.What.PICTURES_DAY, amount=10, each=True)
    client.force_login(cast.member)
    assert "10 of 10" in text_of(client.get("/usage/me/"))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"since": "2026-03-02", "until": "2026-03-01"}, "The first day must not be after the last."),
        ({"since": "yesterday"}, "Enter a valid date."),
        ({"until": "9999-12-31", "since": "0001-01-01"}, "Choose days between"),
        ({"member": "nobody-here"}, "There is no member of this name."),
        ({"group": "nobody-here"}, "Select a valid choice"),
        ({"range": "for-ever"}, "Select a valid choice"),
        ({"sort": "<b>"}, "Enter a valid value."),
    ],
)
@pytest.mark.parametrize("path", ["/usage/", "/usage/ledger/"])
def test_nonsense_is_explained(staff: Client, path: str, query: dict[str, str], sentence: str) -> None:
    answer = staff.get(path, query)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert staff.get("/usage/ledger.csv", query).status_code == 404


def test_money_says_its_currency(staff: Client, ledger: Any, settings: Any) -> None:
    Price.objects.create(model="flux", valid_from="2025-01-01", per_call=1)
    for currency, label in (("CHF", "Money, CHF"), ("", "Money")):
        settings.CURRENCY = currency
        assert f"<dt>{label}</dt>" in text_of(staff.get("/usage/", THERE))
        assert f">{label}</a></th>" in text_of(staff.get("/usage/", THERE))
        assert f'data-label="{label}"' in text_of(staff.get("/usage/ledger/", THERE))


def test_money_is_shown_only_where_there_is_a_price(staff: Client, ledger: Any) -> None:
    assert "Money" not in text_of(staff.get("/usage/", THERE))
    assert "Money" not in text_of(staff.get("/usage/ledger/", THERE))
    Price.objects.create(model="flux", valid_from="2025-01-01", per_call=1)
    assert "Money" in text_of(staff.get("/usage/", THERE))
    assert "Money" in text_of(staff.get("/usage/ledger/", THERE))


@pytest.mark.parametrize(
    "path", ["/usage/", "/usage/?table=members&chart=member", "/usage/?table=groups", "/usage/?table=taste", *PAGES[1:]]
)
def test_ten_more_calls_need_no_more_queries(
    staff: Client, cast: Cast, add_call: Callable[..., Call], path: str
) -> None:
    def fill(number: int) -> int:
        for place in range(number):
            for user in (cast.owner, cast.moderator, cast.member)[: 2 + (number > 3)]:
                add_call(user, timezone.now() - timedelta(hours=place), f"model {place}", state="failed")
        with CaptureQueriesContext(connection) as captured:
            text_of(staff.get(path))
        return len(captured)

    fill(2)
    assert fill(2) == fill(10)


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({"table": "models"}, 3),
        ({"table": "members", "state": "failed"}, 3),
        ({"table": "groups"}, 3),
        ({"table": "groups", "group": "class b"}, 1),
        ({"table": "groups", "group": "~none"}, 1),
        ({"table": "groups", "member": "max"}, 2),
        ({"table": "members", "group": "class a"}, 2),
    ],
)
def test_every_line_leads_to_its_calls(staff: Client, ledger: Any, more: dict[str, str], lines: int) -> None:
    content = text_of(staff.get("/usage/", THERE | more))
    assert content.count('<th scope="row"><a href="/usage/ledger/') == lines
    found = re.findall(r'<a href="(/usage/ledger/[^"]*)">[^<]*</a></th><td class="num">(\d+)<', content)
    assert len(found) == lines
    for link, calls in found:
        address = link.replace("&amp;", "&").replace("/usage/ledger/", "/usage/ledger.json")
        assert len(staff.get(address).getvalue().decode().splitlines()) - 2 == int(calls)


def test_a_member_and_a_group_are_those_who_are_both(staff: Client, ledger: Any) -> None:
    assert "No calls" in text_of(staff.get("/usage/", THERE | {"member": "sam", "group": "class a"}))
    assert "No calls" not in text_of(staff.get("/usage/", THERE | {"member": "sam", "group": "~none"}))


def test_filters_keep_the_preset_until_days_are_typed(staff: Client, cast: Cast, add_call: Callable[..., Call]) -> None:
    add_call(cast.owner, timezone.now())

    def asked(**more: str) -> tuple[str, list[str]]:
        content = text_of(staff.get("/usage/", {"range": "month", "since": "", "until": "", "member": "olga"} | more))
        said = re.findall(r'<input type="hidden" name="range" value="([^"]*)">', content)
        return said[0], re.findall(r'<input type="date" [^>]*value="([^"]*)"', content)

    assert asked() == ("month", ["", ""])
    assert asked(since="2025-10-18", until="2025-11-03") == ("days", ["2025-10-18", "2025-11-03"])


def test_failures_stand_beside_those_before(staff: Client, cast: Cast, add_call: Callable[..., Call]) -> None:
    failures = (("quota", 0), ("quota", 0), ("refused", 0), ("refused", 30), ("disk", 30))
    for kind, days in failures:
        add_call(cast.owner, timezone.now() - timedelta(days=days), state="failed", error_kind=kind)
    content = text_of(staff.get("/usage/"))
    lines = re.findall(
        r'<tr><th scope="row">([^<]*)</th><td class="num">(\d)</td><td class="num">(\d)</td></tr>', content
    )
    assert lines == [("Out of quota", "2", "0"), ("Refused by the provider", "1", "1"), ("No room on disk", "0", "1")]


def test_two_members_of_the_same_name_are_told_apart(staff: Client, cast: Cast, add_call: Callable[..., Call]) -> None:
    for user in (cast.owner, cast.member):
        user.first_name, user.last_name = "Anna", "Berg"
        user.save()
        add_call(user, AROUND)
    content = text_of(staff.get("/usage/", THERE | {"chart": "member", "table": "members"}))
    for pattern in (r'class="num">(Anna Berg[^<]*)</th>', r">(Anna Berg[^<]*)</a></th>"):
        assert sorted(re.findall(pattern, content)) == ["Anna Berg (max)", "Anna Berg (olga)"]


def test_charts_have_the_colours_that_the_member_chose() -> None:
    """Not those of the device, where the two differ."""
    for name in ("usage", "charts"):
        assert "prefers-color-scheme" not in Path(settings.BASE_DIR, f"static/css/{name}.css").read_text()


def test_tables_sort_by_any_column(staff: Client, ledger: Any) -> None:
    def order(**more: str) -> list[str]:
        content = text_of(staff.get("/usage/", THERE | {"table": "members"} | more))
        return re.findall(r'<th scope="row"><a href="/usage/ledger/[^"]*">(\w+)</a>', content)

    assert order(sort="name") == ["max", "olga", "sam"]
    assert order(sort="-name") == ["sam", "olga", "max"]
    assert order(sort="-calls") == order(sort="calls")[::-1] == order(sort="no_such")
    assert 'aria-sort="ascending"' in text_of(staff.get("/usage/", THERE | {"sort": "calls"}))


def test_whoever_has_left_is_not_named(staff: Client, cast: Cast, add_call: Callable[..., Call]) -> None:
    add_call(cast.member, AROUND, state="succeeded")
    cast.member.left_at = timezone.now()
    cast.member.save()
    for path in ("/usage/?table=members&", "/usage/ledger/?"):
        content = text_of(staff.get(f"{path}since=2025-10-26&until=2025-10-26"))
        assert "Former member" in content
        assert ">max<" not in content


def test_the_answer_is_the_same_once_rolled_up(staff: Client, ledger: Any) -> None:
    def page() -> str:
        return text_of(staff.get("/usage/", THERE | {"table": "members"})).partition("<main")[2]

    before = page()
    while roll_up():
        pass
    assert page() == before


def test_the_scale_of_a_few_calls_has_no_halves(staff: Client, cast: Cast, add_call: Callable[..., Call]) -> None:
    for _ in range(2):
        add_call(cast.owner, timezone.now(), state="failed", error_kind="quota", elapsed_time=3)
    drawings = re.findall(r"<svg.*?</svg>", text_of(staff.get("/usage/")), re.S)
    labels = [re.findall(r"<text[^>]*>([\d.]+)</text>", drawing) for drawing in drawings]
    assert [[label for label in found if label in "012" or "." in label] for found in labels if found] == [
        ["0", "1", "2"]
    ] * 6


@pytest.mark.parametrize("path", ["/usage/", "/usage/ledger/"])
def test_what_narrows_the_question_is_said_by_the_fold_and_cleared_at_once(staff: Client, path: str) -> None:
    plain = text_of(staff.get(path, {"range": "year", "table": "members"}))
    assert '<details class="fold usage-more">' in plain
    assert ">Clear</a>" not in plain
    narrowed = text_of(staff.get(path, {"range": "year", "table": "members", "state": "failed", "model": "flux"}))
    assert "<summary><span>Only<strong>flux, Failed</strong></span></summary>" in narrowed
    assert '<details class="fold usage-more" open>' in staff.get(path, {"state": "no such"}).content.decode()
    assert f'href="{path}?range=year&amp;table=members">Clear</a>' in narrowed
    assert f'href="{path}?table=members">Clear</a>' in text_of(staff.get(path, THERE | {"table": "members"}))


def test_a_change_has_a_sign_of_its_own_width(staff: Client, cast: Cast, add_call: Callable[..., Call]) -> None:
    for days in (0, 0, 0, 30, 30, 30, 30):
        add_call(cast.owner, timezone.now() - timedelta(days=days), state="succeeded")
    content = text_of(staff.get("/usage/"))
    assert "\N{MINUS SIGN}25\N{NO-BREAK SPACE}%" in content
    assert "-25" not in content


def test_an_empty_page_leads_on(staff: Client) -> None:
    for path in ("/usage/", "/usage/ledger/"):
        assert f'href="{path}?range=30-days">Clear the filters</a>' in text_of(staff.get(path, {"state": "failed"}))
    content = text_of(staff.get("/usage/"))
    assert "What is asked for is counted here as soon as it is sent" in content
    assert 'href="/create/">Create</a></p></div>' in content
