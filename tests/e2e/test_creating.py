"""A prompt becomes pictures, and everything that may happen on the way."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Member
from tests.e2e.instance import Easel
from tests.e2e.pages import Visitor
from tests.e2e.stage import PASSWORD

Visit = Callable[..., Visitor]


def test_a_prompt_becomes_a_picture_without_reloading(visit: Visit, newcomer: Member, easel: Easel) -> None:
    prompt = "A lighthouse in fog, teal and grey"
    easel.hold()
    visitor = visit(newcomer)
    made = visitor.create(prompt, Shape="16:9")
    expect(made.get_by_text("Generating", exact=True)).to_be_visible()
    expect(made.get_by_text("0 of 1 ready")).to_be_visible()
    visitor.page.evaluate("window.sameDocument = true")
    easel.release()
    tile = visitor.wait_for_pictures(prompt)
    assert visitor.page.evaluate("window.sameDocument")
    tile.click()
    visitor.sees_picture(prompt)
    expect(visitor.details).to_contain_text("1344 \u00d7 768")
    assert easel.charged_for(prompt) == 1


def test_four_pictures_are_four_calls_that_arrive_one_by_one(visit: Visit, newcomer: Member, easel: Easel) -> None:
    prompt = "Four paper boats on a red sea"
    visitor = visit(newcomer)
    made = visitor.create(prompt, Pictures="4")
    visitor.wait_for_pictures(prompt, 4)
    expect(made.get_by_role("group")).to_have_count(4)
    assert easel.charged_for(prompt) == 4
    visitor.pictures(prompt).first.click()
    expect(visitor.page.get_by_role("heading", name="From the same prompt")).to_be_visible()


def test_a_double_click_is_one_generation(visit: Visit, newcomer: Member, easel: Easel) -> None:
    prompt = "An impatient hummingbird"
    visitor = visit(newcomer)
    visitor.go("/create/")
    visitor.compose(prompt)
    visitor.create_button.dblclick()
    visitor.wait_for_pictures(prompt)
    visitor.page.reload()
    expect(visitor.generation(prompt)).to_have_count(1)
    assert easel.charged_for(prompt) == 1


def test_going_back_and_sending_the_same_form_again_is_one_generation(
    visit: Visit, newcomer: Member, easel: Easel
) -> None:
    prompt = "A second thought"
    visitor = visit(newcomer)
    visitor.create(prompt)
    visitor.wait_for_pictures(prompt)
    visitor.page.go_back()
    visitor.compose(prompt)
    visitor.create_button.click()
    visitor.page.wait_for_url("**/create/#g-*")
    expect(visitor.generation(prompt)).to_have_count(1)
    assert easel.charged_for(prompt) == 1


def test_a_failure_says_why_and_can_be_tried_again(visit: Visit, newcomer: Member, easel: Easel) -> None:
    prompt = "A stubborn mule on a bridge"
    easel.faults.set("status:500", times=1, prompt=prompt)
    visitor = visit(newcomer)
    made = visitor.create(prompt)
    expect(made.get_by_text("Provider failed")).to_be_visible()
    expect(made.get_by_text("The API failed (HTTP 500)")).to_be_visible()
    made.get_by_role("button", name="Try again").click()
    visitor.wait_for_pictures(prompt)
    expect(made.get_by_text("Provider failed")).to_have_count(0)


def test_a_refused_prompt_can_be_edited_and_tried_again(visit: Visit, newcomer: Member, easel: Easel) -> None:
    easel.faults.set("status:400", times=1, prompt="forbidden fruit")
    visitor = visit(newcomer)
    made = visitor.create("A bowl of forbidden fruit")
    expect(made.get_by_text("Refused by the provider")).to_be_visible()
    made.get_by_role("link", name="Edit and try again").click()
    expect(visitor.prompt).to_have_value("A bowl of forbidden fruit")
    visitor.compose("A bowl of cherries")
    visitor.create_button.click()
    visitor.wait_for_pictures("A bowl of cherries")


def test_silence_is_never_sent_again_by_itself(visit: Visit, newcomer: Member, easel: Easel) -> None:
    prompt = "A phone that nobody answers"
    easel.faults.set("cut", times=1, prompt=prompt)
    visitor = visit(newcomer)
    made = visitor.create(prompt)
    expect(made.get_by_text("It may have been charged.")).to_be_visible()
    assert easel.charged_for(prompt) == 1
    made.get_by_role("button", name="Send again").click()
    visitor.wait_for_pictures(prompt)
    assert easel.charged_for(prompt) == 2


def test_a_waiting_call_can_be_cancelled_and_costs_nothing(visit: Visit, newcomer: Member, easel: Easel) -> None:
    easel.hold()
    visitor = visit(newcomer)
    first = visitor.create("Four geese that take all places", Pictures="4")
    expect(first.get_by_text("Generating", exact=True)).to_have_count(4)
    made = visitor.create("A fifth goose", Pictures="1")
    expect(made.get_by_text("Queued", exact=True)).to_be_visible()
    made.get_by_role("button", name="Cancel").click()
    visitor.is_told("Cancelled. Nothing was sent.")
    expect(made.get_by_text("Nothing was sent.")).to_be_visible()
    easel.release()
    visitor.wait_for_pictures("Four geese that take all places", 4)
    assert easel.charged_for("A fifth goose") == 0


def test_the_badge_counts_on_every_page_and_goes_away(visit: Visit, newcomer: Member, easel: Easel) -> None:
    easel.hold()
    visitor = visit(newcomer)
    visitor.create("A slow snail on a wall")
    visitor.go("/")
    expect(visitor.badge).to_have_text(re.compile(r"1 / \d+\s*$"))
    easel.release()
    expect(visitor.badge).to_be_hidden()
    assert visitor.path == "/"


def test_a_remix_starts_from_somebody_elses_picture(visit: Visit, newcomer: Member, painter: Member) -> None:
    visitor = visit(newcomer)
    visitor.go(painter.address(1))
    visitor.details.get_by_role("link", name="Remix").click()
    expect(visitor.composer).to_contain_text(f"Remixing a picture by {painter.name}")
    expect(visitor.prompt).to_have_value(painter.study(1))
    prompt = f"{painter.study(1)}, at night"
    visitor.compose(prompt)
    visitor.create_button.click()
    visitor.wait_for_pictures(prompt).click()
    visitor.details.get_by_role("region", name="Made from", exact=True).get_by_role(
        "link", name=painter.study(1)
    ).click()
    visitor.sees_picture(painter.study(1))
    assert visitor.path == painter.address(1)


def test_what_was_typed_survives_a_mistake(visit: Visit, newcomer: Member) -> None:
    visitor = visit(newcomer)
    visitor.watch.allowed.add(422)
    visitor.go("/create/")
    visitor.compose("x" * 4001)
    visitor.create_button.click()
    expect(visitor.composer.get_by_text("at most 4,000 fit")).to_be_visible()
    expect(visitor.prompt).to_have_value("x" * 4001)


def test_what_was_chosen_survives_signing_in_again(visit: Visit, newcomer: Member, easel: Easel) -> None:
    visitor = visit(newcomer)
    visitor.go("/create/")
    prompt = "A ferry that waits for its passengers"
    visitor.compose(prompt, Shape="16:9", Pictures="3")
    visitor.page.context.clear_cookies(name=re.compile("vitrine_session_"))
    visitor.create_button.click()
    visitor.sign_in(newcomer.name, PASSWORD)
    expect(visitor.prompt).to_have_value(prompt)
    visitor.create_button.click()
    visitor.page.wait_for_url("**/create/#g-*")
    visitor.wait_for_pictures(prompt, 3)
    assert easel.charged_for(prompt) == 3
    expect(visitor.generation(prompt)).to_contain_text("16:9")
