"""Finding pictures again."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor
from tests.e2e.test_phone import PHONE

Visit = Callable[..., Visitor]


def box(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("search").locator("[type=search]")


def found(visitor: Visitor, heading: str) -> None:
    expect(visitor.main.get_by_role("heading", level=1)).to_have_text(heading)


def test_from_the_keyboard_to_a_picture_and_back_to_the_same_place(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/create/")
    visitor.press("Control+k")
    expect(box(visitor)).to_be_focused()
    visitor.press("Escape")
    expect(box(visitor)).not_to_be_focused()
    visitor.go("/mine/")
    visitor.press("/")
    expect(box(visitor)).to_be_focused()
    visitor.page.keyboard.type("studies -5")
    visitor.press("Enter")
    found(visitor, "4 pictures")
    expect(box(visitor)).to_have_value("studies -5")
    visitor.pictures(painter.study(4)).focus()
    expect(visitor.main.locator("mark").first).to_be_visible()
    visitor.press("Enter")
    visitor.sees_picture(painter.study(4))
    expect(visitor.main.get_by_text("1 of 4")).to_be_visible()
    visitor.press("ArrowRight")
    visitor.sees_picture(painter.study(3))
    visitor.press("ArrowLeft")
    visitor.sees_picture(painter.study(4))
    visitor.press("Escape")
    found(visitor, "4 pictures")
    assert visitor.page.url.endswith("/mine/?q=studies+-5")


def test_what_is_offered_is_chosen_by_keys(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.press("/")
    offers = visitor.page.get_by_role("listbox", name="Suggestions")
    visitor.page.keyboard.type("stu")
    expect(offers.get_by_role("option", name="study")).to_be_visible()
    visitor.press("ArrowDown")
    expect(offers.get_by_role("option", name="study")).to_have_attribute("aria-selected", "true")
    expect(box(visitor)).to_have_attribute("aria-activedescendant", "suggestion-1")
    visitor.press("Enter")
    expect(box(visitor)).to_have_value("study ")
    expect(offers).to_be_hidden()
    visitor.page.keyboard.type("shape:")
    expect(offers.get_by_role("option")).to_have_count(3)
    visitor.press("Escape")
    expect(offers).to_be_hidden()
    expect(box(visitor)).to_be_focused()
    visitor.page.keyboard.type("t")
    offers.get_by_role("option", name="shape:tall").click()
    expect(box(visitor)).to_have_value("study shape:tall ")
    visitor.press("Enter")
    found(visitor, "1 picture")
    visitor.go("/create/")
    visitor.press("/")
    offers.get_by_role("option", name="study shape:tall").click()
    visitor.page.wait_for_url("**/?q=study+shape%3Atall*")


def test_each_part_can_be_taken_off_and_the_order_turned_round(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/")
    box(visitor).fill(f"by:{painter.name} study shape:tall")
    box(visitor).press("Enter")
    found(visitor, "1 picture")
    visitor.main.get_by_role("link", name="Search without tall").click()
    found(visitor, "5 pictures")
    visitor.main.get_by_role("combobox", name="Order").select_option("oldest")
    visitor.page.wait_for_url("**order=oldest*")
    expect(visitor.main.locator(".image-card").first).to_have_attribute("data-image", painter.pictures[0])
    visitor.main.get_by_role("link", name="Clear").click()
    visitor.page.wait_for_url(re.compile(r"/$"))


def test_nothing_found_leads_to_what_there_is(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/?q=stuyd+shape:square")
    found(visitor, "Nothing found")
    visitor.main.get_by_role("link", name=re.compile("^study")).click()
    found(visitor, "1 picture")
    visitor.go("/mine/?q=zebra+shape:square+rated:9")
    expect(visitor.main.get_by_text("could not be understood")).to_be_visible()
    visitor.main.get_by_role("link", name=re.compile("Without.*zebra")).click()
    found(visitor, "1 picture")
    visitor.main.get_by_role("link", name="Search without My pictures").click()
    visitor.page.wait_for_url("**/?q=shape%3Asquare")


def test_on_a_phone_the_box_is_a_sheet(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, **PHONE)
    visitor.go("/mine/")
    visitor.is_ready()
    expect(box(visitor)).to_be_hidden()
    visitor.page.get_by_role("banner").get_by_role("link", name="Search").tap()
    expect(box(visitor)).to_be_focused()
    visitor.page.get_by_role("button", name="Close search").tap()
    expect(box(visitor)).to_be_hidden()
    visitor.page.get_by_role("banner").get_by_role("link", name="Search").tap()
    box(visitor).fill("study")
    visitor.press("Enter")
    found(visitor, "5 pictures")
    visitor.fits()


def test_without_a_script_a_link_leads_to_the_box(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, java_script_enabled=False, **PHONE)
    visitor.go("/mine/")
    visitor.page.get_by_role("banner").get_by_role("link", name="Search").click()
    expect(visitor.main.get_by_role("heading", name="How to search")).to_be_visible()
    box(visitor).fill("study")
    visitor.main.get_by_role("button", name="Search").click()
    found(visitor, "5 pictures")
    assert visitor.path == "/mine/"
    visitor.main.get_by_role("combobox", name="Order").select_option("oldest")
    visitor.main.get_by_role("button", name="Sort").click()
    visitor.page.wait_for_url("**order=oldest*")


def test_a_visitor_searches_what_a_member_shows(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(painter.address(2))
    visitor.let_see("Everyone")
    stranger = visit()
    stranger.go(f"/u/{painter.name}/")
    box(stranger).fill("study")
    box(stranger).press("Enter")
    expect(stranger.main.get_by_role("heading", name="1 picture")).to_be_visible()


def test_colours_are_asked_for_and_taken_off(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(painter.address(1))
    visitor.main.locator(".facts a.colour").first.click()
    visitor.page.wait_for_url("**/?q=colour*")
    chip = visitor.main.locator(".chip").first
    expect(chip.locator(".swatch")).to_be_visible()
    expect(chip).to_contain_text("colour:")
    chip.get_by_role("link").click()
    visitor.page.wait_for_url(re.compile(r"/$"))
    visitor.go("/search/")
    visitor.main.get_by_role("link", name="Magenta").click()
    visitor.page.wait_for_url("**/?q=colour%3Amagenta")
    visitor.main.get_by_text("Colours", exact=True).click()
    visitor.main.get_by_role("link", name="Magenta Take off").click()
    visitor.page.wait_for_url(re.compile(r"/$"))


def test_a_search_is_saved_found_in_explore_and_renamed(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/?q=study+shape:tall")
    visitor.main.get_by_text("Save", exact=True).click()
    visitor.main.get_by_label("Name of the search").fill("Tall ones")
    visitor.main.get_by_role("button", name="Save the search").click()
    visitor.go("/")
    bar = visitor.page.get_by_role("navigation", name="Saved searches")
    bar.get_by_role("link", name="Edit").click()
    visitor.main.locator(".saved-rename > summary").click()
    visitor.main.get_by_label("Name of the search").fill("High ones")
    visitor.main.get_by_role("button", name="Rename").click()
    visitor.go("/")
    bar.get_by_role("link", name="High ones").click()
    visitor.page.wait_for_url("**/?q=study+shape*")
