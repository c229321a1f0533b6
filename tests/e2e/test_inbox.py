"""A report on its way: reported, decided by a key, undone, decided again, and read of by everybody concerned."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Member
from tests.e2e.pages import Visitor

Visit = Callable[..., Visitor]


def report(visitor: Visitor, address: str, words: str) -> None:
    visitor.go(address)
    visitor.details.get_by_text("Report", exact=True).click()
    visitor.details.get_by_label("Something else").check()
    visitor.details.get_by_label("Anything staff should know").fill(words)
    visitor.details.get_by_role("button", name="Send to staff").click()
    expect(visitor.details.get_by_text("You have reported this picture.")).to_be_visible()


def item(visitor: Visitor, words: str) -> Locator:
    return visitor.main.get_by_role("listitem").filter(has_text=words)


def choose(visitor: Visitor, words: str) -> None:
    """Walk down to the item with J."""
    wanted = item(visitor, words)
    expect(wanted).to_be_visible()
    visitor.is_ready()
    for _ in visitor.main.get_by_role("listitem").all():
        if wanted.evaluate("element => element === document.activeElement"):
            break
        visitor.press("j")
    expect(wanted).to_be_focused()


def test_a_report_is_decided_by_a_key_undone_and_read_of(
    visit: Visit, painter: Member, newcomer: Member, moderator: Member
) -> None:
    words = f"{painter.name} hangs upside down."
    guest, staff, owner = visit(newcomer), visit(moderator), visit(painter)
    report(guest, painter.address(1), words)
    staff.go("/inbox/?kind=reports")
    expect(item(staff, words)).to_contain_text(painter.study(1))
    expect(item(staff, words)).to_contain_text(newcomer.name)
    staff.stop_clocks()
    choose(staff, words)
    staff.press("t")
    staff.is_told("Moved to the trash.")
    expect(item(staff, words)).to_have_count(0)
    owner.go(painter.address(1), expecting=404)
    staff.press("u")
    staff.is_told("Undone. It is in the inbox again.")
    expect(item(staff, words)).to_be_focused()
    owner.go("/notices/")
    expect(owner.page.get_by_role("heading", name="No notices")).to_be_visible()
    choose(staff, words)
    staff.press("h")
    staff.is_told("Hidden.")
    for reader, sentence in ((owner, "Staff have hidden a picture of yours"), (guest, "Staff have hidden the picture")):
        reader.go("/mine/")
        reader.page.get_by_role("banner").get_by_role("link", name="Notices 1 unread").click()
        expect(item(reader, sentence)).to_be_visible()
        reader.main.get_by_role("button", name="Mark all as read").click()
        expect(reader.page.get_by_role("banner").get_by_role("link", name="Notices", exact=True)).to_be_visible()
    guest.go(painter.address(1), expecting=404)
    owner.go(painter.address(1))


def test_a_question_is_asked_by_key_and_answered(
    visit: Visit, painter: Member, newcomer: Member, moderator: Member
) -> None:  # fmt: skip
    words = f"Whose door does {painter.name} show?"
    guest, staff, owner = visit(newcomer), visit(moderator), visit(painter)
    guest.go(painter.address(2))
    guest.comment(words)
    staff.go("/inbox/?kind=comments")
    choose(staff, words)
    staff.press("a")
    staff.page.keyboard.type("What do you mean by that?")
    item(staff, words).get_by_role("button", name="Ask", exact=True).click()
    staff.is_told("The owner is asked.")
    guest.go("/notices/")
    guest.page.get_by_label("Your answer").fill("Only that it looks like mine.")
    guest.main.get_by_role("button", name="Answer").click()
    guest.is_told("Your answer is sent to staff.")
    staff.go("/inbox/?kind=comments")
    expect(item(staff, words)).to_contain_text("Only that it looks like mine.")
    choose(staff, words)
    staff.press("n")
    staff.is_told("No problem found.")
    owner.go(painter.address(2))
    expect(owner.details.get_by_text(words)).to_be_visible()


def test_the_keys_are_on_a_sheet_and_typing_is_no_key(visit: Visit, painter: Member, moderator: Member) -> None:
    owner, staff = visit(painter), visit(moderator)
    owner.go(painter.address(3))
    owner.comment(f"{painter.name} says hello.")
    staff.go("/inbox/")
    staff.press("?")
    expect(staff.page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Ask its owner")
    staff.press("Escape")
    choose(staff, f"{painter.name} says hello.")
    staff.press("a")
    staff.page.keyboard.type("nht")
    expect(item(staff, f"{painter.name} says hello.").get_by_role("textbox")).to_have_value("nht")
    staff.press("Escape")
    expect(item(staff, f"{painter.name} says hello.")).to_be_focused()


def test_without_script_every_decision_is_a_button(visit: Visit, painter: Member, moderator: Member) -> None:
    owner, staff = visit(painter), visit(moderator, java_script_enabled=False)
    words = f"{painter.name} says no."
    owner.go(painter.address(4))
    owner.comment(words)
    staff.go("/inbox/?kind=comments")
    expect(staff.main.get_by_text("no problem,")).to_be_hidden()
    item(staff, words).get_by_role("button", name="Hide").click()
    staff.is_told("Hidden.")
    owner.page.reload()
    expect(owner.details.get_by_text("Hidden: only you see it")).to_be_visible()
    staff.go("/inbox/?state=done")
    item(staff, words).get_by_role("button", name="Undo").click()
    staff.is_told("Undone.")


def test_an_admin_reads_what_was_done(visit: Visit, painter: Member, admin: Member) -> None:
    owner, staff = visit(painter), visit(admin)
    owner.go(painter.address(5))
    owner.let_see("Only me")
    staff.go("/inbox/")
    staff.choose_from_menu("Audit log")
    staff.page.get_by_label("Who", exact=True).fill(painter.name)
    staff.main.get_by_role("button", name="Search").click()
    line = staff.main.get_by_role("row").filter(has_text="Everyone signed in → Only me")
    expect(line).to_contain_text(f"{painter.name} changed who may see a picture")
    expect(line).to_contain_text("127.0.0.1")
