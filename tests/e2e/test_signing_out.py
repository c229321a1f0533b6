"""The next person in the browser finds nothing of the one before."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor
from tests.e2e.stage import PASSWORD


def test_back_and_the_next_person_find_nothing(
    visit: Callable[..., Visitor], painter: Member, newcomer: Member
) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.go("/create/")
    visitor.prompt.fill("A letter that nobody else may read")
    visitor.choose_from_menu("Sign out")
    expect(visitor.page.get_by_label("Password", exact=True)).to_be_visible()
    for _ in range(2):
        visitor.page.go_back()
        expect(visitor.page.get_by_label("Password", exact=True)).to_be_visible()
    visitor.go("/create/")
    visitor.sign_in(newcomer.name, PASSWORD)
    expect(visitor.prompt).to_have_value("")
