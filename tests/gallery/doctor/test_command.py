"""A healthy site has no finding; what the command and the page for staff say of one that is not."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from django.test import Client

from gallery.doctor.finding import counted, lasting
from gallery.doctor.repair import repair
from generator.models import Image, Provider
from tests.conftest import Cast, Folders
from tests.gallery.doctor.conftest import (
    all_findings,
    lay,
    original_of,
)


def test_a_healthy_site_has_no_finding(site: Image) -> None:
    assert all_findings(deep=True) == []
    assert list(repair(deep=True)) == []


def test_the_command_says_that_all_is_well(site: Image) -> None:
    said = io.StringIO()
    call_command("doctor", deep=True, stdout=said)
    assert said.getvalue() == "All is well.\n"


def test_the_command_leaves_with_one_and_says_what_to_do(site: Image, folders: Folders) -> None:
    original_of(site, folders).unlink()
    said = io.StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("doctor", stdout=said)
    assert left.value.code == 1
    assert said.getvalue().startswith("TROUBLE files: Originals missing: 1 (originals/")
    assert "from a backup" in said.getvalue()


def test_a_notice_is_no_trouble(site: Image, folders: Folders) -> None:
    (folders.media / site.thumb_name(320)).unlink()
    said = io.StringIO()
    call_command("doctor", stdout=said)
    assert said.getvalue().startswith("NOTICE files: Thumbnails missing or damaged: 1 (thumbs/")


def test_programs_get_json(site: Image, folders: Folders) -> None:
    lay(folders.media / "stray.png")
    said = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", json=True, stdout=said)
    answer = json.loads(said.getvalue())
    assert (answer["healthy"], answer["repaired"]) == (False, [])
    assert [(each["level"], each["area"]) for each in answer["findings"]] == [("trouble", "files")]
    call_command("doctor", json=True, repair=True, stdout=(said := io.StringIO()))
    answer = json.loads(said.getvalue())
    assert (answer["healthy"], len(answer["repaired"]), answer["findings"]) == (True, 1, [])


def test_numbers_and_times_read_well() -> None:
    assert (counted(1, "call"), counted(1200, "call"), counted(2, "reply", "replies")) == (
        "1 call",
        "1,200 calls",
        "2 replies",
    )
    assert [lasting(seconds) for seconds in (1, 119, 7200, 200_000)] == [
        "1 second",
        "1 minute",
        "2 hours",
        "2 days",
    ]


def test_staff_reads_the_findings(site: Image, client: Client, cast: Cast) -> None:
    client.force_login(cast.moderator)
    assert "Nothing is wrong." in client.get("/admin/health/").content.decode()
    Provider.objects.update(watched_at=None)
    page = client.get("/admin/health/").content.decode()
    assert "No worker has ever run." in page
    assert 'data-level="trouble"' in page


def test_nobody_else_reads_them(client: Client, cast: Cast) -> None:
    assert client.get("/admin/health/")["Location"].startswith("/admin/login/")
    client.force_login(cast.member)
    assert client.get("/admin/health/", follow=True).status_code == 403
