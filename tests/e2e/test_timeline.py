"""Going to a month, and knowing where one is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, expect

from tests.e2e.accessible import finds_nothing
from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor
from tests.e2e.stage import MONTHS
from tests.e2e.test_phone import PHONE

Visit = Callable[..., Visitor]


def month(ago: int) -> str:
    """As pages name it: March 2026. Stories are told in UTC."""
    day = datetime.now(UTC).date().replace(day=1)
    for _ in range(ago):
        day = (day - timedelta(days=1)).replace(day=1)
    return f"{day:%B %Y}"


def timeline(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("navigation", name="Timeline")


def link(visitor: Visitor, ago: int) -> Locator:
    return timeline(visitor).get_by_role("link", name=month(ago))


def begins_with(visitor: Visitor, traveller: Member, ago: int) -> None:
    expect(visitor.main.locator(".image-card").first).to_have_attribute("data-image", traveller.pictures[ago])


def test_a_month_is_a_click_away_and_the_way_back_too(visit: Visit, traveller: Member) -> None:
    visitor = visit(traveller)
    visitor.go("/mine/")
    expect(visitor.main.get_by_role("heading", name="Today")).to_be_visible()
    link(visitor, 4).click()
    begins_with(visitor, traveller, 4)
    expect(visitor.main.get_by_text(month(4), exact=True).first).to_be_visible()
    expect(visitor.main.get_by_role("heading", name=re.compile(rf"15 {month(4).split()[0]}")).first).to_be_visible()
    expect(link(visitor, 4)).to_have_attribute("aria-current", "true")
    visitor.main.get_by_role("link", name="Newer", exact=True).click()
    visitor.page.wait_for_url(re.compile("/mine/$|after="))
    begins_with(visitor, traveller, 0)
    link(visitor, 9).click()
    begins_with(visitor, traveller, 9)
    visitor.main.get_by_role("link", name="Newest").click()
    begins_with(visitor, traveller, 0)


def test_the_rail_is_pulled_like_a_scroll_bar(visit: Visit, traveller: Member) -> None:
    visitor = visit(traveller)
    visitor.go("/mine/")
    visitor.is_ready()
    places = [link(visitor, ago).bounding_box() for ago in (2, 6)]
    assert all(places)
    (x, y), (_, lower) = [
        (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2) for place in places if place
    ]
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    expect(link(visitor, 2)).to_have_class("is-pointed")
    visitor.page.mouse.move(x - 200, lower, steps=5)
    expect(link(visitor, 6)).to_have_class("is-pointed")
    expect(timeline(visitor).locator(".is-pointed")).to_have_count(1)
    visitor.page.mouse.up()
    begins_with(visitor, traveller, 6)


def test_from_the_keyboard_it_is_one_stop(visit: Visit, traveller: Member) -> None:
    visitor = visit(traveller)
    visitor.go("/mine/")
    visitor.is_ready()
    link(visitor, 0).focus()
    visitor.press("ArrowDown")
    expect(link(visitor, 1)).to_be_focused()
    visitor.press("End")
    expect(link(visitor, MONTHS - 1)).to_be_focused()
    visitor.press("PageUp")
    expect(link(visitor, MONTHS - 13)).to_be_focused()
    visitor.press("Home")
    visitor.press("ArrowUp")
    expect(link(visitor, 0)).to_be_focused()
    visitor.press("x")
    expect(timeline(visitor).locator('[tabindex="0"]')).to_have_count(1)
    visitor.press("ArrowDown")
    visitor.press("Enter")
    begins_with(visitor, traveller, 1)


def test_it_shows_where_one_has_scrolled_to(visit: Visit, traveller: Member) -> None:
    visitor = visit(traveller)
    visitor.go("/mine/")
    visitor.is_ready()
    visitor.press("End")
    expect(link(visitor, MONTHS - 1)).to_have_attribute("aria-current", "true")
    expect(timeline(visitor).locator("[aria-current]")).to_have_count(1)


def test_on_a_phone_the_months_are_a_sheet(visit: Visit, traveller: Member) -> None:
    visitor = visit(traveller, **PHONE)
    visitor.go("/mine/")
    expect(timeline(visitor)).to_be_hidden()
    button = visitor.main.get_by_role("button", name=f"Timeline: {month(0)}")
    button.tap()
    expect(timeline(visitor)).to_be_visible()
    visitor.press("Escape")
    expect(timeline(visitor)).to_be_hidden()
    button.tap()
    link(visitor, 3).tap()
    begins_with(visitor, traveller, 3)
    expect(visitor.main.get_by_role("button", name=f"Timeline: {month(3)}")).to_be_visible()
    visitor.fits()


def test_without_a_script_months_are_links(visit: Visit, traveller: Member) -> None:
    visitor = visit(traveller, java_script_enabled=False)
    visitor.go("/mine/?order=oldest")
    link(visitor, 5).click()
    begins_with(visitor, traveller, 5)
    expect(visitor.main.locator(".image-card")).to_have_count(6)
    assert "order=oldest" in visitor.page.url
    phone = visit(traveller, java_script_enabled=False, **PHONE)
    phone.go("/mine/")
    phone.main.get_by_role("button", name=f"Timeline: {month(0)}").tap()
    link(phone, 7).tap()
    begins_with(phone, traveller, 7)


def test_nobody_is_shut_out(visit: Visit, traveller: Member) -> None:
    visitor = visit(traveller)
    visitor.go("/mine/")
    finds_nothing(visitor)
    visitor.page.get_by_role("button", name=f"Timeline: {month(0)}").click()
    expect(link(visitor, 0)).to_be_visible()
    finds_nothing(visitor)
