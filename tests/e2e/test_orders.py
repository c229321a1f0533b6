"""In which order pictures hang, and from one page of them to the next and back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor
from tests.e2e.test_phone import PHONE

Visit = Callable[..., Visitor]
SHUFFLED = re.compile(r"/\?order=random&seed=\d+$")


def shown(visitor: Visitor) -> list[str]:
    """The ids of the pictures on the page, in their order."""
    cards = visitor.main.locator(".image-grid .image-card")
    expect(cards.first).to_be_visible()
    found: list[str] = cards.evaluate_all("cards => cards.map((card) => card.dataset.image)")
    return found


def follow(visitor: Visitor, name: str) -> list[str]:
    """To another page by a link."""
    with visitor.page.expect_navigation():
        visitor.main.get_by_role("link", name=name, exact=True).click()
    return shown(visitor)


def test_an_order_is_chosen_by_keys_and_pictures_are_walked_in_it(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.is_ready()
    visitor.main.get_by_role("combobox", name="Order").focus()
    visitor.page.keyboard.type("Ran")
    visitor.press("Tab")  # whoever walks through by keys says when it is the one
    visitor.press("Enter")
    visitor.page.wait_for_url(SHUFFLED)
    first, second = shown(visitor)[:2]
    chosen = visitor.page.url
    visitor.main.locator(f"[data-image='{first}']").focus()
    visitor.press("Enter")
    expect(visitor.main.get_by_text("1 of 5")).to_be_visible()
    visitor.press("ArrowRight")
    visitor.page.wait_for_url(f"**/images/{second}/**")
    visitor.press("Escape")
    visitor.page.wait_for_url(chosen)
    again = visitor.main.get_by_role("link", name="Shuffle again")
    again.focus()
    visitor.press("Enter")
    visitor.page.wait_for_url(lambda url: bool(SHUFFLED.search(url)) and url != chosen)
    assert sorted(shown(visitor)) == sorted(painter.pictures)


def test_on_a_phone_one_shuffles_with_a_finger(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, **PHONE)
    visitor.go("/mine/")
    visitor.is_ready()
    visitor.main.get_by_role("combobox", name="Order").select_option("random")
    visitor.page.wait_for_url(SHUFFLED)
    chosen = visitor.page.url
    visitor.fits()
    visitor.main.get_by_role("link", name="Shuffle again").tap()
    visitor.page.wait_for_url(lambda url: bool(SHUFFLED.search(url)) and url != chosen)
    assert sorted(shown(visitor)) == sorted(painter.pictures)


def test_pages_are_turned_forth_and_back_without_a_script(visit: Visit, newcomer: Member, crowd: None) -> None:
    visitor = visit(newcomer, java_script_enabled=False)
    visitor.go("/")
    newest = shown(visitor)
    older = follow(visitor, "Older")
    assert not set(newest) & set(older)
    assert follow(visitor, "Newer") == newest
    visitor.main.get_by_role("combobox", name="Order").select_option("random")
    visitor.main.get_by_role("button", name="Sort").click()
    visitor.page.wait_for_url(SHUFFLED)
    first = shown(visitor)
    further = follow(visitor, "More")
    assert not set(first) & set(further)
    with visitor.page.expect_navigation():
        visitor.main.locator(f"[data-image='{further[3]}']").click()
    assert follow(visitor, "Back to the pictures")[0] == further[3]
    assert follow(visitor, "Previous page")[-3:] == further[:3]
    assert follow(visitor, "First page") == first
