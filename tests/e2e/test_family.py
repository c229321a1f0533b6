"""From a picture to where it came from, and on to what else became of that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor
from tests.e2e.stage import FAMILY
from tests.e2e.test_keyboard import walk_to

Visit = Callable[..., Visitor]
DUSK, BOATS, STORM, NIGHT = 1, 6, 4, 7


def step(visitor: Visitor, member: Member, place: int) -> Locator:
    """The list item of a picture of the family, with all that was made from it."""
    return visitor.main.locator(f'li:has(> .kin-card [data-image="{member.pictures[place]}"])')


@pytest.mark.parametrize("script", [True, False])
def test_from_a_picture_by_its_family_to_another_branch(visit: Visit, elder: Member, script: bool) -> None:
    visitor = visit(elder, java_script_enabled=script)
    visitor.go(elder.address(STORM + 1))
    walk_to(visitor, visitor.details.get_by_role("link", name="The whole family"))
    visitor.press("Enter")
    expect(visitor.main.get_by_role("heading", name="Family of a picture")).to_be_visible()
    expect(visitor.main.locator("[data-image]")).to_have_count(len(FAMILY))
    here = step(visitor, elder, STORM)
    expect(here.get_by_text("You came from here")).to_be_visible()
    expect(here.locator("ins").first).to_contain_text("storm,")
    fold = here.locator("summary")
    walk_to(visitor, fold)
    visitor.press("Enter")
    expect(here.locator(f'[data-image="{elder.pictures[NIGHT]}"]')).to_be_hidden()
    visitor.press("Enter")
    expect(here.locator(f'[data-image="{elder.pictures[NIGHT]}"]')).to_be_visible()
    walk_to(visitor, visitor.main.locator(f'[data-image="{elder.pictures[BOATS]}"]'))
    visitor.press("Enter")
    visitor.page.wait_for_url(f"**{elder.address(BOATS + 1)}")
    expect(visitor.details.get_by_role("heading", name="Made from", exact=True)).to_be_visible()
    expect(visitor.details.get_by_role("heading", name="Made from this (1)")).to_be_visible()


def test_a_remix_from_the_family_is_of_that_picture(visit: Visit, elder: Member) -> None:
    visitor = visit(elder)
    visitor.go(f"{elder.address(STORM + 1)}family/")
    step(visitor, elder, DUSK).get_by_role("link", name="Remix").first.click()
    expect(visitor.prompt).to_have_value(FAMILY[DUSK][1])
