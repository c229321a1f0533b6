"""The inbox as staff see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.models import Comment, Decision, Report
from gallery.moderation import items
from gallery.moderation.decide import decide
from generator.models import Image
from tests.conftest import Cast, markup

Say = Callable[..., Comment]


def told(answer: object) -> list[str]:
    return re.findall(r'<div class="toast" data-toast.*?<p>(.*?)</p>', answer.content.decode(), re.S)  # type: ignore[attr-defined]


def test_it_shows_the_picture_its_prompt_who_and_why(mo: Client, report: Report, say: Say) -> None:
    say("Is that Hamburg?")
    page = mo.get("/inbox/").content.decode()
    for fact in (
        "A quiet harbour", "Shows a real person or private matter", "That is my door.", "max", "olga",
        f"/images/{report.image_id}/thumbs/320/", "Is that Hamburg?", "everyone signed in",
    ):  # fmt: skip
        assert fact in page
    assert page.index("Is that Hamburg?") < page.index("That is my door."), "newest first"


def test_an_empty_inbox_says_so(mo: Client) -> None:
    assert "All done" in mo.get("/inbox/").content.decode()
    assert "Nothing decided yet" in mo.get("/inbox/?state=done").content.decode()


def test_members_find_nothing_and_visitors_sign_in(client: Client, cast: Cast) -> None:
    assert client.get("/inbox/")["Location"] == "/accounts/login/?next=/inbox/"
    client.force_login(cast.member)
    assert client.get("/inbox/").status_code == 404


@pytest.mark.parametrize(
    ("query", "shown"), [("", [1, 1]), ("?kind=reports", [1, 0]), ("?kind=comments", [0, 1]), ("?kind=no", [1, 1])]
)
def test_it_is_filtered_by_kind(mo: Client, report: Report, say: Say, query: str, shown: list[int]) -> None:
    say("Is that Hamburg?")
    page = mo.get(f"/inbox/{query}").content.decode()
    assert [page.count("That is my door."), page.count("Is that Hamburg?")] == shown


def test_pages_follow_each_other_without_gaps(
    cast: Cast, report: Report, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "PAGE_SIZE", 2)
    said = [say(str(number)).pk for number in range(5)]
    seen: list[object] = []
    before, pages = None, 0
    while before or not pages:
        page = items.waiting_page("", before)
        seen += [line.pk for line in page.rows]
        before, pages = page.older, pages + 1
    assert seen == [*reversed(said), report.pk]


@pytest.mark.parametrize("query", ["?kind=comments", "?state=done&kind=comments"])
def test_older_ones_are_a_page_further_and_newest_leads_back(
    mo: Client, cast: Cast, say: Say, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "PAGE_SIZE", 2)
    for number in range(3):
        made = say(f"No. {number}")
        if "done" in query:
            decide(cast.moderator, made, "fine")
    page = mo.get(f"/inbox/{query}&before=nonsense").content.decode()
    assert ["No. 2" in page, "No. 0" in page, ">Newest<" in page] == [True, False, False]
    further = unescape(page.partition('rel="next" href="')[2].partition('"')[0])
    assert further.startswith(query)
    page = mo.get(f"/inbox/{further}").content.decode()
    assert ["No. 2" in page, "No. 0" in page, ">Newest<" in page] == [False, True, True]
    assert f'href="{escape(query)}">Newest</a>' in page
    assert 'rel="next"' not in page


def test_beyond_the_oldest_there_is_a_way_back(mo: Client) -> None:
    page = mo.get("/inbox/?kind=reports&before=00000000-0000-7000-8000-000000000000").content.decode()
    assert "That was the oldest one" in page
    assert 'href="?kind=reports">Back to the newest' in page


def test_ten_more_items_cost_no_more_queries(
    mo: Client, cast: Cast, say: Say, make_image: Callable[..., Image]
) -> None:
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert mo.get(path).status_code == 200
        return len(queries)

    def fill(number: int) -> None:
        for _ in range(number):
            say()
            Report.objects.create(image=make_image(cast.owner), user=cast.member, reason="other")
            decided = Report.objects.create(image=make_image(cast.owner), user=cast.member, reason="other")
            mo.post(f"/inbox/reports/{decided.pk}/", {"decision": "hide"})

    paths = ("/inbox/", "/inbox/?state=done")
    fill(1)
    for path in paths:
        mo.get(path)
    before = [count(path) for path in paths]
    fill(10)
    assert [count(path) for path in paths] == before


@pytest.mark.parametrize(
    ("action", "sentence"), [("fine", "No problem found."), ("hide", "Hidden."), ("trash", "Moved to the trash.")]
)
def test_a_decision_is_said_with_a_way_back(mo: Client, report: Report, action: str, sentence: str) -> None:
    page = mo.post(f"/inbox/reports/{report.pk}/", {"decision": action}, follow=True)
    assert told(page) == [sentence]
    undo = f"/inbox/decisions/{Decision.objects.get().pk}/undo/"
    assert f'action="{undo}"' in page.content.decode()
    assert told(mo.post(undo, follow=True)) == ["Undone. It is in the inbox again."]
    assert told(mo.post(undo, follow=True)) == ["This was undone or answered already."]
    assert "That is my door." in mo.get("/inbox/").content.decode()


def test_it_comes_back_to_the_same_filter(mo: Client, report: Report) -> None:
    answer = mo.post(f"/inbox/reports/{report.pk}/", {"decision": "fine", "kind": "reports"})
    assert answer["Location"] == "/inbox/?kind=reports"
    (undo,) = re.findall(r'action="(/inbox/decisions/[^"]*)"', mo.get("/inbox/?kind=reports").content.decode())
    assert mo.post(undo)["Location"] == "/inbox/?kind=reports"


def test_whoever_comes_second_is_told(mo: Client, client: Client, cast: Cast, report: Report) -> None:
    mo.post(f"/inbox/reports/{report.pk}/", {"decision": "hide"}, follow=True)
    client.force_login(cast.admin)
    answer = client.post(f"/inbox/reports/{report.pk}/", {"decision": "trash"}, follow=True)
    assert told(answer) == ["Already decided by mo: hide."]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose what to do."),
        ({"decision": "burn"}, "Select a valid choice. burn is not one of the available choices."),
        ({"decision": "ask"}, "Write what you want to ask."),
        ({"decision": "ask", "note": "x" * 501}, "Ask in at most 500 characters; these are 501."),
    ],
)
def test_nonsense_decides_nothing(mo: Client, report: Report, data: dict[str, str], sentence: str) -> None:
    assert told(mo.post(f"/inbox/reports/{report.pk}/", data, follow=True)) == [sentence]
    assert not Decision.objects.exists()


def test_all_comments_on_the_page_are_fine_and_that_is_undone(mo: Client, report: Report, say: Say) -> None:
    for _ in range(3):
        say()
    shown = re.findall(r'name="comment" value="([^"]+)"', mo.get("/inbox/").content.decode())
    assert len(shown) == 3
    late = say("Too late to be seen")
    page = mo.post("/inbox/comments/fine/", {"comment": [*shown, "nonsense"]}, follow=True)
    assert told(page) == ["Comments found fine: 3."]
    assert list(Comment.objects.filter(seen_at=None)) == [late]
    undo = re.search(r'action="(/inbox/batches/[^"]+)"', page.content.decode())
    assert undo
    assert told(mo.post(undo[1], follow=True)) == ["Undone: 3."]
    assert Comment.objects.filter(seen_at=None).count() == 4
    assert told(mo.post("/inbox/comments/fine/", {"comment": "nonsense"}, follow=True)) == [
        "Somebody has looked at these comments already."
    ]


def test_the_done_ones_can_be_undone_and_stay_listed(mo: Client, report: Report) -> None:
    mo.post(f"/inbox/reports/{report.pk}/", {"decision": "trash"})
    page = mo.get("/inbox/?state=done&kind=reports").content.decode()
    assert "Decided by mo" in page
    assert "That is my door." not in mo.get("/inbox/?state=done&kind=comments").content.decode()
    mo.post(f"/inbox/decisions/{Decision.objects.get().pk}/undo/", {"state": "done"})
    page = mo.get("/inbox/?state=done").content.decode()
    assert "Undone by mo" in page
    assert "/undo/" not in page


def test_an_answer_stands_beside_the_item(mo: Client, client: Client, cast: Cast, report: Report) -> None:
    mo.post(f"/inbox/reports/{report.pk}/", {"decision": "ask", "note": "Whose door is it?"})
    client.force_login(cast.owner)
    client.post(f"/notices/{cast.owner.notices.get().pk}/answer/", {"text": "My own."})
    client.force_login(cast.moderator)
    page = client.get("/inbox/").content.decode()
    assert "mo asked: Whose door is it?" in page
    assert "My own." in page


def test_the_header_counts_for_staff_only(mo: Client, client: Client, cast: Cast, report: Report, say: Say) -> None:
    say()
    assert '<span class="bell-count">2<' in markup(mo.get("/"))
    client.force_login(cast.member)
    page = client.get("/").content.decode()
    assert "bell-count" not in page
    assert 'href="/inbox/"' not in page


def test_a_decision_on_an_older_page_leads_back_to_that_page(mo: Client, report: Report, say: Say) -> None:
    newest, older = say("Newer."), f"?kind=comments&before={say('Newest.').pk}"
    shown = mo.get(f"/inbox/{older}").content.decode()
    assert "Newest." not in shown
    assert '">Newest</a>' in shown
    [cursor] = set(re.findall(r'name="before" value="([^"]*)"', shown))
    given = {"decision": "fine", "kind": "comments", "before": cursor}
    assert mo.post(f"/inbox/comments/{newest.pk}/", given)["Location"] == f"/inbox/{older}"
    undo = re.findall(r'action="(/inbox/decisions/[^"]*)"', mo.get(f"/inbox/{older}").content.decode())
    assert [address.replace("&amp;", "&").partition("?")[2] for address in undo] == [older.removeprefix("?")]
    given["before"] = "nonsense"
    assert mo.post(f"/inbox/comments/{newest.pk}/", given)["Location"] == "/inbox/?kind=comments"
