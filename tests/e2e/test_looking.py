"""Walking through the pictures: rows without end, one picture after the other, and the trash."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor

Visit = Callable[..., Visitor]
MARGINS = """box => {
  const range = document.createRange();
  range.selectNodeContents(box);
  const [outer, inner] = [box.getBoundingClientRect(), range.getBoundingClientRect()];
  return [inner.left - outer.left, outer.right - inner.right];
}"""

TOP = "document.querySelector(`[data-image='${picture}']`)?.getBoundingClientRect().top"
# Rows that come late, and the browser on its way to a click, move what is measured any earlier.
LEAVES = f"picture => addEventListener('pagehide', () => sessionStorage.setItem('left', {TOP}))"
STANDS_AS_LEFT = f"picture => Math.abs({TOP} - sessionStorage.getItem('left')) <= 2"


def scroll_far_down(visitor: Visitor) -> str:
    """The picture that one stops at, on the second page of the rows."""
    tiles = visitor.main.locator(".image-card:visible")
    tiles.last.scroll_into_view_if_needed()
    expect(tiles.nth(60)).to_be_attached()
    tiles.nth(60).scroll_into_view_if_needed()
    assert visitor.page.evaluate("scrollY") > 0
    return str(tiles.nth(60).get_attribute("data-image"))


def is_found_again(visitor: Visitor, picture: str) -> None:
    """Its tile is as high as it was: the browser itself may scroll there first, and only nearly."""
    visitor.page.wait_for_function(STANDS_AS_LEFT, arg=picture)
    expect(visitor.main.locator(f"[data-image='{picture}']")).to_be_in_viewport()


def test_rows_go_on_while_one_scrolls_and_are_found_again_on_return(
    visit: Visit, newcomer: Member, crowd: None
) -> None:
    visitor = visit(newcomer)
    visitor.go("/")
    expect(visitor.main.locator(".image-card")).to_have_count(48)
    picture = scroll_far_down(visitor)
    opened = visitor.main.locator(f"[data-image='{picture}']")
    visitor.page.evaluate(LEAVES, picture)
    prompt = opened.get_by_role("img").get_attribute("alt")
    assert prompt
    opened.click()
    visitor.sees_picture(prompt)
    visitor.page.go_back()
    expect(opened.get_by_role("img", name=prompt)).to_be_in_viewport()
    is_found_again(visitor, picture)


def test_the_cross_of_a_picture_leads_back_to_the_rows_as_they_were_left(
    visit: Visit, newcomer: Member, crowd: None
) -> None:
    visitor = visit(newcomer)
    visitor.go("/")
    picture = scroll_far_down(visitor)
    opened = visitor.main.locator(f"[data-image='{picture}']")
    visitor.page.evaluate(LEAVES, picture)
    steps = visitor.page.evaluate("history.length")
    opened.click()
    visitor.page.wait_for_url("**/images/*/")
    visitor.page.get_by_role("link", name="Back to the pictures").click()
    visitor.page.wait_for_url(f"{visitor.base}/")
    is_found_again(visitor, picture)
    assert visitor.page.evaluate("history.length") == steps + 1, "going back is not a further step"


def test_arrows_and_links_lead_through_ones_own_pictures_in_order(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.pictures(painter.study(5)).click()
    expect(visitor.page).to_have_url(re.compile(r"in=mine"))
    visitor.sees_picture(painter.study(5))
    for number in (4, 3, 2, 1):
        visitor.page.get_by_role("link", name="Next picture (older)").click()
        visitor.page.wait_for_url(f"**{painter.address(number)}*")
        visitor.sees_picture(painter.study(number))
    expect(visitor.page.get_by_role("link", name="Next picture (older)")).to_have_count(0)
    visitor.press("ArrowLeft")
    visitor.page.wait_for_url(f"**{painter.address(2)}*")
    visitor.press("Escape")
    visitor.page.wait_for_url("**/mine/")


def test_a_star_that_was_clicked_leaves_the_arrows_to_the_pictures(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(f"{painter.address(4)}?in=mine")
    visitor.rate(3)
    visitor.press("ArrowRight")
    visitor.page.wait_for_url(f"**{painter.address(3)}*")
    visitor.go(painter.address(4))
    expect(visitor.details.get_by_role("radio", name="3 stars")).to_be_checked()


def test_a_download_has_a_readable_name_and_the_bytes_of_the_original(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(painter.address(1))
    with visitor.page.expect_download() as download:
        visitor.details.get_by_role("link", name="Download").click()
    assert re.fullmatch(rf"{painter.name}-study-1-\w+\.png", download.value.suggested_filename)
    original = visitor.page.request.get(f"{visitor.base}{painter.address(1)}original/")
    assert download.value.path().read_bytes() == original.body()


def test_deleting_can_be_undone_at_once(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(f"{painter.address(3)}?in=mine")
    visitor.stop_clocks()
    visitor.delete_picture()
    assert visitor.path == painter.address(2)
    visitor.toasts.get_by_role("button", name="Undo").click()
    visitor.is_told("The picture is back.")
    visitor.sees_picture(painter.study(3))
    assert visitor.path == painter.address(3)


def test_what_lies_in_the_trash_is_gone_until_it_is_restored(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(f"{painter.address(3)}?in=mine")
    visitor.delete_picture()
    visitor.go(painter.address(3), expecting=404)
    visitor.go("/mine/")
    expect(visitor.pictures(painter.study(2))).to_have_count(1)
    expect(visitor.pictures(painter.study(3))).to_have_count(0)
    visitor.choose_from_menu("Trash")
    visitor.has_arrived(visitor.main.get_by_role("img", name=painter.study(3)))
    visitor.main.get_by_role("button", name=f"Restore “{painter.study(3)}”").click()
    visitor.is_told("The picture is back.")
    visitor.go("/mine/")
    expect(visitor.pictures(painter.study(3))).to_have_count(1)


def test_a_long_prompt_is_folded_and_its_whole_is_a_press_away(visit: Visit, newcomer: Member) -> None:
    prompt = ", ".join(["A stair with very many steps, each of another wood"] * 30)
    visitor = visit(newcomer)
    visitor.go("/create/")
    visitor.compose(prompt)
    visitor.create_button.click()
    visitor.main.get_by_role("article").get_by_role("link").filter(has=visitor.page.get_by_role("img")).click()
    words = visitor.details.get_by_text(prompt, exact=True)
    unfold = visitor.details.get_by_role("button", name="Show all of it")
    # A script folds the words, and then shows the button.
    expect(unfold).to_be_visible()
    folded = words.bounding_box()
    unfold.click()
    whole = words.bounding_box()
    assert folded
    assert whole
    assert folded["height"] < 250 < whole["height"]
    visitor.details.get_by_role("button", name="Show less").click()
    again = words.bounding_box()
    assert again
    assert again["height"] == folded["height"]
    expect(words).to_be_in_viewport()


@pytest.mark.parametrize("path", ["/", "/create/", "/accounts/password/change/"])
def test_dark_is_dark_and_light_is_light(visit: Visit, painter: Member, path: str) -> None:
    visitor = visit(painter, color_scheme="dark")
    visitor.go(path)
    dark = visitor.brightness()
    visitor.page.emulate_media(color_scheme="light")
    light = visitor.brightness()
    assert dark["ground"] < 0.2 < 0.7 < dark["text"]
    assert light["text"] < 0.3 < 0.8 < light["ground"]


def test_words_run_in_the_direction_of_their_language(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(painter.address(1))
    for words, is_rightward in (("\u0645\u0633\u0627\u0621", False), ("Evening", True)):
        visitor.comment(words)
        written = visitor.details.get_by_role("listitem").get_by_text(words, exact=True)
        left, right = written.evaluate(MARGINS)
        near, far = (left, right) if is_rightward else (right, left)
        assert near == pytest.approx(0, abs=1)
        assert far > 50


def test_a_field_is_as_high_as_the_button_beside_it(visit: Visit, moderator: Member) -> None:
    visitor = visit(moderator)
    visitor.go("/people/")
    field = visitor.main.get_by_placeholder("Name or address").bounding_box()
    button = visitor.main.get_by_role("button", name="Find").bounding_box()
    assert field
    assert button
    assert field["height"] == pytest.approx(button["height"], abs=1)
