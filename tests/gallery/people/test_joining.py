"""Closed, by invitation, or with approval; and an invitation's link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from gallery.models import Invitation, Joining, User
from gallery.people.forms import InvitationForm
from gallery.people.joining import hold
from gallery.people.roles import change_role
from tests.conftest import Cast
from tests.gallery.people.conftest import Invite, ask, set_rule, signed_in


def test_nobody_joins_while_it_is_closed(client: Client, db: None) -> None:
    assert "By invitation" in ask(client, "/accounts/signup/").content.decode()
    assert not User.objects.filter(username="eve").exists()


def test_without_an_invitation_nobody_joins_by_invitation(client: Client, invite: Invite) -> None:
    ask(client, "/accounts/signup/")
    assert not User.objects.filter(username="eve").exists()
    assert "/accounts/signup/" not in client.get("/accounts/login/").content.decode()


def test_a_guest_joins_with_the_role_and_the_group_of_the_invitation(client: Client, invite: Invite) -> None:
    invitation = invite(role="moderator", group=Group.objects.create(name="Friends"))
    page = client.get(f"/join/{invitation.token}/").content.decode()
    assert "ada" in page
    assert "Friends" in page
    assert ask(client, f"/join/{invitation.token}/")["Location"] == "/"
    eve = User.objects.get(username="eve")
    assert (eve.role, eve.invitation, eve.is_active, eve.awaits_approval) == ("moderator", invitation, True, False)
    assert [group.name for group in eve.groups.all()] == ["Friends"]
    assert client.session["_auth_user_id"] == str(eve.pk)
    invitation.refresh_from_db()
    assert invitation.uses == 1


def gone(invite: Invite, how: str) -> str:
    """A link that does not work, for each reason that there is."""
    more: dict[str, Any] = {
        "expired": {"expires_at": timezone.now() - timedelta(seconds=1)},
        "used up": {"uses": 1},
        "withdrawn": {"revoked_at": timezone.now()},
    }.get(how, {})
    invitation = invite(**more)
    if how == "closed":
        set_rule(Joining.Rule.CLOSED)
    if how == "maker left":
        User.objects.filter(pk=invitation.created_by_id).update(is_active=False)
    if how == "maker demoted":
        User.objects.filter(pk=invitation.created_by_id).update(is_staff=False, is_superuser=False)
    return "no-such-token" if how == "forged" else invitation.token


WAYS = ["expired", "used up", "withdrawn", "closed", "maker left", "maker demoted", "forged"]


@pytest.mark.parametrize("how", WAYS)
def test_a_link_that_is_no_longer_good_is_one_clear_page(client: Client, invite: Invite, how: str) -> None:
    address = f"/join/{gone(invite, how)}/"
    answer = client.get(address)
    assert answer.status_code == 404
    assert "This invitation does not work" in answer.content.decode()
    assert "ada" not in answer.content.decode()
    assert ask(client, address).status_code == 404
    assert not User.objects.filter(username="eve").exists()


def test_an_invitation_gives_no_more_than_its_maker_still_is(client: Client, invite: Invite, cast: Cast) -> None:
    invitation = invite(role="admin")
    User.objects.filter(pk=cast.admin.pk).update(is_superuser=False)
    ask(client, f"/join/{invitation.token}/")
    assert User.objects.get(username="eve").role == "member"


def test_an_invitation_used_up_meanwhile_says_so_and_makes_no_account(client: Client, invite: Invite) -> None:
    invitation = invite()
    client.get(f"/join/{invitation.token}/")
    Invitation.objects.update(uses=1)
    set_rule(Joining.Rule.APPROVAL)
    answer = ask(client, "/accounts/signup/")
    assert answer.status_code == 410
    assert "Somebody was faster" in answer.content.decode()
    assert not User.objects.filter(username="eve").exists()
    ask(client, "/accounts/signup/")
    assert User.objects.get(username="eve").awaits_approval


def test_an_invitation_used_up_while_its_link_is_opened_says_so(
    client: Client, invite: Invite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hold_too_late(request: HttpRequest, invitation: Invitation) -> None:
        hold(request, invitation)
        Invitation.objects.update(uses=1)

    monkeypatch.setattr("gallery.people.invitations.hold", hold_too_late)
    answer = ask(client, f"/join/{invite().token}/")
    assert answer.status_code == 410
    assert "Somebody was faster" in answer.content.decode()
    assert not User.objects.filter(username="eve").exists()


def test_a_name_that_is_taken_costs_no_use(client: Client, invite: Invite) -> None:
    invitation = invite()
    page = ask(client, f"/join/{invitation.token}/", "OLGA").content.decode()
    assert "already exists" in page
    invitation.refresh_from_db()
    assert invitation.uses == 0


def test_of_two_people_with_the_last_use_exactly_one_joins(at_once: Any, invite: Invite) -> None:
    address = f"/join/{invite().token}/"

    def join(name: str) -> int:
        return int(ask(Client(), address, name).status_code)

    statuses = sorted(at_once(join, ["eve", "eva", "evi"]))
    assert statuses[0] == 302
    assert {*statuses[1:]} <= {404, 410}
    [found] = at_once(lambda _: (User.objects.filter(invitation__uses=1).count(), User.objects.count()), [None])
    assert found == (1, 6)


def test_who_asks_waits_for_approval(client: Client, db: None) -> None:
    set_rule(Joining.Rule.APPROVAL)
    assert "Ask to join" in client.get("/accounts/login/").content.decode()
    answer = ask(client, "/accounts/signup/")
    assert "waits for approval" in client.get(answer["Location"]).content.decode()
    eve = User.objects.get(username="eve")
    assert (eve.awaits_approval, eve.is_active, eve.role) == (True, False, "member")
    assert "_auth_user_id" not in client.session
    again = client.post("/accounts/login/", {"login": "eve", "password": "battery-staple-9"})
    assert "waits for approval" in client.get(again["Location"]).content.decode()


def test_who_is_invited_need_not_wait(client: Client, invite: Invite) -> None:
    invitation = invite()
    set_rule(Joining.Rule.APPROVAL)
    ask(client, f"/join/{invitation.token}/")
    assert User.objects.get(username="eve").is_active


def test_a_member_keeps_the_link_for_somebody_else(invite: Invite, cast: Cast) -> None:
    invitation = invite()
    browser = signed_in(cast.member)
    assert browser.get(f"/join/{invitation.token}/")["Location"] == "/"
    assert ask(browser, f"/join/{invitation.token}/")["Location"] == "/"
    assert not User.objects.filter(username="eve").exists()


def test_an_address_is_asked_for_only_where_mail_is_sent(client: Client, invite: Invite, settings: Any) -> None:
    address = f"/join/{invite().token}/"
    assert 'name="email"' not in client.get(address).content.decode()
    assert "Forgotten password?" not in client.get("/accounts/login/").content.decode()
    settings.MAIL = True
    settings.ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
    page = client.get(address).content.decode()
    assert 'name="email"' in page
    assert "optional" in page
    assert "Forgotten password?" in client.get("/accounts/login/").content.decode()
    assert ask(client, address)["Location"] == "/"


def test_guessing_at_the_form_is_slowed_down(client: Client, invite: Invite) -> None:
    address = f"/join/{invite().token}/"
    statuses = {client.post(address, {"username": "x"}).status_code for _ in range(30)}
    assert 429 in statuses


def test_a_moderator_lets_members_in_and_nobody_else(cast: Cast) -> None:
    for maker, roles in ((cast.moderator, ["member"]), (cast.admin, ["member", "moderator", "admin"])):
        offered: Any = InvitationForm(maker=maker).fields["role"]
        assert [value for value, _ in offered.choices] == roles


@pytest.mark.parametrize(
    ("role", "left"), [("admin", {"member", "moderator"}), ("moderator", {"member"}), ("member", set())]
)
def test_what_staff_made_ends_with_their_role(cast: Cast, role: str, left: set[str]) -> None:
    week = timezone.now() + timedelta(days=7)
    User.objects.create(username="vera", is_staff=True, is_superuser=True)
    for given in ("member", "moderator"):
        Invitation.objects.create(created_by=cast.admin, role=given, expires_at=week)
    change_role(cast.admin, role)
    assert {found.role for found in Invitation.objects.filter(revoked_at=None)} == left
    change_role(cast.admin, "admin")
    assert {found.role for found in Invitation.objects.filter(revoked_at=None)} == left, "and stays ended"


def test_a_guest_whom_nothing_but_the_rule_keeps_out_reads_so(client: Client, invite: Invite) -> None:
    address = f"/join/{invite().token}/"
    set_rule(Joining.Rule.CLOSED)
    answer = client.get(address)
    assert answer.status_code == 404
    assert "The invitation itself is still good" in answer.content.decode()
    assert "The invitation itself is still good" not in client.get("/join/forged/").content.decode()
