"""As far as one scrolls: what is far away leaves the document, nothing moves, and one comes back to where one was."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Member, Site
from tests.e2e.pages import Visitor
from tests.e2e.walls import PLACEHOLDER

Visit = Callable[..., Visitor]
MANY, MOST = 620, 480
# The first picture that can be seen, how high it stands, and how many tiles there are.
SIGHT = """() => {
  const cards = [...document.querySelectorAll("#grid .image-card")];
  const seen = cards.find((one) => one.getBoundingClientRect().bottom > 60);
  return [seen.dataset.image, Math.round(seen.getBoundingClientRect().top)];
}"""
TILES = "document.querySelectorAll('#grid > li:not([data-far])').length"
HEIGHT = "document.documentElement.scrollHeight"
SEEN = f"[scrollY, {HEIGHT}, document.querySelectorAll('#grid .image-card').length].join()"


def walls(site: Site, visit: Visit, member: Member) -> Visitor:
    """Before very many pictures, each shown by the same little one."""
    done = site.instance.run("-m", "tests.e2e.walls", member.name, str(MANY))
    assert done.returncode == 0, done.stderr
    visitor = visit(member)
    drawn = base64.b64decode(PLACEHOLDER.partition(",")[2])
    visitor.page.context.route("**/thumbs/**", lambda route: route.fulfill(body=drawn, content_type="image/gif"))
    visitor.go("/mine/?density=small")
    visitor.is_ready()
    return visitor


def card(visitor: Visitor, number: int) -> Locator:
    """One of the walls; the newest is 1."""
    picture = visitor.page.get_by_alt_text(f"wall {number}", exact=True)
    return visitor.main.locator("#grid .image-card").filter(has=picture)


def scroll_to(visitor: Visitor, number: int) -> None:
    """As one does with a wheel, until that one is there."""
    while True:
        before = visitor.page.evaluate(SEEN)
        if card(visitor, number).count():
            break
        turn_wheel(visitor, 1500, before)
    card(visitor, number).scroll_into_view_if_needed()


def turn_wheel(visitor: Visitor, distance: int, before: str) -> None:
    """At an end of the rows nothing moves before there are more of them, which may be there since what was seen
    `before`, and fill but the last row.
    """
    visitor.page.mouse.wheel(0, distance)
    visitor.page.wait_for_function(f"before => {SEEN} !== before", arg=before)


def sight(visitor: Visitor) -> list[Any]:
    return list(visitor.page.evaluate(SIGHT))


def place(visitor: Visitor, number: int) -> float:
    """How high it stands in the window."""
    box = card(visitor, number).bounding_box()
    assert box
    return box["y"]


@pytest.mark.long
def test_at_most_ten_pages_are_in_the_document_and_nothing_moves(visit: Visit, site: Site, painter: Member) -> None:
    visitor = walls(site, visit, painter)
    first = sight(visitor)
    scroll_to(visitor, MANY)
    high, here = visitor.page.evaluate(HEIGHT), visitor.page.evaluate("scrollY")
    assert visitor.page.evaluate(TILES) <= MOST
    assert visitor.main.locator("[data-far]").count() > 2
    there = sight(visitor)
    visitor.page.evaluate("scrollTo(0, 0)")
    expect(visitor.main.locator(f"[data-image='{first[0]}']")).to_be_in_viewport()
    assert sight(visitor) == first
    assert visitor.page.evaluate(HEIGHT) == high
    assert visitor.page.evaluate(TILES) <= MOST
    visitor.page.evaluate("y => scrollTo(0, y)", here)
    expect(visitor.main.locator(f"[data-image='{there[0]}']")).to_be_in_viewport()
    assert sight(visitor) == there
    visitor.press("j")
    visitor.press("Home")
    assert visitor.page.evaluate("document.activeElement.dataset.image") == first[0]


@pytest.mark.long
def test_back_from_a_picture_is_where_one_left_with_pages_above(visit: Visit, site: Site, painter: Member) -> None:
    visitor = walls(site, visit, painter)
    scroll_to(visitor, 400)
    card(visitor, 400).focus()
    left = place(visitor, 400)
    visitor.press("Enter")
    expect(visitor.main.get_by_text("wall 400", exact=True).first).to_be_visible()
    # Nothing is kept by the browser here: the way back is as after a form.
    visitor.page.evaluate("sessionStorage.removeItem('rows')")
    visitor.page.evaluate("() => { document.querySelector('[data-back]').href = '/mine/?density=small'; }")
    visitor.press("Escape")
    expect(card(visitor, 400)).to_be_focused()
    assert abs(place(visitor, 400) - left) < 2
    assert visitor.page.evaluate(TILES) < 300
    visitor.page.mouse.wheel(0, -300)
    expect(card(visitor, 300)).to_be_attached()
    while True:
        before = visitor.page.evaluate(SEEN)
        if card(visitor, 1).count() and not visitor.page.evaluate("scrollY"):
            break
        turn_wheel(visitor, -1500, before)
    expect(card(visitor, 1)).to_be_in_viewport()
    numbers = visitor.page.evaluate(
        "[...document.querySelectorAll('#grid img[alt^=wall]')].map((one) => Number(one.alt.slice(5)))"
    )
    assert numbers[:200] == list(range(1, 201))
    assert numbers == sorted({*numbers})
