"""The admin: what staff may look at, and the few things they may do there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from gallery.models import Comment, Rating, Report
from generator.models import Call, Generation, Image, Provider
from generator.models.failure_words import Failure
from tests.conftest import REFUSED, Cast

MakeImage = Callable[..., Image]
LISTS = [
    "generator/generation", "generator/call", "generator/image",
    "gallery/rating", "gallery/comment", "gallery/report",
]  # fmt: skip


def talk_about(image: Image, user: Any) -> None:
    Rating.objects.create(image=image, user=user, stars=4)
    Comment.objects.create(image=image, user=user, text="Lovely.", token=str(image.pk))
    Report.objects.create(image=image, user=user, reason="other", text="Look.")


def rows(page: str) -> int:
    return page.count('class="action-select"') or page.partition("<tbody>")[2].count("<tr>")


@pytest.fixture
def mo(client: Client, cast: Cast) -> Client:
    """A moderator: staff without any permission of Django's own."""
    client.force_login(cast.moderator)
    return client


@pytest.mark.parametrize("path", LISTS)
def test_staff_looks_at_every_list_and_row(mo: Client, cast: Cast, make_image: MakeImage, path: str) -> None:
    image = make_image(cast.owner)
    talk_about(image, cast.member)
    page = mo.get(f"/admin/{path}/").content.decode()
    assert rows(page) == 1
    row = {
        "generation": image.generation, "call": image.call, "image": image,
        "rating": Rating.objects.get(), "comment": Comment.objects.get(), "report": Report.objects.get(),
    }[path.partition("/")[2]]  # fmt: skip
    assert mo.get(f"/admin/{path}/{row.pk}/change/").status_code == 200


def test_a_calls_page_tells_its_history(mo: Client, cast: Cast, make_generation: Callable[..., Generation]) -> None:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    call.fail(REFUSED)
    page = mo.get(f"/admin/generator/call/{call.pk}/change/").content.decode()
    assert "Taken by a worker" in page
    assert call.worker in page
    assert "The API refused the request (HTTP 403)." in page


