"""The admin's lists among a great many rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.models import Comment, Decision, Notice, Report
from generator.admin.lists import CappedPaginator, Ledger
from generator.models import Image
from tests.conftest import Cast

MakeImage = Callable[..., Image]


@pytest.fixture
def mo(client: Client, cast: Cast) -> Client:
    client.force_login(cast.moderator)
    return client


def test_a_list_counts_no_further_than_it_must(
    mo: Client, cast: Cast, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CappedPaginator, "most", 3)
    for _ in range(5):
        make_image(cast.owner)
    with CaptureQueriesContext(connection) as queries:
        page = " ".join(mo.get("/admin/generator/image/").content.decode().split())
    assert "more than 3 pictures" in page
    counting = [query["sql"] for query in queries if query["sql"].startswith("SELECT COUNT(")]
    counting = [sql for sql in counting if "generator_image" in sql]  # the header counts, too
    assert counting
    assert all("LIMIT 4" in sql for sql in counting)


def test_a_short_list_is_counted_exactly(mo: Client, cast: Cast, make_image: MakeImage) -> None:
    make_image(cast.owner)
    page = " ".join(mo.get("/admin/generator/image/").content.decode().split())
    assert "1 picture" in page
    assert "more than" not in page


@pytest.mark.parametrize(("query", "order"), [("", "id"), ("?person=olga", "created_at")])
def test_calls_come_in_the_order_of_an_index(
    mo: Client, cast: Cast, make_image: MakeImage, query: str, order: str
) -> None:
    """That of a member's calls is in the order of time; sorting all of somebody's takes long."""
    make_image(cast.owner)
    with CaptureQueriesContext(connection) as queries:
        mo.get(f"/admin/generator/call/{query}")
    assert any(f'ORDER BY "generator_call"."{order}" DESC' in each["sql"] for each in queries)


def test_no_list_of_the_ledger_counts_everything_or_offers_to() -> None:
    lists = [desk for desk in admin.site._registry.values() if isinstance(desk, Ledger)]
    assert len(lists) >= 8
    for desk in lists:
        assert desk.paginator is CappedPaginator
        assert not desk.show_full_result_count
        assert desk.show_facets is admin.ShowFacets.NEVER
        assert not desk.date_hierarchy


def act(client: Client, action: str, *chosen: Any) -> str:
    data = {"action": action, "_selected_action": [row.pk for row in chosen], "index": 0}
    return str(client.post("/admin/gallery/report/", data, follow=True).content.decode())


def test_a_report_resolved_here_is_decided_as_in_the_inbox(mo: Client, cast: Cast, make_image: MakeImage) -> None:
    report = Report.objects.create(image=make_image(cast.owner), user=cast.member, reason="other")
    assert "Resolved: 1." in act(mo, "resolve", report)
    assert "Resolved: 0." in act(mo, "resolve", report)
    decision = Decision.objects.get()
    assert (decision.moderator, decision.action) == (cast.moderator, "fine")
    assert Notice.objects.count() == 2
    assert "No problem" in mo.get("/admin/gallery/decision/").content.decode()
    assert mo.get(f"/admin/gallery/decision/{decision.pk}/change/").status_code == 200


def test_what_staff_do_here_is_in_the_audit_log(mo: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    Comment.objects.create(image=image, user=cast.member, text="Rude.", token="t")
    for path, action, row in (
        ("generator/image", "throw_away", image),
        ("generator/image", "take_back", image),
        ("gallery/comment", "remove", Comment.objects.get()),
    ):
        mo.post(f"/admin/{path}/", {"action": action, "_selected_action": [row.pk], "index": 0})
    mine = LogEntry.objects.filter(actor=cast.moderator).exclude(action=LogEntry.Action.ACCESS).order_by("pk")
    assert [sorted(entry.changes) for entry in mine] == [["removed_at", "trashed_at"]] * 2 + [["state"]]
