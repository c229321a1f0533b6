"""The page about members, and the page of each."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.handover.offers import Offer, make
from gallery.models import Invitation, Joining, User
from gallery.people import directory
from gallery.people.joining import current_rule
from generator.models import Image, Limit
from tests.conftest import Cast, markup
from tests.gallery.people.conftest import Invite, set_rule, signed_in

NEW = {"role": "member", "uses_allowed": "3", "lifetime": "24", "note": "The class"}


def asking(name: str = "eve") -> User:
    return User.objects.create_user(name, password="battery-staple-9", awaits_approval=True, is_active=False)


def test_staff_see_everybody(cast: Cast) -> None:
    page = signed_in(cast.moderator).get("/people/").content.decode()
    for name in ("olga", "max", "sam", "mo", "ada"):
        assert f"<strong>{name}</strong>" in page
    assert "Waiting for approval" not in page
    assert "/people/" in signed_in(cast.moderator).get("/").content.decode()


def test_to_members_there_is_no_such_page(client: Client, cast: Cast) -> None:
    assert signed_in(cast.member).get("/people/").status_code == 404
    assert client.get("/people/")["Location"].startswith("/accounts/login/")
    assert "/people/" not in signed_in(cast.member).get("/").content.decode()


def test_ten_more_of_everything_cost_no_more_queries(invite: Invite, cast: Cast) -> None:
    client = signed_in(cast.admin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/people/").status_code == 200
        return len(found)

    group = Group.objects.create(name="Friends")

    def one_more(name: str) -> None:
        User.objects.create_user(f"m{name}").groups.add(group)
        asking(f"w{name}")
        invite(group=group)
        invite(uses=1)

    one_more("first")
    queries()
    before = queries()
    for number in range(10):
        one_more(str(number))
    assert queries() == before


def test_members_are_searched_and_paged_by_name(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PAGE_SIZE", 4)
    client = signed_in(cast.admin)
    User.objects.create_user("zoe", first_name="Zoe", last_name="Ada Lovelace")
    page = client.get("/people/", {"q": "ada love"}).content.decode()
    assert "<strong>Zoe Ada Lovelace</strong>" in page
    assert "<strong>max</strong>" not in page
    assert "Nobody is called" in client.get("/people/", {"q": "nobody %_"}).content.decode()
    first = directory.by_name(directory.members(), "")
    assert ([member.username for member in first.rows], first.older) == (["ada", "max", "mo", "olga"], "olga")
    last = directory.by_name(directory.members(), first.older)
    assert ([member.username for member in last.rows], last.older) == (["sam", "zoe"], None)
    page = client.get("/people/").content.decode()
    assert 'rel="next" href="?after=olga#members-title">More</a>' in page
    assert "First page</a>" not in page
    page = client.get("/people/", {"after": "olga"}).content.decode()
    assert "<strong>max</strong>" not in page
    assert "First page</a>" in page
    assert "Nobody further on" in client.get("/people/", {"after": "zoe"}).content.decode()
    assert client.get("/people/", {"q": "x" * 200}).status_code == 200


def test_only_admins_set_the_rule(cast: Cast) -> None:
    assert current_rule() == "closed"
    assert signed_in(cast.moderator).post("/people/joining/", {"rule": "approval"}).status_code == 403
    assert current_rule() == "closed"
    signed_in(cast.admin).post("/people/joining/", {"rule": "approval"})
    assert current_rule() == "approval"
    signed_in(cast.admin).post("/people/joining/", {"rule": "whatever"})
    assert current_rule() == "approval"


def test_staff_make_a_link_and_withdraw_it(client: Client, cast: Cast) -> None:
    set_rule(Joining.Rule.INVITATION)
    staff = signed_in(cast.moderator)
    staff.post("/people/invitations/", NEW)
    invitation = Invitation.objects.get()
    assert (invitation.created_by, invitation.uses_allowed, invitation.note) == (cast.moderator, 3, "The class")
    page = staff.get("/people/").content.decode()
    assert "3 of 3 left" in page
    [link] = {*re.findall(r"http://testserver(/join/[^/\"]+/)", page)}
    assert client.get(link).status_code == 200
    staff.post(f"/people/invitations/{invitation.pk}/revoke/")
    assert client.get(link).status_code == 404
    assert "withdrawn" in staff.get("/people/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"role": "admin"}, {"uses_allowed": "0"}, {"uses_allowed": "1001"}, {"lifetime": "9999"}, {"group": "7"}]
)
def test_an_invitation_that_cannot_be_is_refused(cast: Cast, wrong: dict[str, str]) -> None:
    answer = signed_in(cast.moderator).post("/people/invitations/", NEW | wrong)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_a_moderator_does_not_see_the_link_that_makes_admins(invite: Invite, cast: Cast) -> None:
    invitation = invite(role="admin", note="The deputy")
    page = signed_in(cast.moderator).get("/people/").content.decode()
    assert "The deputy" in page
    named = invitation.token.partition(":")[0]  # what follows tells the second in which the link was written
    assert named not in page
    assert named in signed_in(cast.admin).get("/people/").content.decode()


def test_staff_approve_who_asks(client: Client, cast: Cast) -> None:
    eve = asking()
    staff = signed_in(cast.moderator)
    assert "Waiting for approval" in staff.get("/people/").content.decode()
    assert staff.get(f"/people/{eve.pk}/").status_code == 404
    staff.post(f"/people/{eve.pk}/approve/")
    eve.refresh_from_db()
    assert (eve.is_active, eve.awaits_approval) == (True, False)
    assert client.post("/accounts/login/", {"login": "eve", "password": "battery-staple-9"})["Location"] == "/"


def test_staff_are_told_on_every_page_that_somebody_asks_to_join(cast: Cast) -> None:
    assert "Who asks to join" not in signed_in(cast.moderator).get("/mine/").content.decode()
    asking()
    assert "Who asks to join" in signed_in(cast.moderator).get("/mine/").content.decode()
    assert "Who asks to join" not in signed_in(cast.member).get("/mine/").content.decode()


def test_of_very_many_who_wait_the_first_are_shown_and_all_are_counted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MOST_WAITING", 2)
    for name in ("eve", "eva", "evi"):
        asking(name)
    page = signed_in(cast.moderator).get("/people/").content.decode()
    assert page.count("/approve/") == 2
    assert 'Waiting for approval <span class="tag tag-caution">3</span>' in page
    assert "These are the 2 who have waited longest" in page


def test_declining_frees_the_name_and_nothing_else(cast: Cast) -> None:
    eve = asking()
    staff = signed_in(cast.moderator)
    staff.post(f"/people/{eve.pk}/decline/")
    assert not User.objects.filter(username="eve").exists()
    assert staff.post(f"/people/{cast.member.pk}/decline/").status_code == 404
    assert staff.post(f"/people/{cast.member.pk}/approve/").status_code == 404
    assert User.objects.filter(pk=cast.member.pk).exists()


def test_an_admin_gives_role_and_groups(cast: Cast) -> None:
    group = Group.objects.create(name="Friends")
    admin = signed_in(cast.admin)
    assert "There are no groups yet" not in admin.get(f"/people/{cast.member.pk}/").content.decode()
    admin.post(f"/people/{cast.member.pk}/change/", {"role": "moderator", "groups": [group.pk]})
    member = User.objects.get(pk=cast.member.pk)
    assert (member.role, list(member.groups.all())) == ("moderator", [group])
    assert admin.post(f"/people/{cast.member.pk}/change/", {"role": "owner"}).status_code == 422


def test_staff_see_which_of_the_limits_on_a_member_is_the_tightest(cast: Cast, make_generation: Any) -> None:
    make_generation(cast.owner, count=4)
    Limit.objects.create(what=Limit.What.PICTURES_MONTH, amount=10)
    Limit.objects.create(what=Limit.What.PICTURES_DAY, amount=5, user=cast.owner)
    Limit.objects.create(what=Limit.What.PICTURES_DAY, amount=1, user=cast.member)
    page = signed_in(cast.moderator).get(f"/people/{cast.owner.pk}/").content.decode()
    _, first, second = page.partition('id="limits-title"')[2].split('<li class="people-limit"')
    assert "olga" in first
    assert "4 of 5 (4 under way), resets at midnight" in first
    assert "the tightest" in first
    assert "everyone together" in second
    assert "the tightest" not in second
    Limit.objects.all().delete()
    assert "No limit applies to them." in signed_in(cast.moderator).get(f"/people/{cast.owner.pk}/").content.decode()


def test_from_a_member_staff_go_on_to_all_that_is_theirs(cast: Cast) -> None:
    address = f"/people/{cast.owner.pk}/"
    for staff, is_admin in ((cast.moderator, False), (cast.admin, True)):
        client = signed_in(staff)
        page = client.get(address).content.decode()
        found = set(re.findall(r'<a class="button" href="([^"]+)"', page))
        assert {"/u/olga/", "/usage/?member=olga"} <= found
        assert any("password" in link for link in found) == is_admin
        assert any("limit/add" in link for link in found) == is_admin
        assert {client.get(link).status_code for link in found} == {200}


@pytest.mark.parametrize("act", ["change", "deactivate", "activate"])
def test_moderators_change_nobody(cast: Cast, act: str) -> None:
    moderator = signed_in(cast.moderator)
    for person in (cast.moderator, cast.member, cast.admin):
        assert moderator.post(f"/people/{person.pk}/{act}/", {"role": "admin"}).status_code == 403
    assert "Save" not in moderator.get(f"/people/{cast.member.pk}/").content.decode()
    assert User.objects.get(pk=cast.moderator.pk).role == "moderator"


def test_a_deactivated_member_is_out_and_keeps_everything(client: Client, cast: Cast, make_image: Any) -> None:
    make_image(cast.member)
    client.post("/accounts/login/", {"login": "max", "password": "correct-horse"})
    assert client.get("/mine/").status_code == 200
    admin = signed_in(cast.admin)
    admin.post(f"/people/{cast.member.pk}/deactivate/")
    assert client.get("/mine/").status_code == 302
    assert (
        "Not active"
        in client.post("/accounts/login/", {"login": "max", "password": "correct-horse"}, follow=True).content.decode()
    )
    assert Image.objects.filter(user=cast.member).count() == 1
    admin.post(f"/people/{cast.member.pk}/activate/")
    assert client.get("/mine/").status_code == 302, "an old session must not come back to life"
    assert client.post("/accounts/login/", {"login": "max", "password": "correct-horse"})["Location"] == "/"


def test_an_invitation_is_one_press_away_however_many_are_out(invite: Invite, cast: Cast) -> None:
    set_rule(Joining.Rule.CLOSED)
    client = signed_in(cast.moderator)
    assert 'href="#invite"' not in client.get("/people/").content.decode()
    set_rule(Joining.Rule.INVITATION)
    found = invite()
    page = client.get("/people/").content.decode()
    assert 'href="#invite">Invite</a>' in page
    assert page.index('id="invite"') < page.index(f'id="i-{found.pk}"')


def test_deactivating_somebody_who_is_asked_to_take_pictures_says_what_that_means(cast: Cast, make_image: Any) -> None:
    admin, address = signed_in(cast.admin), f"/people/{cast.member.pk}/"
    make_image(cast.owner)
    assert "counts as declined" not in markup(admin.get(address))
    make(cast.owner, Offer(cast.member, "keep", "/notices/"))
    assert "If they are deactivated, that counts as declined." in markup(admin.get(address))
