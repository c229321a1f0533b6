"""Becoming a member and proving to be one: invitation, approval, another site, a passkey; and ending a session."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.accessible import finds_nothing
from tests.e2e.conftest import Curtain, Member
from tests.e2e.instance import Instance
from tests.e2e.pages import Visitor
from tests.e2e.stage import PASSWORD
from tests.oidc_provider import introduce, running_provider
from tests.prepared import ADMIN_PASSWORD

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
Open = Callable[..., Visitor]


@dataclass(frozen=True)
class House:
    """An instance with an admin whose password is known, three members, and a provider people may come from."""

    instance: Instance
    base: str
    issuer: str
    members: list[Member]


@pytest.fixture(scope="module")
def house(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with (
        running_provider() as issuer,
        Instance(
            shutil.copytree(prepared, tmp_path_factory.mktemp("house") / "data"),
            ONLYSQ_API_URL="http://127.0.0.1:9/ai/imagen",
            VITRINE_OIDC_URL=issuer,
            VITRINE_OIDC_CLIENT_ID="vitrine",
            VITRINE_OIDC_CLIENT_SECRET="secret",
            VITRINE_OIDC_NAME="the school",
        ) as instance,
    ):
        people = instance.set_stage(newcomers=3).people
        instance.serve()
        # Browsers know no passkeys at an address of numbers.
        base = instance.base.replace("127.0.0.1", "localhost")
        yield House(instance, base, issuer, [Member(**person) for person in people])


@pytest.fixture
def enter(curtain: Curtain, house: House) -> Open:
    """Opens a browser at the house: `enter("admin", ADMIN_PASSWORD)`, or a stranger's at the door."""

    def opened(name: str = "", password: str = PASSWORD) -> Visitor:
        visitor = curtain.open(house.base)
        visitor.go("/accounts/login/")
        if name:
            visitor.sign_in(name, password)
        return visitor

    return opened


def let_join(admin: Visitor, rule: str) -> None:
    admin.go("/people/")
    admin.page.get_by_role("radio", name=re.compile(f"^{rule}")).check()
    admin.page.get_by_role("region", name="Joining").get_by_role("button", name="Save").click()
    admin.is_told("Who may become a member")


def make_link(admin: Visitor, note: str) -> str:
    """The address of a new invitation for one person."""
    let_join(admin, "Whoever has an invitation")
    form = admin.page.get_by_role("region", name="Invitations")
    admin.is_ready()
    if not form.get_by_label("Whom it is for").is_visible():
        form.get_by_text("New invitation").click()
    form.get_by_label("Whom it is for").fill(note)
    form.get_by_role("button", name="Make the link").click()
    admin.is_told("The invitation is ready")
    return admin.page.get_by_role("article", name=note).get_by_label("Link of this invitation").input_value()


def fill_in(visitor: Visitor, name: str, button: str) -> None:
    visitor.page.get_by_label("Username").fill(name)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_label("Password (again)").fill(PASSWORD)
    visitor.main.get_by_role("button", name=button).click()


def test_a_guest_joins_by_a_link_that_works_once(enter: Open, house: House) -> None:
    admin, guest, late = enter("admin", ADMIN_PASSWORD), enter(), enter()
    path = make_link(admin, "Grandmother").removeprefix(house.base)
    finds_nothing(admin)
    guest.go(path)
    expect(guest.main.get_by_text("invites you to this Vitrine")).to_be_visible()
    finds_nothing(guest)
    fill_in(guest, "grandmother", "Join")
    expect(guest.account_menu).to_be_visible()
    late.go(path, expecting=404)
    expect(late.page.get_by_role("heading", name="This invitation does not work")).to_be_visible()
    finds_nothing(late)
    admin.go("/people/?q=grandm")
    admin.page.get_by_role("link", name="grandmother").click()
    expect(admin.main.get_by_text("invited by admin")).to_be_visible()
    finds_nothing(admin)


