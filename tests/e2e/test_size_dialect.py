"""The older documented form of the API: width, height and count, up to four pictures from one call."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Curtain, Site


def test_four_pictures_are_one_call(curtain: Curtain, size_site: Site) -> None:
    prompt = "Four seasons of one tree"
    visitor = curtain.open(size_site.base, size_site.take(painter=False))
    size_site.easel.hold()
    made = visitor.create(prompt, Size="768 \u00d7 1366", Pictures="4")
    expect(made.get_by_text("Generating", exact=True)).to_be_visible()
    expect(made.get_by_role("group")).to_have_count(1)
    size_site.easel.release()
    visitor.wait_for_pictures(prompt, 4)
    assert size_site.easel.charged_for(prompt) == 1


def test_a_size_of_ones_own(curtain: Curtain, size_site: Site) -> None:
    prompt = "A very wide meadow"
    visitor = curtain.open(size_site.base, size_site.take(painter=False))
    visitor.go("/create/")
    visitor.compose(prompt, Size="Custom")
    visitor.composer.get_by_label("Width in pixels").fill("640")
    visitor.composer.get_by_label("Height in pixels").fill("256")
    visitor.create_button.click()
    visitor.wait_for_pictures(prompt).click()
    visitor.sees_picture(prompt)
    expect(visitor.details).to_contain_text("640 \u00d7 256")


def test_one_bad_file_among_four_leaves_three_and_says_so(curtain: Curtain, size_site: Site) -> None:
    prompt = "Four coins, one of them false"
    size_site.easel.faults.set("badimage", times=1, index=2, prompt=prompt)
    visitor = curtain.open(size_site.base, size_site.take(painter=False))
    made = visitor.create(prompt, Pictures="4")
    expect(made.get_by_text("Some pictures are missing")).to_be_visible()
    visitor.wait_for_pictures(prompt, 3)