@pytest.mark.parametrize("path", LISTS)
def test_an_empty_list_is_a_page_too(mo: Client, path: str) -> None:
    assert mo.get(f"/admin/{path}/").status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_ten_more_rows_cost_no_more_queries(mo: Client, cast: Cast, make_image: MakeImage, path: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = mo.get(f"/admin/{path}/").content.decode()
        counted.append(rows(page))
        return len(queries)

    counted: list[int] = []
    talk_about(make_image(cast.owner), cast.member)
    mo.get(f"/admin/{path}/")
    before = count()
    for _ in range(10):
        talk_about(make_image(cast.owner), cast.member)
    assert count() == before
    assert counted == [1, 11]


@pytest.mark.parametrize("path", LISTS)
def test_not_even_a_superuser_writes_rows_by_hand(client: Client, cast: Cast, make_image: MakeImage, path: str) -> None:
    image = make_image(cast.owner)
    client.force_login(cast.admin)
    assert client.get(f"/admin/{path}/add/").status_code == 403
    assert client.post(f"/admin/{path}/{image.pk}/delete/").status_code in (302, 403)
    assert "delete_selected" not in client.get(f"/admin/{path}/").content.decode()
    assert Image.objects.exists()


@pytest.mark.parametrize("path", [*LISTS, "gallery/user", "generator/provider"])
def test_members_and_visitors_stay_outside(client: Client, cast: Cast, path: str) -> None:
    address = f"/admin/{path}/"
    assert client.get(address, follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    client.force_login(cast.member)
    assert client.get(address, follow=True).status_code == 403


def test_there_is_one_way_in(client: Client, db: None) -> None:
    """The admin's own form would know neither rate limits nor second factors."""
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/accounts/login/?next=%2Fadmin%2F"


def test_a_moderator_does_not_manage_people(mo: Client, client: Client, cast: Cast) -> None:
    assert mo.get("/admin/gallery/user/").status_code == 403
    client.force_login(cast.admin)
    page = client.get("/admin/gallery/user/").content.decode()
    assert "olga" in page
    assert re.findall(r'class="field-role_said">(\w+)<', page) == ["Admin", "Member", "Moderator", "Member", "Member"]


def test_the_index_leads_to_what_matters(mo: Client) -> None:
    page = mo.get("/admin/").content.decode()
    for link in ("/usage/", "/inbox/", "/admin/generator/call/", "/admin/gallery/report/?state=open"):
        assert f'href="{link}"' in page
        assert mo.get(link).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("person=olga", 2), ("person=OLGA", 2), ("person=max", 1), ("person=nobody", 0),
        ("state__exact=unknown", 1), ("error_kind=silence", 1), ("generation__model=kandinsky", 1),
        ("q=fox", 1), ("q=imagen_aa", 2), ("q=olga", 2), ("q=cut+off", 1),
        ("q=кредит", 1), ("q=QUOTA", 1), ("q=status", 1), ("q=402", 0),
    ],
)  # fmt: skip
def test_the_ledger_is_filtered_and_searched(
    mo: Client, cast: Cast, make_image: MakeImage, make_generation: Callable[..., Generation], query: str,
    expected: int,
) -> None:  # fmt: skip
    make_image(cast.owner, prompt="A red fox")
    make_image(cast.member, model="kandinsky")
    lost = make_generation(cast.owner).calls.get()
    Call.objects.filter(pk=lost.pk).update(state="unknown", error_kind="silence", error="Cut off.")
    refused = Failure("quota", "status", {"http_status": 402, "said": "Нет кредита"})
    Call.objects.filter(generation__user=cast.member).update(**refused.columns)
    page = mo.get(f"/admin/generator/call/?{query}").content.decode()
    assert rows(page) == expected


def test_the_person_filter_keeps_the_other_filters(mo: Client, cast: Cast, make_image: MakeImage) -> None:
    make_image(cast.owner)
    page = mo.get("/admin/generator/call/?state__exact=succeeded&person=olga").content.decode()
    assert '<input type="hidden" name="state__exact" value="succeeded">' in page
    assert '<option value="max">' in page
    assert '<a href="?state__exact=succeeded">Everybody</a>' in page