def test_who_asks_is_let_in_by_staff(enter: Open) -> None:
    admin, stranger = enter("admin", ADMIN_PASSWORD), enter()
    let_join(admin, "Whoever asks")
    stranger.go("/accounts/login/")
    stranger.page.get_by_role("link", name="Ask to join").click()
    finds_nothing(stranger)
    fill_in(stranger, "neighbour", "Ask to join")
    expect(stranger.main.get_by_text("waits for approval")).to_be_visible()
    finds_nothing(stranger)
    admin.go("/people/")
    finds_nothing(admin)
    admin.page.get_by_role("button", name="Approve neighbour").click()
    admin.is_told("neighbour is a member now.")
    stranger.go("/accounts/login/")
    stranger.sign_in("neighbour", PASSWORD)


def test_a_passkey_opens_without_the_password(enter: Open, house: House) -> None:
    member = enter(house.members[0].name)
    device = member.page.context.new_cdp_session(member.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    member.go("/accounts/2fa/")
    finds_nothing(member)
    member.page.get_by_role("link", name="Add a passkey").click()
    member.page.get_by_label("Password", exact=True).fill(PASSWORD)
    finds_nothing(member)
    member.page.get_by_role("button", name="Confirm").click()
    member.page.get_by_label("Name").fill("My laptop")
    member.page.get_by_label("Sign in with it, without the password").check()
    finds_nothing(member)
    member.page.get_by_role("button", name="Add", exact=True).click()
    expect(member.page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    finds_nothing(member)
    member.go("/accounts/2fa/webauthn/")
    expect(member.main.get_by_role("link", name="Rename My laptop")).to_be_visible()
    finds_nothing(member)
    member.choose_from_menu("Sign out")
    member.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(member.account_menu).to_be_visible()
    expect(member.account_menu).to_contain_text(house.members[0].name)
    member.choose_from_menu("Sign out")
    member.page.get_by_label("Username").fill(house.members[0].name)
    member.page.get_by_label("Password", exact=True).fill(PASSWORD)
    member.main.get_by_role("button", name="Sign in", exact=True).click()
    finds_nothing(member)
    member.page.get_by_role("button", name="Use a passkey").click()
    expect(member.account_menu).to_be_visible()


def test_a_passkey_that_is_not_used_is_explained(enter: Open) -> None:
    stranger = enter()
    device = stranger.page.context.new_cdp_session(stranger.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | {"isUserVerified": False}})
    stranger.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(stranger.page.get_by_role("alert")).to_contain_text("The passkey was not used")


def test_a_session_elsewhere_is_ended(enter: Open, house: House) -> None:
    name = house.members[1].name
    here, there = enter(name), enter(name)
    here.choose_from_menu("Sessions")
    expect(here.main.get_by_text("This browser")).to_have_count(1)
    finds_nothing(here)
    here.main.get_by_role("button", name=re.compile("^End the session in Chrome")).first.click()
    here.is_told("That browser is signed out.")
    here.go("/mine/")
    assert here.path == "/mine/"
    while there.path != "/accounts/login/":
        here.go("/accounts/sessions/")
        if (others := here.main.get_by_role("button", name="End all others")).count():
            others.click()
        there.go("/mine/")


def test_a_guest_comes_through_another_site(enter: Open, house: House) -> None:
    introduce(house.issuer, "pupil-7", preferred_username="pupil", name="Paula Pupil")
    admin, guest = enter("admin", ADMIN_PASSWORD), enter()
    guest.go(make_link(admin, "The class").removeprefix(house.base))
    guest.page.get_by_role("button", name="Continue with the school").click()
    guest.page.get_by_placeholder("sub").fill("pupil-7")
    guest.page.get_by_role("button", name="Authorize").click()
    guest.page.wait_for_url(f"{house.base}/")
    expect(guest.account_menu).to_contain_text("Paula Pupil")
    # The other site is no part of ours: what its pages load is not for us to judge.
    guest.watch.problems[:] = [problem for problem in guest.watch.problems if house.base in problem]
