"""Every kind of page: axe-core finds nothing, light and dark, laptop and phone; and nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.accessible import finds_nothing
from tests.e2e.conftest import Member, Site
from tests.e2e.instance import Easel
from tests.e2e.pages import Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize(
    "path",
    [
        "/", "/mine/", "/create/", "/trash/", "/notices/", "/accounts/password/change/", "/accounts/logout/",
        "/account/", "/account/leave/", "/account/left/", "/accounts/2fa/", "/accounts/sessions/", "/usage/me/",
        "/usage/me/ledger/",
    ],
)  # fmt: skip
def test_pages_of_a_member(visit: Visit, painter: Member, path: str) -> None:
    visitor = visit(painter)
    visitor.go(path)
    finds_nothing(visitor)


def test_the_page_of_somebody(visit: Visit, painter: Member, newcomer: Member) -> None:
    visitor = visit(newcomer)
    for name in (painter.name, newcomer.name):
        visitor.go(f"/u/{name}/")
        finds_nothing(visitor)


@pytest.mark.parametrize("path", ["/mine/", "/create/"])
def test_pages_of_a_newcomer(visit: Visit, newcomer: Member, path: str) -> None:
    visitor = visit(newcomer)
    visitor.go(path)
    finds_nothing(visitor)


def test_signing_in_and_its_failure(visit: Visit) -> None:
    stranger = visit()
    stranger.go("/accounts/login/")
    finds_nothing(stranger)
    stranger.page.get_by_label("Username").fill("nobody")
    stranger.page.get_by_label("Password", exact=True).fill("wrong")
    stranger.main.get_by_role("button", name="Sign in", exact=True).click()
    expect(stranger.main.get_by_text("not correct")).to_be_visible()
    finds_nothing(stranger)


def test_the_page_of_a_picture_with_everything_open(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(painter.address(1))
    visitor.let_see("Whoever has the link")
    visitor.comment("Look at that light.")
    finds_nothing(visitor)
    visitor.details.get_by_text("Technical details", exact=True).click()
    visitor.details.get_by_text("Feedback for the provider", exact=True).click()
    visitor.details.get_by_text("Report", exact=True).click()
    expect(visitor.details.get_by_role("button", name="Send to staff")).to_be_visible()
    finds_nothing(visitor)
    visitor.press("?")
    expect(visitor.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    finds_nothing(visitor)


def test_the_family_of_a_picture(visit: Visit, elder: Member) -> None:
    visitor = visit(elder)
    for path in (elder.address(5), f"{elder.address(5)}family/"):
        visitor.go(path)
        finds_nothing(visitor)


def test_the_page_of_a_picture_with_a_long_prompt(visit: Visit, newcomer: Member) -> None:
    visitor = visit(newcomer)
    visitor.go("/create/")
    visitor.compose("A stair with very many steps, " * 100)
    visitor.create_button.click()
    visitor.main.get_by_role("article").get_by_role("link").filter(has=visitor.page.get_by_role("img")).click()
    expect(visitor.details).to_be_visible()
    finds_nothing(visitor)


def test_feedback_for_the_provider(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(f"{painter.address(1)}provider-feedback/")
    finds_nothing(visitor)


def test_a_shared_picture(visit: Visit, painter: Member) -> None:
    visitor, stranger = visit(painter), visit()
    visitor.go(painter.address(1))
    visitor.let_see("Whoever has the link")
    stranger.go(visitor.share_path)
    finds_nothing(stranger)


def test_a_deleted_picture_and_its_trash(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(painter.address(1))
    visitor.delete_picture()
    finds_nothing(visitor)
    visitor.go("/trash/")
    finds_nothing(visitor)


def test_pictures_on_their_way(visit: Visit, newcomer: Member, easel: Easel) -> None:
    visitor = visit(newcomer)
    visitor.create("A warm-up, so that there is a usual time")
    visitor.wait_for_pictures("A warm-up, so that there is a usual time")
    easel.hold()
    first = visitor.create("Four kites over a hill", Pictures="4")
    expect(first.get_by_text("Generating", exact=True)).to_have_count(4)
    waiting = visitor.create("A fifth kite", Pictures="1")
    expect(waiting.get_by_text("Queued", exact=True)).to_be_visible()
    finds_nothing(visitor)
    waiting.get_by_role("link", name="A fifth kite").click()
    expect(visitor.page.get_by_role("heading", name="Asked for")).to_be_visible()
    finds_nothing(visitor)
    easel.release()
    visitor.wait_for_pictures("A fifth kite")


def test_failures_and_the_page_of_what_was_asked(visit: Visit, newcomer: Member, easel: Easel) -> None:
    visitor = visit(newcomer)
    for fault, words in [
        ("status:500", "Provider failed"),
        ("cut", "Outcome unknown"),
        ("garbage", "Unreadable reply"),
    ]:
        easel.faults.set(fault, times=1, prompt="A window that will not open")
        made = visitor.create(f"A window that will not open, {fault}")
        expect(made.get_by_text(words, exact=True)).to_be_visible()
        made.get_by_text("Technical details").click()
    finds_nothing(visitor)
    made.get_by_role("link", name="A window that will not open").click()
    expect(visitor.page.get_by_role("heading", name="Asked for")).to_be_visible()
    finds_nothing(visitor)


def test_a_refused_form(visit: Visit, newcomer: Member) -> None:
    visitor = visit(newcomer)
    visitor.watch.allowed.add(422)
    visitor.go("/create/")
    visitor.create_button.click()
    expect(visitor.composer.get_by_text("Describe the picture you want.")).to_be_visible()
    finds_nothing(visitor)


def test_the_account_menu(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go("/mine/")
    visitor.account_menu.click()
    expect(visitor.page.get_by_role("button", name="Sign out")).to_be_visible()
    finds_nothing(visitor)


def test_nothing_here(visit: Visit, painter: Member) -> None:
    visitor = visit(painter)
    visitor.go(f"/images/{uuid4()}/", expecting=404)
    finds_nothing(visitor)


def test_a_page_that_was_too_old(visit: Visit) -> None:
    stranger = visit()
    stranger.watch.allowed.add(403)
    stranger.go("/accounts/login/")
    stranger.page.context.clear_cookies()
    stranger.page.get_by_label("Username").fill("somebody")
    stranger.page.get_by_label("Password", exact=True).fill("something")
    stranger.main.get_by_role("button", name="Sign in", exact=True).click()
    expect(stranger.page.get_by_role("heading", name="That page was too old")).to_be_visible()
    finds_nothing(stranger)


@pytest.mark.parametrize("status", [400, 403, 500])
def test_pages_of_things_that_hardly_happen(visit: Visit, site: Site, status: int) -> None:
    stranger = visit()
    page = site.stage.pages[f"{status}.html"]
    stranger.page.route("**/hardly/", lambda route: route.fulfill(status=status, content_type="text/html", body=page))
    stranger.go("/hardly/", expecting=status)
    finds_nothing(stranger)


def test_a_full_inbox_and_its_notices(visit: Visit, painter: Member, newcomer: Member, moderator: Member) -> None:
    guest, staff, owner = visit(newcomer), visit(moderator), visit(painter)
    for address in (painter.address(1), painter.address(2)):
        guest.go(address)
        guest.details.get_by_text("Report", exact=True).click()
        guest.details.get_by_label("Something else").check()
        guest.details.get_by_role("button", name="Send to staff").click()
        expect(guest.details.get_by_text("You have reported this picture.")).to_be_visible()
    staff.go("/inbox/")
    mine = staff.main.get_by_role("listitem").filter(has_text=painter.study(1))
    mine.get_by_text("Ask the owner").click()
    finds_nothing(staff)
    mine.get_by_label("What do you want to ask").fill("Which way up?")
    mine.get_by_role("button", name="Ask", exact=True).click()
    staff.go("/inbox/?state=done")
    finds_nothing(staff)
    owner.go("/notices/")
    expect(owner.page.get_by_label("Your answer")).to_be_visible()
    finds_nothing(owner)


@pytest.mark.parametrize("path", ["/inbox/provider-feedback/", "/audit/", "/audit/?who=nobody", "/inbox/?before=0"])
def test_pages_of_an_admin(visit: Visit, painter: Member, admin: Member, path: str) -> None:
    talker, visitor = visit(painter), visit(admin)
    talker.go(painter.address(1))
    talker.comment("Look at that light.")
    visitor.go(path)
    finds_nothing(visitor)


@pytest.mark.parametrize("path", ["/usage/?table=members&chart=member", "/usage/?table=taste", "/usage/ledger/"])
def test_the_review_of_usage(visit: Visit, moderator: Member, path: str) -> None:
    visitor = visit(moderator)
    visitor.go(path)
    for fold in visitor.main.get_by_text("The figures as a table").all():
        fold.click()
    finds_nothing(visitor)


@pytest.mark.parametrize("path", ["/admin/", "/admin/generator/limit/add/", "/admin/gallery/user/add/"])
def test_pages_of_the_administration(visit: Visit, admin: Member, path: str) -> None:
    visitor = visit(admin)
    visitor.go(path)
    finds_nothing(visitor, preload=False)


@pytest.mark.parametrize("path", ["/admin/generator/call/?state__exact=succeeded&q=", "/admin/gallery/user/?q="])
def test_rows_of_the_administration(visit: Visit, painter: Member, admin: Member, path: str) -> None:
    """Those of one person: to look at a hundred takes long and says nothing new."""
    visitor = visit(admin)
    visitor.go(f"{path}{painter.name}")
    finds_nothing(visitor)
    visitor.page.locator("#result_list tbody th a").first.click()
    expect(visitor.page.get_by_role("link", name="History")).to_be_visible()
    finds_nothing(visitor, preload=False)
