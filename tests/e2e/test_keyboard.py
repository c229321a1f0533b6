"""Nothing but a keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor

Visit = Callable[..., Visitor]
FAR = 120
# The ring may be drawn around the label of a control or around the whole form instead.
HAS_RING = """element => {
  const around = [element, element.nextElementSibling];
  for (let outer = element.parentElement; outer.localName !== "body"; outer = outer.parentElement) around.push(outer);
  return around.some((one) => one && getComputedStyle(one).outlineStyle !== "none");
}"""


def walk_to(visitor: Visitor, target: Locator) -> None:
    """Press Tab until the focus is there, and visibly so."""
    expect(target).to_be_visible()
    for _ in range(FAR):
        visitor.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            break
    expect(target).to_be_focused()
    assert target.evaluate(HAS_RING), "The focus cannot be seen."


def test_from_the_skip_link_to_a_rated_picture(visit: Visit, newcomer: Member, painter: Member) -> None:
    prompt = "A harpsichord in a snowy field"
    visitor = visit(newcomer)
    visitor.go("/create/")
    walk_to(visitor, visitor.page.get_by_role("link", name="Skip to content"))
    visitor.press("Enter")
    expect(visitor.main).to_be_focused()
    walk_to(visitor, visitor.prompt)
    visitor.page.keyboard.type(prompt)
    walk_to(visitor, visitor.composer.get_by_role("radio", name="1:1"))
    visitor.press("ArrowRight")
    expect(visitor.composer.get_by_role("radio", name="5:4")).to_be_checked()
    visitor.press("Control+Enter")
    tile = visitor.wait_for_pictures(prompt)
    walk_to(visitor, tile)
    visitor.press("Enter")
    visitor.sees_picture(prompt)
    address = visitor.path
    visitor.press("ArrowRight")
    visitor.page.wait_for_url(lambda url: "/images/" in url and address not in url)
    visitor.press("ArrowLeft")
    visitor.page.wait_for_url(f"**{address}*")
    _read_the_keys(visitor)
    visitor.press("4")
    expect(visitor.details.get_by_role("radio", name="4 stars")).to_be_checked()
    expect(visitor.details).to_contain_text("4 · 1 rating")
    visitor.press("Escape")
    visitor.page.wait_for_url("**/")


def _read_the_keys(visitor: Visitor) -> None:
    sheet = visitor.page.get_by_role("dialog", name="Keyboard shortcuts")
    visitor.press("?")
    expect(sheet).to_be_visible()
    visitor.press("Escape")
    expect(sheet).to_be_hidden()


def test_the_menu_opens_and_closes_and_gives_the_focus_back(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    walk_to(visitor, visitor.account_menu)
    visitor.press("Enter")
    expect(visitor.page.get_by_role("link", name="Change password")).to_be_visible()
    visitor.press("Escape")
    expect(visitor.page.get_by_role("link", name="Change password")).to_be_hidden()
    expect(visitor.account_menu).to_be_focused()


def test_deleting_and_undoing(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(f"{painter.address(2)}?in=mine")
    visitor.stop_clocks()
    walk_to(visitor, visitor.details.get_by_role("button", name="Delete", exact=True))
    visitor.press("Enter")
    visitor.is_told("The picture is in the trash.")
    walk_to(visitor, visitor.toasts.get_by_role("button", name="Undo"))
    visitor.press("Enter")
    visitor.is_told("The picture is back.")
    assert visitor.path == painter.address(2)


def test_deleting_and_undoing_by_a_key_each(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(f"{painter.address(3)}?in=mine")
    visitor.stop_clocks()
    visitor.press("Delete")
    visitor.is_told("The picture is in the trash.")
    visitor.sees_picture(painter.study(2))
    visitor.press("u")
    visitor.is_told("The picture is back.")
    visitor.sees_picture(painter.study(3))
    expect(visitor.page).to_have_url(re.compile(r"in=mine"))


def test_walking_through_who_may_see_a_picture_changes_nothing_yet(visit: Visit, painter: Member) -> None:
    """From everyone signed in to nobody, the link lies on the way: it must not open for a moment."""
    visitor = visit(painter)
    visitor.go(painter.address(4))
    chosen = visitor.page.get_by_role("combobox", name="Who may see it")
    walk_to(visitor, chosen)
    visitor.press("ArrowUp")
    expect(chosen).to_have_value("link")
    visitor.press("ArrowUp")
    walk_to(visitor, visitor.details.get_by_role("button", name="Save"))
    visitor.press("Enter")
    visitor.is_told("Seen by: only me.")
