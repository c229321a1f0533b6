"""Favourites: by a key, by a tap, and by a form where there is no script."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.e2e.accessible import finds_nothing
from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor
from tests.e2e.test_phone import FINGER, PHONE

Visit = Callable[..., Visitor]
NAME = "Keep this picture among your favourites"


def heart(visitor: Visitor, member: Member, number: int) -> Locator:
    return visitor.main.locator(f"#favourite-{member.pictures[number - 1]}")


def is_favourite(button: Locator) -> None:
    expect(button).to_have_attribute("aria-pressed", "true")


def is_none(button: Locator) -> None:
    expect(button).to_have_attribute("aria-pressed", "false")


def test_by_the_key_f_on_a_tile_and_on_the_page_of_a_picture(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.press("j")
    visitor.press("f")
    is_favourite(heart(visitor, painter, 5))
    expect(visitor.page.locator("#favourites-said")).to_have_text("It is among your favourites.")
    assert visitor.page.evaluate("document.activeElement.dataset.image") == painter.pictures[4]
    expect(visitor.main.locator("#grid [tabindex='0']")).to_have_count(1)
    visitor.press("ArrowRight")
    visitor.press("f")
    is_favourite(heart(visitor, painter, 4))
    visitor.press("f")
    is_none(heart(visitor, painter, 4))
    visitor.press("Enter")
    visitor.sees_picture(painter.study(4))
    visitor.press("f")
    is_favourite(visitor.details.get_by_role("button", name=NAME))
    expect(visitor.details.get_by_title("Favourite of 1 person")).to_be_visible()
    visitor.press("Escape")
    visitor.page.wait_for_url("**/mine/")
    visitor.page.get_by_role("navigation", name="Main").get_by_role("link", name="Favourites").click()
    cards = visitor.main.locator("#grid > li > .image-card")
    expect(cards).to_have_count(2)
    expect(cards.first).to_have_attribute("data-image", painter.pictures[3])
    finds_nothing(visitor)


def test_by_a_tap_on_a_phone_where_every_heart_is_seen(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, **PHONE)
    visitor.go("/mine/")
    button = heart(visitor, painter, 5)
    expect(button).to_have_css("opacity", "1")
    box = button.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= FINGER
    button.tap()
    is_favourite(button)
    expect(button).to_be_focused()
    assert visitor.path == "/mine/"
    visitor.fits()


def test_without_a_script_by_a_form_that_leads_back_to_the_picture(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, java_script_enabled=False)
    visitor.go("/mine/?order=oldest")
    heart(visitor, painter, 2).click()
    visitor.page.wait_for_url(f"**/mine/?order=oldest#favourite-{painter.pictures[1]}")
    is_favourite(heart(visitor, painter, 2))
    visitor.go(painter.address(2))
    visitor.details.get_by_role("button", name=NAME).click()
    is_none(visitor.details.get_by_role("button", name=NAME))
    visitor.go("/favourites/")
    expect(visitor.main.get_by_role("heading", level=1)).to_have_text("What you like best, at hand")


def test_what_was_not_saved_is_not_shown_as_if_it_were(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.press("j")
    visitor.watch.excused |= {"htmx:sendError", "htmx:afterRequest"}
    visitor.lose_connection()
    visitor.press("f")
    visitor.is_told("The site cannot be reached.")
    is_none(heart(visitor, painter, 5))
    visitor.find_connection()
    visitor.press("f")
    is_favourite(heart(visitor, painter, 5))
