"""Who used what: an administrator looks at everybody, a member at themselves."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor

Visit = Callable[..., Visitor]


def test_an_administrator_reviews_and_takes_the_ledger_away(visit: Visit, painter: Member, moderator: Member) -> None:
    boss = visit(moderator)
    boss.go("/")
    boss.choose_from_menu("Usage")
    expect(boss.page.get_by_role("heading", level=1, name="Usage")).to_be_visible()
    expect(boss.page.get_by_role("img", name="Calls by model")).to_be_visible()
    boss.main.get_by_text("The figures as a table").first.click()
    expect(boss.page.get_by_role("region", name="Calls by model, as a table")).to_be_visible()
    boss.main.get_by_label("Member").fill(painter.name)
    boss.main.get_by_role("button", name="Show").click()
    boss.main.get_by_role("navigation", name="Tables").get_by_role("link", name="Members").click()
    boss.main.get_by_role("rowheader").get_by_role("link", name=painter.name).click()
    expect(boss.page.get_by_role("heading", level=1, name="Ledger")).to_be_visible()
    lines = boss.main.get_by_role("region", name="Calls").locator("tbody tr")
    expect(lines).to_have_count(len(painter.pictures))
    with boss.page.expect_download() as caught:
        boss.main.get_by_role("link", name="CSV").click()
    text = caught.value.path().read_text()
    assert text.count("\n") == len(painter.pictures) + 1
    assert "study" not in text


def test_a_member_sees_only_their_own(visit: Visit, painter: Member) -> None:
    member = visit(painter)
    member.go("/")
    member.choose_from_menu("My usage")
    expect(member.page.get_by_role("heading", name="My limits")).to_be_visible()
    member.main.get_by_role("link", name="Ledger").click()
    expect(member.main.get_by_role("region", name="Calls").locator("tbody tr")).to_have_count(len(painter.pictures))
    member.go("/usage/", expecting=404)
