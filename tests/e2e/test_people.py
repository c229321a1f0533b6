"""Several people around one picture: what they say about it, and who may see it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor

Visit = Callable[..., Visitor]


def test_two_members_meet_at_a_picture(visit: Visit, painter: Member, newcomer: Member) -> None:
    prompt = "A shared table under a plum tree"
    owner, guest = visit(painter), visit(newcomer)
    owner.create(prompt)
    owner.wait_for_pictures(prompt)
    guest.go("/")
    guest.pictures(prompt).click()
    guest.sees_picture(prompt)
    expect(guest.details.get_by_role("button", name="Delete", exact=True)).to_have_count(0)
    guest.rate(4)
    guest.comment("The light is lovely.")
    owner.pictures(prompt).click()
    expect(owner.details).to_contain_text("4 · 1 rating")
    owner.rate(2)
    expect(owner.details).to_contain_text("3 · 2 ratings")
    owner.comment("Thank you!")
    guest.page.reload()
    expect(guest.details.get_by_role("listitem").filter(has_text="Thank you!")).to_contain_text(painter.name)
    expect(guest.details.get_by_role("radio", name="4 stars")).to_be_checked()


def test_feedback_can_be_taken_back(visit: Visit, painter: Member, newcomer: Member) -> None:
    visitor = visit(newcomer)
    visitor.go(painter.address(1))
    visitor.rate(5)
    visitor.details.get_by_role("button", name="Clear").click()
    expect(visitor.details.get_by_text("No ratings yet")).to_be_visible()
    visitor.comment("A rash word.")
    visitor.details.get_by_role("button", name="Delete the comment").click()
    expect(visitor.details.get_by_text("A rash word.")).to_have_count(0)


def test_a_report_goes_to_staff_once(visit: Visit, painter: Member, newcomer: Member) -> None:
    visitor = visit(newcomer)
    visitor.go(painter.address(1))
    visitor.details.get_by_text("Report", exact=True).click()
    visitor.details.get_by_label("Something else").check()
    visitor.details.get_by_label("Anything staff should know").fill("It is upside down.")
    visitor.details.get_by_role("button", name="Send to staff").click()
    expect(visitor.details.get_by_text("You have reported this picture.")).to_be_visible()
    visitor.page.reload()
    expect(visitor.details.get_by_text("You have reported this picture.")).to_be_visible()


def test_a_text_for_the_provider_is_ready_to_copy(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, permissions=["clipboard-read", "clipboard-write"])
    visitor.go(painter.address(1))
    visitor.stop_clocks()
    visitor.details.get_by_text("Technical details", exact=True).click()
    visitor.details.get_by_text("Feedback for the provider", exact=True).click()
    visitor.details.get_by_role("textbox", name="Your words").fill("Six fingers.")
    prepared = visitor.details.get_by_role("textbox", name="Prepared text")
    visitor.details.get_by_role("button", name="Copy", exact=True).click()
    expect(visitor.details.get_by_role("button", name="Copied")).to_be_visible()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied == prepared.input_value()
    for line in (
        "Reply id: imagen_",
        "API user: 7",
        "Model: flux",
        "Ratio: 1:1",
        "Elapsed time: 3.2 s",
        "Six fingers.",
    ):
        assert line in copied


def test_a_link_shows_a_stranger_exactly_one_picture(visit: Visit, painter: Member) -> None:
    owner, stranger = visit(painter), visit()
    owner.go(painter.address(2))
    owner.let_see("Whoever has the link")
    stranger.go(shared := owner.share_path)
    stranger.sees_picture(painter.study(2))
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text(painter.study(2))
    assert stranger.page.get_by_role("main").get_by_role("img").count() == 1
    received = stranger.page.request.get(f"{stranger.base}{shared}original/")
    assert received.body() == owner.page.request.get(f"{owner.base}{painter.address(2)}original/").body()
    for path in (painter.address(2), painter.address(1), f"{painter.address(2)}original/", "/"):
        stranger.go(path)
        assert stranger.path == "/accounts/login/", path
    owner.let_see("Only me")
    stranger.go(shared, expecting=404)
    stranger.go(f"{shared}original/", expecting=404)


def test_everyone_may_see_a_public_picture_but_do_nothing_to_it(visit: Visit, painter: Member) -> None:
    owner, stranger = visit(painter), visit()
    owner.go(painter.address(1))
    owner.let_see("Everyone")
    stranger.go(painter.address(1))
    stranger.sees_picture(painter.study(1))
    for name in ("Delete", "Remix", "Comment"):
        expect(stranger.details.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(stranger.page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_a_private_picture_is_a_404_to_other_members(visit: Visit, painter: Member, newcomer: Member) -> None:
    owner, other = visit(painter), visit(newcomer)
    owner.go(painter.address(4))
    owner.let_see("Only me")
    address = painter.address(4)
    for path in (
        address,
        f"{address}original/",
        f"{address}download/",
        f"{address}thumbs/320/",
        f"{address}provider-feedback/",
    ):
        other.go(path, expecting=404)
    other.go(f"/images/{uuid4()}/", expecting=404)
    other.go(painter.address(3))
    other.press("ArrowLeft")
    other.page.wait_for_url(f"**{painter.address(5)}")
    other.sees_picture(painter.study(5))


def test_signing_out_leaves_nothing_to_see(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.choose_from_menu("Sign out")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.go(painter.address(1))
    assert visitor.path == "/accounts/login/"
