"""What a page says when the site does not answer it: signed out elsewhere, no connection, a page that is too old."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Easel, Member
from tests.e2e.pages import Visitor
from tests.e2e.stage import PASSWORD

Visit = Callable[..., Visitor]
SIGNED_OUT = "You are signed out by now."


def sign_out_elsewhere(visitor: Visitor) -> None:
    visitor.page.context.clear_cookies(name=re.compile("vitrine_session_"))


def sign_in_again(visitor: Visitor, member: Member) -> None:
    visitor.toasts.get_by_role("link", name="Sign in").click()
    visitor.sign_in(member.name, PASSWORD)


def test_a_comment_typed_while_signed_out_is_kept_until_it_can_be_sent(
    visit: Visit, painter: Member, newcomer: Member
) -> None:
    visitor = visit(newcomer)
    visitor.go(painter.address(1))
    sign_out_elsewhere(visitor)
    words = visitor.details.get_by_role("textbox", name="Add a comment")
    words.fill("The light is just right")
    visitor.details.get_by_role("button", name="Comment", exact=True).click()
    visitor.is_told(SIGNED_OUT)
    expect(words).to_have_value("The light is just right")
    sign_in_again(visitor, newcomer)
    assert visitor.path == painter.address(1)
    expect(words).to_have_value("The light is just right")
    visitor.comment("The light is just right")
    visitor.page.reload()
    expect(words).to_have_value("")


def test_stars_that_were_not_saved_do_not_shine(visit: Visit, painter: Member, newcomer: Member) -> None:
    visitor = visit(newcomer)
    visitor.go(painter.address(1))
    sign_out_elsewhere(visitor)
    visitor.press("4")
    visitor.is_told(SIGNED_OUT)
    stars = visitor.details.get_by_role("radio", name="4 stars")
    expect(stars).to_be_attached()
    expect(stars).not_to_be_checked()


def test_rows_end_where_somebody_has_been_signed_out(visit: Visit, newcomer: Member, crowd: None) -> None:
    visitor = visit(newcomer)
    visitor.go("/")
    tiles = visitor.main.locator(".image-card")
    expect(tiles).to_have_count(48)
    sign_out_elsewhere(visitor)
    visitor.main.locator(".image-card:visible").last.scroll_into_view_if_needed()
    visitor.is_told(SIGNED_OUT)
    expect(tiles).to_have_count(48)
    expect(visitor.main.get_by_label("Password")).to_have_count(0)


@pytest.mark.parametrize(
    ("status", "words"), [(500, "That did not work."), (429, "That was too often."), (403, "This page is too old")]
)
def test_a_refusal_is_said_in_words(visit: Visit, painter: Member, newcomer: Member, status: int, words: str) -> None:
    visitor = visit(newcomer)
    visitor.watch.allowed.add(status)
    visitor.watch.excused.add(f"Response Status Error Code {status}")
    # Before the page comes: one that is there already asks past the browser's net for a moment after it is spread.
    visitor.page.route("**/rate/", lambda route: route.fulfill(status=status, body="no"))
    visitor.go(painter.address(2))
    visitor.press("3")
    visitor.is_told(words)
    expect(visitor.details.get_by_role("radio", name="3 stars")).not_to_be_checked()


def test_without_a_connection_nothing_seems_saved_and_later_it_is(
    visit: Visit, painter: Member, newcomer: Member
) -> None:
    visitor = visit(newcomer)
    visitor.watch.excused |= {"htmx:sendError", "htmx:afterRequest", "ERR_INTERNET_DISCONNECTED"}
    visitor.go(painter.address(3))
    visitor.lose_connection()
    visitor.press("5")
    visitor.is_told("The site cannot be reached.")
    expect(visitor.details.get_by_role("radio", name="5 stars")).not_to_be_checked()
    visitor.find_connection()
    visitor.rate(5)


def test_a_page_that_waits_for_pictures_says_that_the_site_is_away_until_it_is_back(
    visit: Visit, newcomer: Member, easel: Easel
) -> None:
    easel.hold()
    visitor = visit(newcomer)
    visitor.watch.excused |= {"htmx:sendError", "htmx:afterRequest", "ERR_INTERNET_DISCONNECTED"}
    prompt = "A tunnel without a signal"
    visitor.create(prompt)
    visitor.lose_connection()
    lost = visitor.toasts.get_by_text("The site cannot be reached. Your pictures are made all the same")
    expect(lost).to_be_visible()
    easel.release()
    visitor.find_connection()
    visitor.wait_for_pictures(prompt)
    expect(lost).to_have_count(0)


def test_a_page_that_waits_for_pictures_says_that_somebody_is_signed_out(
    visit: Visit, newcomer: Member, easel: Easel
) -> None:
    easel.hold()
    visitor = visit(newcomer)
    visitor.create("A guest at the door")
    sign_out_elsewhere(visitor)
    visitor.is_told(SIGNED_OUT)
    easel.release()
    sign_in_again(visitor, newcomer)
    visitor.wait_for_pictures("A guest at the door")
    assert visitor.path == "/create/"


def test_a_wish_without_a_connection_stays_in_the_form_until_there_is_one(
    visit: Visit, newcomer: Member, easel: Easel
) -> None:
    visitor = visit(newcomer)
    visitor.go("/create/")
    visitor.compose("A message in a bottle")
    visitor.lose_connection()
    visitor.create_button.click()
    visitor.is_told("There is no connection. Nothing was sent")
    expect(visitor.prompt).to_have_value("A message in a bottle")
    visitor.find_connection()
    visitor.create_button.click()
    visitor.wait_for_pictures("A message in a bottle")
    assert easel.charged_for("A message in a bottle") == 1
