"""What is written into the audit log, by whom and from where, and what is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import generator
from gallery.audit.registration import AppendOnlyError
from gallery.models import Comment, Invitation, Joining, User
from generator.models import Image, Limit, Provider
from generator.worker.sweep import purge_trash
from tests.conftest import Cast

MakeImage = Callable[..., Image]


def written() -> list[LogEntry]:
    """The oldest first."""
    return list(LogEntry.objects.order_by("pk"))


def last() -> LogEntry:
    return LogEntry.objects.latest("pk")


def sign_in(client: Client, name: str = "max", password: str = "correct-horse", **more: Any) -> Any:
    return client.post("/accounts/login/", {"login": name, "password": password}, **more)


def test_signing_in_and_out(client: Client, cast: Cast) -> None:
    sign_in(client)
    client.post("/accounts/logout/")
    events = [(entry.actor, entry.additional_data, entry.remote_addr) for entry in written()]
    assert events == [
        (cast.member, {"event": "signed in"}, "127.0.0.1"), (cast.member, {"event": "signed out"}, "127.0.0.1"),
    ]  # fmt: skip


def test_a_failure_names_the_member_and_never_the_password(client: Client, cast: Cast) -> None:
    sign_in(client, password="wrong-horse")
    assert (last().object_id, last().actor, last().additional_data) == (cast.member.pk, None, {"event": "failed"})
    sign_in(client, name="intruder\0", password="wrong-horse")
    sign_in(client, name="i" * 300, password="wrong-horse")
    assert not LogEntry.objects.filter(additional_data__icontains="wrong-horse").exists()


def test_a_failure_keeps_a_mark_of_a_name_that_nobody_has(client: Client, cast: Cast) -> None:
    """It may be a password that was typed into the wrong field."""
    sign_in(client, name="intruder", password="wrong-horse")
    data = last().additional_data
    assert (data["event"], {*data}) == ("failed", {"event", "mark"})
    assert re.fullmatch("[0-9a-f]{6}", data["mark"])


@pytest.mark.parametrize(("proxies", "expected"), [(0, "127.0.0.1"), (1, "198.51.100.7")])
def test_only_a_proxy_that_is_there_says_where_somebody_is(
    client: Client, cast: Cast, settings: Any, proxies: int, expected: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    sign_in(client, headers={"x-forwarded-for": "203.0.113.1, 198.51.100.7"})
    assert last().remote_addr == expected


def test_roles_groups_and_deactivation(client: Client, cast: Cast) -> None:
    client.force_login(cast.admin)
    group = Group.objects.create(name="Class 3b")
    address = f"/people/{cast.member.pk}/"
    client.post(f"{address}change/", {"role": "moderator", "groups": [group.pk]})
    client.post(f"{address}deactivate/")
    mine = LogEntry.objects.filter(actor=cast.admin, object_id=cast.member.pk).exclude(action=LogEntry.Action.ACCESS)
    changes: dict[str, Any] = {}
    for entry in mine:
        changes |= entry.changes
    assert changes["is_staff"] == ["False", "True"]
    assert changes["groups"]["objects"] == ["Class 3b"]
    assert changes["is_active"] == ["True", "False"]


def test_limits_rules_and_invitations(cast: Cast) -> None:
    limit = Limit.objects.create(what="pictures/day", amount=5, user=cast.member)
    assert last().changes["amount"] == ["None", "5"]
    limit.amount = 10
    limit.save()
    limit.delete()
    assert [entry.action for entry in written()] == [0, 1, 2]
    rule = Joining.objects.current()
    assert last().action == LogEntry.Action.DELETE, "reading a rule that nobody set writes nothing"
    rule.rule = Joining.Rule.APPROVAL
    rule.save()
    assert last().changes == {"rule": ["closed", "approval"]}
    Invitation.objects.create(created_by=cast.admin, expires_at=timezone.now() + timedelta(days=1))
    assert last().action == LogEntry.Action.CREATE


def test_visibility_trash_and_restore_by_their_owner(client: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner, prompt="A secret prompt")
    client.force_login(cast.owner)
    client.post(f"/images/{image.pk}/visibility/", {"visibility": "public"})
    client.post(f"/images/{image.pk}/throw-away/")
    client.post(f"/images/{image.pk}/restore/")
    found = list(LogEntry.objects.filter(actor=cast.owner, object_pk=str(image.pk)).order_by("pk"))
    assert [list(entry.changes) for entry in found] == [["visibility"], ["trashed_at"], ["trashed_at"]]
    assert found[0].changes["visibility"] == ["shared", "public"]
    assert not [entry for entry in LogEntry.objects.all() if "secret prompt" in f"{vars(entry)}"]


def test_a_deleted_comment_is_noted_without_its_words(client: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    comment = Comment.objects.create(image=image, user=cast.member, text="Rude words", token="t")
    assert not written(), "what members say is no affair of the log"
    client.force_login(cast.moderator)
    client.post(f"/comments/{comment.pk}/delete/")
    assert last().additional_data == {"writer": cast.member.pk, "picture": str(image.pk)}
    assert "Rude" not in f"{vars(last())}"


def test_resuming_is_noted(client: Client, cast: Cast) -> None:
    Provider.objects.current().refuse_key("old")
    client.force_login(cast.moderator)
    client.post("/admin/generator/provider/resume/")
    assert (last().actor, last().additional_data) == (cast.moderator, {"event": "resumed"})


def test_nothing_writes_a_line_but_by_the_one_door() -> None:
    """Beside django-auditlog itself, which notes the rows that are saved."""
    root = Path(generator.__file__).parents[1]
    files = [path for floor in ("gallery", "generator") for path in (root / floor).rglob("*.py")]
    writes = [
        path for path in files if re.search(r"LogEntry\.objects\.(log_)?create\(|log_actions\(", path.read_text())
    ]
    assert [str(path.relative_to(root)) for path in writes] == ["generator/audit.py"]


def test_members_confirm_their_own_addresses_without_a_line(client: Client, cast: Cast) -> None:
    address = EmailAddress.objects.create(user=cast.member, email="max@example.org")
    client.force_login(cast.member)
    client.post(f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/")
    address.refresh_from_db()
    assert address.verified
    assert not LogEntry.objects.filter(additional_data__event="address confirmed").exists()


def test_names_are_not_kept(cast: Cast) -> None:
    """Who leaves takes their name along; the log is read with today's names."""
    cast.member.role = User.Role.MODERATOR
    cast.member.save()
    assert last().object_repr == f"user {cast.member.pk}"
    assert last().actor_email is None