def test_a_ledger_line_tells_everything(mo: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    Call.objects.update(lease="host:12:secret", http_status=200)
    page = mo.get(f"/admin/generator/call/{image.call_id}/change/").content.decode()
    for fact in ("imagen_" + "a" * 48, "152", "host:12", "olga", "Done"):
        assert fact in page
    assert "secret" not in page


def test_a_generation_leads_to_its_calls(mo: Client, cast: Cast, make_generation: Callable[..., Generation]) -> None:
    make_generation(cast.owner, count=3)
    make_generation(cast.owner, width=512, height=256)
    wanted = Generation.objects.get(count=3)
    assert "512x256" in mo.get("/admin/generator/generation/").content.decode()
    page = mo.get(f"/admin/generator/call/?generation__id__exact={wanted.pk}").content.decode()
    assert rows(page) == 3


def act(client: Client, path: str, action: str, *chosen: Any) -> str:
    data = {"action": action, "_selected_action": [row.pk for row in chosen], "index": 0}
    return str(client.post(f"/admin/{path}/", data, follow=True).content.decode())


def test_a_picture_is_thrown_away_and_taken_back(mo: Client, cast: Cast, make_image: MakeImage) -> None:
    image, other = make_image(cast.owner), make_image(cast.owner)
    assert "Moved to the trash: 1." in act(mo, "generator/image", "throw_away", image)
    assert list(Image.objects.filter(trashed_at=None)) == [other]
    assert rows(mo.get("/admin/generator/image/?trash=yes").content.decode()) == 1
    assert "In the trash" in mo.get(f"/admin/generator/image/{image.pk}/change/").content.decode()
    assert "Restored: 1." in act(mo, "generator/image", "take_back", image)
    assert Image.objects.filter(trashed_at=None).count() == 2
    assert LogEntry.objects.filter(actor=cast.moderator, object_pk=str(image.pk)).count() == 2


def test_a_report_is_resolved(mo: Client, cast: Cast, make_image: MakeImage) -> None:
    talk_about(make_image(cast.owner), cast.member)
    report = Report.objects.get()
    assert rows(mo.get("/admin/gallery/report/?state=open").content.decode()) == 1
    assert "Resolved: 1." in act(mo, "gallery/report", "resolve", report)
    assert rows(mo.get("/admin/gallery/report/?state=open").content.decode()) == 0
    assert rows(mo.get("/admin/gallery/report/?state=resolved").content.decode()) == 1


def test_a_reported_picture_is_thrown_away_and_the_report_resolved(
    mo: Client, cast: Cast, make_image: MakeImage
) -> None:
    talk_about(make_image(cast.owner), cast.member)
    act(mo, "gallery/report", "trash_and_resolve", Report.objects.get())
    assert Image.objects.get().trashed_at
    assert Report.objects.get().resolved_at
    assert "(in the trash)" in mo.get("/admin/gallery/report/").content.decode()


def test_comments_are_removed(mo: Client, cast: Cast, make_image: MakeImage) -> None:
    talk_about(make_image(cast.owner), cast.member)
    act(mo, "gallery/comment", "remove", Comment.objects.get())
    assert not Comment.objects.exists()


def test_sending_is_resumed_after_a_refused_key(
    mo: Client, cast: Cast, make_generation: Callable[..., Generation], django_capture_on_commit_callbacks: Any
) -> None:
    make_generation(cast.owner)
    Provider.objects.current().refuse_key("old")
    page = mo.get("/admin/generator/provider/", follow=True).content.decode()
    assert "key refused" in page
    assert "Resume sending" in page
    with django_capture_on_commit_callbacks(execute=True):
        page = mo.post("/admin/generator/provider/resume/", follow=True).content.decode()
    assert "Calls are sent again." in page
    assert Provider.objects.current().pause == ""
    assert "Resume sending" not in page
    assert OrmQ.objects.count() == 1, "a worker is woken"


def test_only_a_post_resumes_sending(mo: Client) -> None:
    Provider.objects.current().wait(60)
    mo.get("/admin/generator/provider/resume/")
    assert Provider.objects.current().paused_until > timezone.now()


def test_members_do_not_resume_sending(client: Client, cast: Cast) -> None:
    Provider.objects.current().refuse_key("old")
    client.force_login(cast.member)
    client.post("/admin/generator/provider/resume/")
    assert Provider.objects.current().pause == "key"


def test_the_admin_says_that_the_sandbox_draws(mo: Client, settings: Any) -> None:
    settings.SANDBOX = True
    assert "Practice mode" in mo.get("/admin/").content.decode()
    settings.SANDBOX = False
    assert "Practice mode" not in mo.get("/admin/").content.decode()


def test_a_group_and_a_member_are_given_no_permission_of_their_own(client: Client, cast: Any) -> None:
    """Moderators put guests into any group: one that gave permissions would let them rise above themselves."""
    group = Group.objects.create(name="Class 3b")
    client.force_login(cast.admin)
    anything = Permission.objects.get(codename="change_user").pk
    client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Class 3c", "permissions": [anything]})
    group.refresh_from_db()
    assert (group.name, group.permissions.count()) == ("Class 3c", 0)
    page = client.get(f"/admin/gallery/user/{cast.member.pk}/change/").content.decode()
    assert 'name="groups"' in page
    assert 'name="user_permissions"' not in page
    assert "permissions granted" not in page, "Django says that a group gives some"
