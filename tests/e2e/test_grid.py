"""The grid of a listing: by keys, in each layout, and as far as one scrolls."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.accessible import finds_nothing
from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor
from tests.e2e.test_keyboard import walk_to
from tests.e2e.test_phone import PHONE

Visit = Callable[..., Visitor]


def cards(visitor: Visitor) -> Locator:
    return visitor.main.locator("#grid > li > .image-card")


def focused(visitor: Visitor) -> str:
    """The id of the picture that has the focus."""
    return str(visitor.page.evaluate("document.activeElement.dataset.image"))


def test_from_picture_to_picture_by_keys(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    newest = painter.pictures[::-1]
    walk_to(visitor, cards(visitor).first)
    visitor.press("ArrowRight")
    assert focused(visitor) == newest[1]
    visitor.press("j")
    visitor.press("k")
    visitor.press("ArrowLeft")
    assert focused(visitor) == newest[0]
    visitor.press("ArrowLeft")
    assert focused(visitor) == newest[0]
    visitor.press("End")
    assert focused(visitor) == newest[-1]
    visitor.press("Home")
    assert focused(visitor) == newest[0]
    visitor.press("ArrowRight")
    visitor.press("Enter")
    visitor.sees_picture(painter.study(4))
    visitor.press("Escape")
    visitor.page.wait_for_url("**/mine/")


def test_up_and_down_lead_to_the_nearest_of_the_next_row(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, viewport={"width": 560, "height": 900})
    visitor.go("/mine/?layout=squares")
    visitor.press("j")
    tops = [card.bounding_box() for card in cards(visitor).all()]
    across = sum(box is not None and tops[0] is not None and box["y"] == tops[0]["y"] for box in tops)
    assert 1 < across < len(tops)
    newest = painter.pictures[::-1]
    visitor.press("ArrowRight")
    visitor.press("ArrowDown")
    assert focused(visitor) == newest[min(1 + across, len(newest) - 1)]
    visitor.press("ArrowUp")
    visitor.press("ArrowUp")
    assert newest.index(focused(visitor)) < across


def test_the_grid_is_one_tab_stop_and_says_all_of_each_picture(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.is_ready()
    expect(visitor.main.locator("#grid [tabindex='0']")).to_have_count(1)
    expect(cards(visitor).first).to_have_accessible_name(re.compile(rf"{painter.study(5)}.*by {painter.name}"))
    walk_to(visitor, cards(visitor).first)
    visitor.press("Tab")
    assert not visitor.page.evaluate("!!document.activeElement.closest('#grid')")
    visitor.press("Shift+Tab")
    assert focused(visitor) == painter.pictures[-1]


def test_a_sheet_lists_the_keys(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    sheet = visitor.page.get_by_role("dialog", name="Keyboard shortcuts")
    visitor.press("?")
    expect(sheet).to_contain_text("Open the picture")
    finds_nothing(visitor)
    visitor.press("Escape")
    visitor.page.set_viewport_size({"width": 1280, "height": 800})
    visitor.main.get_by_text("View", exact=True).click()
    visitor.main.get_by_role("button", name="Keyboard shortcuts").click()
    expect(sheet).to_be_visible()


def test_without_a_script_each_picture_is_a_tab_stop_and_the_view_a_form(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, java_script_enabled=False)
    visitor.go("/mine/")
    walk_to_each = [card.get_attribute("tabindex") for card in cards(visitor).all()]
    assert walk_to_each == [None] * 5
    visitor.main.get_by_text("View", exact=True).click()
    visitor.main.get_by_label("List").check(force=True)
    visitor.main.get_by_role("button", name="Apply").click()
    expect(visitor.main.get_by_text(re.compile("PNG,")).first).to_be_visible()
    assert visitor.path == "/mine/"


def test_what_one_chooses_stays_chosen(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.main.get_by_text("View", exact=True).click()
    visitor.main.locator("label").filter(has_text="Squares").click()
    expect(visitor.main.locator("#grid")).to_have_class(re.compile("is-squares"))
    visitor.go("/")
    expect(visitor.main.locator("#grid")).to_have_class(re.compile("is-squares"))


@pytest.mark.parametrize("layout", ["squares", "list"])
def test_each_layout_is_for_everybody(visit: Visit, painter: Member, layout: str) -> None:
    visitor = visit(painter)
    visitor.go(f"/mine/?layout={layout}")
    visitor.main.get_by_text("View", exact=True).click()
    finds_nothing(visitor)


def test_a_phone_has_room_for_the_view(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, **PHONE)
    for look in ("layout=list&density=large", "layout=squares&density=small"):
        visitor.go(f"/mine/?{look}")
        visitor.main.locator(".view-button").tap()
        expect(visitor.main.get_by_text("Squares", exact=True)).to_be_in_viewport(ratio=1)
        visitor.fits()


def test_pictures_of_one_prompt_are_a_stack_that_opens_in_place(visit: Visit, newcomer: Member) -> None:
    prompt = "Three clay birds"
    visitor = visit(newcomer)
    visitor.create(prompt, Pictures="3")
    visitor.wait_for_pictures(prompt, 3)
    visitor.go(f"/?q=by:{newcomer.name}")
    expect(cards(visitor).locator("visible=true")).to_have_count(1)
    stack = visitor.main.get_by_role("button", name="3 pictures")
    expect(stack).to_have_attribute("aria-expanded", "false")
    stack.click()
    expect(stack).to_have_attribute("aria-expanded", "true")
    expect(cards(visitor).locator("visible=true")).to_have_count(3)
    finds_nothing(visitor)
    visitor.press("j")
    visitor.press("ArrowRight")
    visitor.press("s")
    expect(cards(visitor).locator("visible=true")).to_have_count(1)
    expect(cards(visitor).first).to_be_focused()
    visitor.press("Enter")
    visitor.sees_picture(prompt)
    quiet = visit(newcomer, java_script_enabled=False)
    quiet.go(f"/?q=by:{newcomer.name}")
    quiet.main.get_by_role("link", name="3 pictures", exact=True).click()
    expect(cards(quiet).locator("visible=true")).to_have_count(3)
    quiet.main.get_by_role("link", name="3 pictures", exact=True).click()
    expect(cards(quiet).locator("visible=true")).to_have_count(1)


def test_what_came_since_waits_at_the_top_until_one_wants_it(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.page.clock.install()
    visitor.go("/mine/?density=large")
    visitor.is_ready()
    maker = visit(painter)
    maker.create("A late guest", Pictures="2")
    maker.wait_for_pictures("A late guest", 2)
    here = cards(visitor).first.bounding_box()
    visitor.page.clock.fast_forward(31_000)
    news = visitor.main.get_by_role("link", name="2 new")
    expect(news).to_be_in_viewport()
    assert cards(visitor).first.bounding_box() == here
    finds_nothing(visitor)
    news.click()
    expect(visitor.main.locator("#grid").get_by_alt_text("A late guest")).to_have_count(2)
    expect(visitor.main.locator("#grid")).to_have_class(re.compile("is-large"))
