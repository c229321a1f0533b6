"""Looking at all pictures: an act of its own, for half an hour, written down. Else staff see what members see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from gallery import looking
from gallery.models import Comment
from generator.models import Generation, Image
from generator.worker.sweep import purge_trash
from tests.conftest import Cast

PAGES = ("/", "/mine/", "/trash/", "/u/olga/", "/inbox/", "/admin/generator/image/", "/admin/generator/generation/")


def as_person(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def events() -> list[tuple[str, str]]:
    """What is told of looking, and about which row."""
    lines = LogEntry.objects.order_by("pk").values_list("additional_data", "object_pk")
    told = ("looking", "looked enough", "opened")
    return [(more["event"], pk) for more, pk in lines if (more or {}).get("event") in told]


@pytest.fixture
def private(cast: Cast, make_image: Callable[..., Image]) -> Image:
    image = make_image(cast.owner, prompt="My diary", visibility="private", thumbs=True)
    Comment.objects.create(image=image, user=cast.owner, text="My diary again", token="t")
    return image


@pytest.fixture
def ada(cast: Cast) -> Client:
    return as_person(cast.admin)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["moderator", "admin"])
def test_pages_show_staff_what_a_member_would_see(cast: Cast, private: Image, path: str, role: str) -> None:
    page = as_person(getattr(cast, role)).get(path)
    assert page.status_code == 200
    assert str(private.pk) not in page.content.decode()
    assert "My diary" not in page.content.decode()


def test_neither_page_nor_bytes_open_without_the_act(ada: Client, private: Image) -> None:
    for place in ("", "original/", "download/", "thumbs/320/", "comments/"):
        assert ada.get(f"/images/{private.pk}/{place}").status_code == 404
    assert events() == []


@pytest.mark.parametrize("role", ["member", "moderator", "admin"])
def test_what_was_kept_private_stays_so_when_the_picture_is_gone_for_good(
    cast: Cast, private: Image, role: str, settings: Any
) -> None:
    """The wish was for everyone at first."""
    Generation.objects.filter(pk=private.generation_id).update(visibility=Image.Visibility.SHARED)
    Image.objects.filter(pk=private.pk).update(trashed_at=timezone.now() - timedelta(days=settings.TRASH_DAYS + 1))
    assert purge_trash() == 1
    client = as_person(getattr(cast, role))
    for path in (private.generation.get_absolute_url(), "/admin/generator/generation/", "/admin/generator/call/"):
        assert "My diary" not in client.get(path).content.decode(), path
    assert "My diary" in as_person(cast.owner).get(private.generation.get_absolute_url()).content.decode()


def test_staff_learn_what_became_of_a_private_call_but_not_its_prompt(ada: Client, private: Image) -> None:
    page = ada.get(private.generation.get_absolute_url()).content.decode()
    assert "My diary" not in page
    assert "A prompt that its owner keeps to themselves" in page
    assert "My diary" not in ada.get(f"/admin/generator/call/{private.call_id}/change/").content.decode()


def test_the_act_opens_everything_and_leaves_a_line_for_each_picture(cast: Cast, ada: Client, private: Image) -> None:
    before = ada.get("/admin/look/").content.decode()
    assert str(private.pk) not in before
    assert "Sign out" in before, "the administration's own header"
    ada.post("/admin/look/")
    assert f"/images/{private.pk}/?in=all" in ada.get("/admin/look/").content.decode()
    for place in ("", "", "original/"):
        answer = ada.get(f"/images/{private.pk}/{place}")
        assert answer.status_code == 200
        b"".join(answer)
    assert events() == [("looking", str(cast.admin.pk)), ("opened", str(private.pk))]
    assert str(private.pk) not in ada.get("/").content.decode(), "Explore stays what a member would see"
    ada.post("/admin/look/stop/")
    assert ada.get(f"/images/{private.pk}/").status_code == 404
    assert events()[-1][0] == "looked enough"


def test_what_others_see_anyhow_leaves_no_line(cast: Cast, ada: Client, make_image: Callable[..., Image]) -> None:
    ada.post("/admin/look/")
    ada.get(f"/images/{make_image(cast.owner).pk}/")
    assert [name for name, _ in events()] == ["looking"]


def test_it_ends_by_itself(ada: Client, private: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "SECONDS", -1)
    ada.post("/admin/look/")
    assert ada.get(f"/images/{private.pk}/").status_code == 404


def test_moderators_look_only_where_the_instance_says_so(cast: Cast, private: Image, settings: Any) -> None:
    mo = as_person(cast.moderator)
    assert mo.post("/admin/look/").status_code == 403
    assert "Look at all pictures" not in mo.get("/admin/").content.decode()
    settings.MODERATORS_LOOK = True
    assert mo.post("/admin/look/").status_code == 302
    assert mo.get(f"/images/{private.pk}/").status_code == 200
    settings.MODERATORS_LOOK = False
    assert mo.get(f"/images/{private.pk}/").status_code == 404, "at once, also in the middle of it"


def test_whoever_is_staff_no_more_looks_no_more(cast: Cast, ada: Client, private: Image) -> None:
    ada.post("/admin/look/")
    cast.admin.role = "member"
    cast.admin.save()
    assert ada.get(f"/images/{private.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["/create/", "/account/"])
def test_the_forms_say_who_can_open_what_only_i_see(cast: Cast, path: str) -> None:
    page = as_person(cast.owner).get(path).content.decode()
    assert "Only me (an administrator can open it; that is logged)" in page


def test_where_a_phone_cuts_a_choice_the_words_stand_beside_it(cast: Cast) -> None:
    page = as_person(cast.owner).get("/account/").content.decode()
    assert "an administrator can open" in re.sub("<option.*?</option>", "", page, flags=re.S)


def test_the_page_of_a_picture_says_so_too(cast: Cast, private: Image) -> None:
    page = as_person(cast.owner).get(f"/images/{private.pk}/").content.decode()
    assert "Only me (an administrator can open it; that is logged)" in page
