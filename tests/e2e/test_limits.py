"""A shared key has limits: one sees how much is left, is warned, and is refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.accessible import finds_nothing
from tests.e2e.conftest import Member, Site
from tests.e2e.pages import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def limited(site: Site, newcomer: Member) -> Member:
    """Somebody who may have five pictures a day."""
    site.instance.manage("limits", "set", "pictures/day", "5", "--member", newcomer.name)
    return newcomer


@pytest.fixture
def priced(site: Site) -> Iterator[None]:
    """Pictures cost something while this story is told."""
    site.instance.manage("shell", "-c", f"{PRICES}.create(valid_from='2020-01-01', per_picture='0.02')")
    yield
    site.instance.manage("shell", "-c", f"{PRICES}.all().delete()")


PRICES = "from generator.models import Price; Price.objects"


def test_a_member_is_warned_and_then_refused_and_nothing_typed_is_lost(visit: Visit, limited: Member) -> None:
    visitor = visit(limited)
    visitor.watch.allowed.add(429)
    visitor.go("/create/")
    limits = visitor.main.get_by_role("region", name="Your limits")
    expect(limits).to_contain_text("Your pictures today: 0 of 5, resets at midnight")
    visitor.create("Four swans and no more", Pictures="4")
    visitor.wait_for_pictures("Four swans and no more", 4)
    visitor.go("/create/")
    expect(limits).to_contain_text("Nearly used up")
    expect(limits).to_contain_text("Your pictures today: 4 of 5, resets at midnight")

    visitor.compose("Two swans too many", Pictures="2", Shape="9:16")
    visitor.create_button.click()
    told = visitor.composer.get_by_role("alert")
    expect(told).to_have_text(re.compile(r"Not enough left for 2: your pictures today, 4 of 5\. Resets at midnight\. "))
    expect(told).to_contain_text("For more, ask an administrator.")
    expect(visitor.prompt).to_have_value("Two swans too many")
    expect(visitor.composer.get_by_role("radio", name="9:16")).to_be_checked()
    expect(visitor.composer.get_by_role("group", name="Pictures").get_by_role("radio", name="2")).to_be_checked()
    finds_nothing(visitor)

    visitor.choose("Pictures", "1")
    visitor.create_button.click()
    visitor.wait_for_pictures("Two swans too many")
    visitor.page.reload()
    expect(limits).to_contain_text("Used up")


def test_staff_find_the_limits_of_a_member_on_their_page(visit: Visit, limited: Member, admin: Member) -> None:
    visitor = visit(admin)
    visitor.go(f"/people/?q={limited.name}")
    visitor.main.get_by_role("link", name=limited.name).click()
    limits = visitor.main.get_by_role("region", name="Limits")
    expect(limits).to_contain_text("0 of 5, resets at midnight")
    finds_nothing(visitor)
    limits.get_by_role("link", name="Pictures a day").click()
    expect(visitor.page.get_by_label("At most")).to_have_value("5.00")


def test_the_estimate_follows_what_is_chosen(visit: Visit, newcomer: Member, priced: None) -> None:
    visitor = visit(newcomer)
    visitor.go("/create/")
    expect(visitor.composer.get_by_text("1 picture, about 0.02 EUR")).to_be_visible()
    visitor.choose("Pictures", "3")
    expect(visitor.composer.get_by_text("3 pictures, about 0.06 EUR")).to_be_visible()


def test_what_each_model_costs_follows_without_scripts(visit: Visit, newcomer: Member, priced: None) -> None:
    visitor = visit(newcomer, java_script_enabled=False)
    visitor.go("/create/")
    expect(visitor.composer.get_by_text("About what they cost stands with each model.")).to_be_visible()
    expect(visitor.composer.get_by_text("1 picture, about 0.02 EUR")).to_be_hidden()
    visitor.composer.get_by_text("Model", exact=False).first.click()
    expect(visitor.composer.get_by_role("radio", name="about 0.02 EUR").first).to_be_visible()
    visitor.choose("Pictures", "3")
    expect(visitor.composer.get_by_role("radio", name="about 0.06 EUR").first).to_be_visible()
    expect(visitor.composer.get_by_role("radio", name="about 0.02 EUR")).to_have_count(0)


def test_the_estimate_is_there_without_scripts(visit: Visit, newcomer: Member) -> None:
    visitor = visit(newcomer, java_script_enabled=False)
    visitor.go("/create/")
    expect(visitor.composer.get_by_text("1 picture", exact=True)).to_be_visible()