def test_workers_write_nothing(cast: Cast, make_image: MakeImage, settings: Any) -> None:
    image = make_image(cast.owner)
    Image.objects.filter(pk=image.pk).update(trashed_at=timezone.now() - timedelta(days=90))
    assert purge_trash() == 1
    assert not written()


def test_pages_pay_nothing_for_it(client: Client, cast: Cast, make_image: MakeImage) -> None:
    make_image(cast.owner)
    client.force_login(cast.member)
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert not [query for query in queries if "auditlog" in query["sql"]]


def test_the_application_changes_and_removes_no_line(client: Client, cast: Cast) -> None:
    sign_in(client)
    entry = last()
    for change in (entry.save, entry.delete, LogEntry.objects.all().delete):
        with pytest.raises(AppendOnlyError), transaction.atomic():
            change()
    assert LogEntry.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize("statement", ["UPDATE auditlog_logentry SET action = 2", "DELETE FROM auditlog_logentry"])
def test_the_database_changes_and_removes_no_line(client: Client, cast: Cast, statement: str) -> None:
    """On SQLite the suite lives without the trigger against deletions, see the fixture of the database."""
    sign_in(client)
    if connection.vendor == "sqlite":
        migration = import_module("gallery.migrations.0004_append_only")
        with connection.cursor() as cursor:
            for sql in migration.SQLITE:
                cursor.execute(sql.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert LogEntry.objects.filter(action=LogEntry.Action.ACCESS).count() == 1


def test_the_admin_deletes_nobody_whom_the_log_names(client: Client, cast: Cast) -> None:
    sign_in(Client())
    client.force_login(cast.admin)
    page = client.post(f"/admin/gallery/user/{cast.member.pk}/delete/", {"post": "yes"}).content.decode()
    assert "Deactivate them instead." in page
    assert User.objects.filter(pk=cast.member.pk).exists()
    assert client.get("/admin/auditlog/logentry/").status_code == 404
