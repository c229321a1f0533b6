"""The page that reads the audit log in sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialApp
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery.audit import search
from gallery.audit.search import Line, SearchForm, page_of
from gallery.models import Comment, Invitation, Joining, Report, User
from gallery.moderation.decide import decide, find_fine
from gallery.moderation.undo import undo
from gallery.paging import Page
from generator.audit import record, record_stranger
from generator.models import Image, Limit, Price, Provider
from tests.conftest import Cast

MakeImage = Callable[..., Image]


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    client.force_login(cast.admin)
    return client


def found(**asked: Any) -> Page[Line]:
    form = SearchForm(asked)
    assert form.is_valid(), form.errors
    return page_of(form.cleaned_data)


def sentences(**asked: Any) -> list[str]:
    """Oldest first, without their markup."""
    lines = [unescape(re.sub(r"<[^>]+>", "", line.sentence)) for line in found(**asked).rows]
    return [re.sub(r"\s+", " ", line).strip() for line in lines][::-1]


def test_what_happens_to_members(db: None) -> None:
    member = User.objects.create_user("nina")
    for role in (User.Role.MODERATOR, User.Role.ADMIN, User.Role.MODERATOR, User.Role.MEMBER, User.Role.ADMIN):
        member.role = role
        member.save()
    member.role = User.Role.MEMBER
    member.save()
    member.is_active = False
    member.save()
    member.is_active = True
    member.save()
    member.groups.add(Group.objects.create(name="Class 3b"))
    member.groups.clear()
    assert sentences(about="nina") == [
        "The server made the account of nina",
        "The server made nina a moderator", "The server made nina an admin", "The server made nina a moderator",
        "The server made nina a member", "The server made nina an admin", "The server made nina a member",
        "The server deactivated nina", "The server activated nina", "The server added nina to Class 3b",
        "The server took nina out of Class 3b",
    ]  # fmt: skip


def test_joining_by_approval(cast: Cast) -> None:
    eve = User.objects.create(username="eve", is_active=False, awaits_approval=True)
    eve.is_active, eve.awaits_approval = True, False
    eve.save()
    assert sentences(about="eve")[-1] == "The server let eve join"


def test_leaving_and_declining(cast: Cast) -> None:
    member = cast.member
    member.username, member.is_active, member.left_at = "former-1", False, timezone.now()
    member.save()
    what = {"left": True, "pictures_deleted": 3, "pictures_handed_over": 0}
    LogEntry.objects.log_create(member, force_log=True, action=1, changes={}, actor=member, additional_data=what)
    eve = User.objects.create(username="eve", is_active=False, awaits_approval=True)
    eve.delete()
    said = sentences(what="people")
    assert said[-4] == f"The server closed the account of {member}"
    assert said[-3] == f"{member} left: 3 pictures deleted, 0 handed over"
    assert re.fullmatch(r"The server declined to let member \d+ join", said[-1])


def test_what_happens_to_pictures(ada: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.admin)
    for action, data in (("visibility", {"visibility": "public"}), ("throw-away", {}), ("restore", {})):
        ada.post(f"/images/{image.pk}/{action}/", data)
    assert sentences(what="pictures") == [
        "ada changed who may see a picture of ada: Everyone signed in → Everyone",
        "ada moved a picture of ada to the trash",
        "ada took a picture of ada out of the trash",
    ]
    assert sentences(about=f"http://testserver/images/{image.pk}/") == sentences(what="pictures")


def test_what_staff_withhold(ada: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    for action in ("hide", "trash"):
        ada.post(f"/images/{image.pk}/withhold/", {"decision": action, "reason": "other"})
        ada.post(f"/images/{image.pk}/give-back/")
    assert sentences(what="pictures") == [
        "ada hid a picture of olga from everybody but its owner",
        "ada no longer hides a picture of olga",
        "ada moved a picture of olga to the trash as staff",
        "ada took a picture of olga back out of the trash as staff",
    ]


def test_what_is_decided(cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    report = Report.objects.create(image=image, user=cast.member, reason="other")
    comment = Comment.objects.create(image=image, user=cast.member, text="x", token="t")
    undo(cast.moderator, decide(cast.moderator, report, "trash"))
    find_fine(cast.moderator, [comment.pk])
    assert sentences(what="decisions") == [
        "mo decided about a report on a picture of olga: Trash",
        "mo undid a decision about a report on a picture of olga: Trash",
        "mo found 1 new comments fine",
    ]


def test_what_staff_do_about_calls_of_others(cast: Cast, make_generation: Callable[..., Any]) -> None:
    call = make_generation(cast.owner).calls.get()
    for event in ("cancelled", "tried again", "put away", "settled", "stored again", "took a reply"):
        record(event, call, cast.moderator, changed=True, writer=call.user_id)
    assert sentences(what="pictures") == [
        "mo cancelled a call of olga that was waiting",
        "mo sent a call of olga again",
        "mo put the failure of a call of olga away",
        "mo settled a call of olga as not charged",
        "mo had a kept reply to olga stored again",
        "mo took the kept reply to a call of olga along",
    ]


def test_what_is_changed_in_the_administration(cast: Cast) -> None:
    address = EmailAddress.objects.create(user=cast.member, email="max@example.org")
    app = SocialApp.objects.create(provider="openid_connect", name="One")
    record("row added", address, cast.admin, changed=True, writer=cast.member.pk)
    record("row changed", address, cast.admin, changed=True, writer=cast.member.pk, fields=["verified", "gone"])
    record("row removed", app, cast.admin, changed=True)
    record("row changed", cast.member, cast.admin, changed=True, fields=["email", "last_name"])
    record("password set", cast.member, cast.admin, changed=True)
    assert sentences(who="ada", what="people") == [
        "ada added to the account of max: email address",
        "ada changed in the account of max: email address (verified, gone)",
        "ada removed: social application",
        "ada changed in the account of max: email address, last name",
        "ada set a new password for max",
    ]


def test_who_left_and_what_became_of_their_pictures(cast: Cast) -> None:
    record("left", cast.member, cast.member, changed=True, pictures_deleted=3, pictures_handed_over=1)
    assert sentences(what="people")[-1] == "max left: 3 pictures deleted, 1 handed over"
    record("offered", cast.owner, cast.member, changed=True, pictures=4)
    record("closed", cast.member, cast.member, changed=True, pictures_deleted=3)
    record("took over", cast.member, cast.owner, changed=True, pictures=4)
    record("declined pictures", cast.member, cast.owner, changed=True, pictures=4)
    record("unanswered", cast.member, changed=True, pictures=4)
    assert sentences(what="people")[-5:] == [
        "max offered 4 pictures to olga",
        "max left: 3 pictures deleted",
        "olga took over 4 pictures of max",
        "olga declined 4 pictures of max",
        "The server ended the offer of 4 pictures of max: no answer came",
    ]


def test_groups(cast: Cast) -> None:
    group = Group.objects.create(name="Class 3b")
    group.name = "Class 4b"
    group.save()
    group.delete()
    assert sentences(what="people")[-3:] == [
        "The server set a group: name Class 3b",
        "The server changed a group: name Class 3b → Class 4b",
        "The server removed a group: name Class 4b",
    ]


def test_limits_prices_and_rules(cast: Cast) -> None:
    limit = Limit.objects.create(what="pictures/day", amount=5, user=cast.member)
    limit.amount = 10
    limit.save()
    limit.delete()
    Limit.objects.create(what="in flight", amount=2, group=Group.objects.create(name="Class 3b"), each=True)
    Price.objects.create(valid_from=timezone.localdate(), per_picture="0.02")
    rule = Joining.objects.current()
    rule.rule = "invitation"
    rule.save()
    said = sentences(what="limits")
    assert said[0] == "The server set a limit: limit on Pictures a day, at most 5, user max"
    assert "at most 5" in said[1]
    assert "→ 10" in said[1]
    assert said[2].startswith("The server removed a limit: limit on Pictures a day, at most 10")
    assert "each by themselves" in said[3]
    assert "group Class 3b" in said[3]
    assert "per picture 0.02" in said[4]
    assert sentences(what="settings") == [
        "The server changed who may join: rule Nobody; admins make the accounts → Whoever has an invitation"
    ]


def test_invitations(cast: Cast) -> None:
    invitation = Invitation.objects.create(
        created_by=cast.admin, role="moderator", expires_at=timezone.now() + timedelta(days=1)
    )
    invitation.revoked_at = timezone.now()
    invitation.save()
    said = sentences(what="people")
    assert "The server made an invitation" in said[-2]
    assert "role Moderator" in said[-2]
    assert said[-1] == "The server revoked an invitation"


def test_signing_in(cast: Cast) -> None:
    record("signed in", cast.member)
    record("failed", cast.member)
    record_stranger("failed", name="<b>intruder</b>")
    record("factor added", cast.member, factor="webauthn")
    record("unheard of", cast.member)
    record("resumed", Provider.objects.current())
    assert sentences(what="sign-ins") == [
        "max signed in", "Somebody failed to sign in as max",
        "Somebody failed to sign in as “<b>intruder</b>”, a name that nobody has",
        "max set up a second factor: a passkey", "The server: unheard of",
    ]  # fmt: skip
    assert sentences(what="settings") == ["The server resumed sending to the image API"]


def test_names_are_those_of_today(cast: Cast, make_image: MakeImage) -> None:
    record("signed in", cast.member)
    User.objects.filter(pk=cast.member.pk).update(username="former-1", left_at=timezone.now())
    assert "max" not in " ".join(sentences(what="sign-ins"))


def test_what_is_gone_is_called_gone(ada: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.admin)
    ada.post(f"/images/{image.pk}/throw-away/")
    Image.objects.all().delete()
    assert sentences(what="pictures") == [f"ada moved a picture that is gone ({str(image.pk)[-6:]}) to the trash"]


def test_only_admins_read_it(client: Client, cast: Cast) -> None:
    assert client.get("/audit/")["Location"] == "/accounts/login/?next=/audit/"
    for person, status in ((cast.member, 404), (cast.moderator, 403), (cast.admin, 200)):
        client.force_login(person)
        assert client.get("/audit/").status_code == status


def test_it_is_searched_by_who_and_when(ada: Client, cast: Cast) -> None:
    Client().post("/accounts/login/", {"login": "max", "password": "correct-horse"})
    assert sentences(who="MAX") == ["max signed in"]
    assert sentences(who="nobody") == []
    assert sentences(about="nobody") == []
    today = timezone.localdate()
    assert len(sentences(what="sign-ins", since=today, until=today)) == 2
    assert sentences(since=today + timedelta(days=1)) == []
    assert sentences(until=today - timedelta(days=1)) == []
    page = ada.get("/audit/?who=max&what=sign-ins").content.decode()
    assert page.count("signed in") == 1
    assert "Nothing fits" in ada.get("/audit/?who=nobody").content.decode()


@pytest.mark.parametrize("query", ["?since=1850-01-01", "?what=all", "?before=-1", "?before=x", "?until=soon"])
def test_nonsense_is_explained(ada: Client, query: str) -> None:
    answer = ada.get(f"/audit/{query}")
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()


def test_pages_follow_each_other_without_gaps(ada: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 3)
    for _ in range(5):
        record("signed in", cast.member)
    first = found(what="sign-ins", about="max")
    second = found(what="sign-ins", about="max", before=first.older)
    keys = [line.entry.pk for line in (*first.rows, *second.rows)]
    assert keys == sorted(keys, reverse=True)
    assert (len(first.rows), len(second.rows), second.older) == (3, 2, None)
    page = ada.get("/audit/?about=max&what=sign-ins").content.decode()
    assert f'rel="next" href="?about=max&amp;what=sign-ins&amp;before={first.older}"' in page
    beyond = ada.get("/audit/?before=1").content.decode()
    assert "That was the oldest line" in beyond


def test_ten_more_lines_cost_no_more_queries(ada: Client, cast: Cast, make_image: MakeImage) -> None:
    def fill(number: int) -> None:
        for _ in range(number):
            image = make_image(cast.owner)
            ada.post(f"/images/{image.pk}/visibility/", {"visibility": "public"})
            Limit.objects.create(what="in flight", amount=1, group=Group.objects.create(name=image.pk.hex))
            User.objects.create(username=image.pk.hex)
            record("signed in", cast.member)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ada.get("/audit/").status_code == 200
        return len(queries)

    fill(1)
    count()
    before = count()
    fill(10)
    assert count() == before
