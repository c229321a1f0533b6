"""A browser without JavaScript, from signing in to deleting."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Member
from tests.e2e.instance import Easel
from tests.e2e.pages import Visitor
from tests.e2e.stage import PASSWORD

Visit = Callable[..., Visitor]


@pytest.mark.long
def test_everything_can_be_done_without_javascript(visit: Visit, newcomer: Member, easel: Easel) -> None:
    prompt = "A plain wooden chair"
    visitor = visit(java_script_enabled=False)
    visitor.go("/create/")
    visitor.sign_in(newcomer.name, PASSWORD)
    assert visitor.path == "/create/"
    easel.hold()
    visitor.compose(prompt, Shape="3:2")
    visitor.create_button.click()
    expect(visitor.generation(prompt).get_by_text("Generating", exact=True)).to_be_visible()
    easel.release()
    # The page reloads itself until there is a picture.
    visitor.pictures(prompt).click()
    expect(visitor.main.get_by_role("img", name=prompt)).to_be_visible()
    _give_feedback(visitor)
    visitor.details.get_by_role("combobox", name="Who may see it").select_option(value="private")
    visitor.details.get_by_role("button", name="Save").click()
    visitor.is_told("Seen by: only me.")
    visitor.delete_picture()
    visitor.toasts.get_by_role("button", name="Undo").click()
    visitor.is_told("The picture is back.")
    visitor.delete_picture()
    visitor.go("/mine/")
    expect(visitor.pictures(prompt)).to_have_count(0)


def _give_feedback(visitor: Visitor) -> None:
    visitor.details.locator("label").filter(has_text="3 stars").click()
    visitor.details.get_by_role("button", name="Rate").click()
    visitor.is_told("You gave 3 of 5 stars.")
    visitor.details.get_by_role("textbox", name="Add a comment").fill("It would hold me.")
    visitor.details.get_by_role("button", name="Comment", exact=True).click()
    visitor.is_told("Your comment is added.")
    expect(visitor.details.get_by_role("listitem").filter(has_text="It would hold me.")).to_be_visible()
    visitor.details.get_by_text("Technical details", exact=True).click()
    visitor.details.get_by_text("Feedback for the provider", exact=True).click()
    visitor.details.get_by_role("textbox", name="Your words").fill("Three legs only.")
    visitor.details.get_by_role("button", name="Prepare the text").click()
    expect(visitor.page.get_by_role("textbox", name="Prepared text")).to_have_value(re.compile("Three legs only.$"))
    visitor.page.get_by_role("link", name="Back to the picture").click()


def test_older_pictures_are_a_link_away(visit: Visit, newcomer: Member, crowd: None) -> None:
    visitor = visit(newcomer, java_script_enabled=False)
    visitor.go("/")
    first = visitor.main.get_by_role("img").first.get_attribute("alt")
    visitor.page.get_by_role("link", name="Older").click()
    expect(visitor.page.get_by_role("link", name="Newest")).to_be_visible()
    assert visitor.main.get_by_role("img").first.get_attribute("alt") != first
    visitor.page.get_by_role("link", name="Newest").click()
    expect(visitor.page.get_by_role("link", name="Newest")).to_have_count(0)
