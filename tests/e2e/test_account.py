"""One's own account: colours that stay, a member's page, everything in a ZIP, leaving, and whoever is asked then."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor
from tests.e2e.stage import PASSWORD

Visit = Callable[..., Visitor]


def test_a_member_chooses_dark_colours_on_a_light_device(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, color_scheme="light")
    visitor.go("/mine/")
    assert visitor.brightness()["ground"] > 0.9
    visitor.choose_from_menu("Account")
    visitor.main.get_by_role("group", name="Colours").locator("label").filter(has_text="Dark").click()
    visitor.main.get_by_role("button", name="Save preferences").click()
    visitor.is_told("Saved.")
    for path in ("/account/", "/mine/", "/create/"):
        visitor.go(path)
        assert visitor.brightness()["ground"] < 0.1
    stranger = visit(color_scheme="light")
    stranger.go("/accounts/login/")
    assert stranger.brightness()["ground"] > 0.9


def test_a_name_leads_to_everything_of_that_member(visit: Visit, painter: Member, newcomer: Member) -> None:
    visitor = visit(newcomer)
    visitor.go(painter.address(3))
    visitor.main.get_by_role("link", name=painter.name).click()
    expect(visitor.page.get_by_role("heading", name=painter.name)).to_be_visible()
    expect(visitor.main.locator(".image-card")).to_have_count(len(painter.pictures))
    visitor.pictures(painter.study(2)).click()
    visitor.sees_picture(painter.study(2))
    visitor.press("ArrowRight")
    visitor.sees_picture(painter.study(1))
    expect(visitor.page.get_by_role("link", name="Next picture")).to_have_count(0)
    visitor.press("Escape")
    expect(visitor.page.get_by_role("heading", name=painter.name)).to_be_visible()


def test_the_name_on_a_tile_is_a_link_of_its_own(visit: Visit, painter: Member, newcomer: Member) -> None:
    visitor = visit(newcomer)
    visitor.go("/")
    tile = visitor.main.locator("#grid > li").filter(has=visitor.page.locator(".image-card")).first
    tile.hover()
    link = tile.locator("a.image-card-owner")
    name = link.inner_text().removeprefix("by ")
    link.click()
    expect(visitor.page.get_by_role("heading", name=name)).to_be_visible()


def test_a_member_takes_everything_along_and_leaves_and_another_accepts_the_pictures(
    visit: Visit, painter: Member, newcomer: Member
) -> None:
    other = visit(newcomer)
    other.go(painter.address(1))
    visitor = visit(painter)
    visitor.go("/account/")
    with visitor.page.expect_download() as download:
        visitor.main.get_by_role("link", name="Download everything of mine").click()
    with zipfile.ZipFile(download.value.path()) as found:
        assert found.testzip() is None
        assert len(found.namelist()) == len(painter.pictures) + 1
    visitor.main.get_by_role("link", name="Leave", exact=True).click()
    visitor.main.get_by_label("Offer them to somebody").check()
    visitor.main.get_by_label("To whom").select_option(label=newcomer.name)
    visitor.main.get_by_label("Your password").fill(PASSWORD)
    visitor.main.get_by_role("button", name="Leave for good").click()
    expect(visitor.page.get_by_role("heading", name="Goodbye")).to_be_visible()
    visitor.go("/mine/")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    other.go(painter.address(1), expecting=404)
    other.go("/notices/")
    question = other.main.get_by_role("listitem").filter(has_text=f"{painter.name} has left")
    expect(question).to_contain_text(f"{len(painter.pictures)}, made of")
    question.get_by_role("button", name="Accept").click()
    other.is_told("The pictures are yours now.")
    expect(other.main.locator(".image-card")).to_have_count(len(painter.pictures))
    other.go("/notices/")
    expect(other.main.get_by_role("listitem")).to_contain_text("You have taken over")
    other.go(f"/u/{painter.name}/", expecting=404)
