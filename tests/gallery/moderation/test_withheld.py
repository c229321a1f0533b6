"""What staff hide or move to the trash stays so until staff undo it; its owner knows why, and can ask."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.models import Decision, Notice, Report
from gallery.models.notice_words import SENTENCES, sentence
from gallery.moderation.decide import decide
from gallery.moderation.undo import undo
from generator.models import Image
from tests.conftest import Cast

WHY = "Shows a real person or private matter"


def as_person(person: object) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, image: Image) -> str:
    return client.get(f"/images/{image.pk}/").content.decode()


@pytest.fixture
def hidden(cast: Cast, report: Report, image: Image) -> Image:
    decide(cast.moderator, report, "hide")
    image.refresh_from_db()
    return image


@pytest.fixture
def removed(cast: Cast, report: Report, image: Image) -> Image:
    decide(cast.moderator, report, "trash")
    image.refresh_from_db()
    return image


def test_its_owner_sees_why_and_nobody_who_said_so(cast: Cast, hidden: Image) -> None:
    told = page(as_person(cast.owner), hidden)
    assert f"The reason: {WHY}." in told
    assert "Ask staff about it" in told
    assert "That is my door." not in told
    assert "/u/max/" not in told


def test_its_owner_cannot_show_it_again(cast: Cast, hidden: Image) -> None:
    as_person(cast.owner).post(f"/images/{hidden.pk}/visibility/", {"visibility": "public"})
    assert as_person(cast.member).get(f"/images/{hidden.pk}/").status_code == 404
    assert Client().get(f"/images/{hidden.pk}/original/").status_code == 302
    hidden.refresh_from_db()
    assert Client().get(f"/share/{hidden.link}/").status_code == 404


def test_its_owner_cannot_take_it_out_of_the_trash(cast: Cast, removed: Image) -> None:
    olga = as_person(cast.owner)
    trash = olga.get("/trash/").content.decode()
    assert f"The reason: {WHY}." in trash
    assert f"/images/{removed.pk}/restore/" not in trash
    assert olga.post(f"/images/{removed.pk}/restore/").status_code == 403
    assert Image.objects.get().trashed_at


@pytest.mark.parametrize("action", ["hide", "trash"])
def test_its_owner_asks_and_staff_give_it_back(cast: Cast, report: Report, image: Image, action: str) -> None:
    decide(cast.moderator, report, action)
    olga, mo = as_person(cast.owner), as_person(cast.moderator)
    assert olga.post(f"/images/{image.pk}/appeal/", {"text": "It is my own door."}).status_code == 302
    olga.post(f"/images/{image.pk}/appeal/", {"text": "Once more."})
    appeal = Report.objects.get(reason="appeal")
    assert "It is my own door." in mo.get("/inbox/").content.decode()
    mo.post(f"/inbox/reports/{appeal.pk}/", {"decision": "fine"})
    assert Image.objects.visible_to(cast.member).exists()
    assert "gave it back" in Notice.objects.filter(user=cast.owner).first().sentence  # type: ignore[union-attr]
    assert undo(cast.admin, Decision.objects.get(action="fine"))
    assert not Image.objects.visible_to(cast.member).exists(), "undone, it is withheld once more"


def test_who_asks_is_not_told_of_a_report(cast: Cast, hidden: Image) -> None:
    olga = as_person(cast.owner)
    olga.post(f"/images/{hidden.pk}/appeal/", {"text": "Please."})
    page = olga.get(f"/images/{hidden.pk}/").content.decode()
    assert "You have asked staff to look at it again." in page
    assert "You have reported this picture." not in page


def test_staff_may_answer_that_it_stays(cast: Cast, hidden: Image) -> None:
    as_person(cast.owner).post(f"/images/{hidden.pk}/appeal/", {"text": "Please."})
    decide(cast.moderator, Report.objects.get(reason="appeal"), "hide")
    assert "it stays as it is" in Notice.objects.filter(user=cast.owner).first().sentence  # type: ignore[union-attr]
    assert not Image.objects.visible_to(cast.member).exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
def test_an_empty_or_endless_question_is_none(cast: Cast, hidden: Image, text: str) -> None:
    answer = as_person(cast.owner).post(f"/images/{hidden.pk}/appeal/", {"text": text}, follow=True)
    assert "in up to 1000 characters" in answer.content.decode()
    assert not Report.objects.filter(reason="appeal").exists()


def test_nobody_reports_by_a_reason_that_is_for_owners(cast: Cast, image: Image) -> None:
    as_person(cast.member).post(f"/images/{image.pk}/report/", {"reason": "appeal", "text": "?"})
    assert not Report.objects.exists()


def test_staff_hide_it_on_its_own_page_and_give_it_back(cast: Cast, image: Image) -> None:
    mo = as_person(cast.moderator)
    assert "Hide or remove it" in page(mo, image)
    answer = mo.post(f"/images/{image.pk}/withhold/", {"decision": "hide", "reason": "rights"}, follow=True)
    assert "Its owner is told why." in answer.content.decode()
    assert "Give it back" in page(mo, image)
    assert "breaks somebody" in Notice.objects.get(user=cast.owner).sentence
    mo.post(f"/images/{image.pk}/give-back/")
    assert Image.objects.visible_to(cast.member).exists()
    assert not Report.objects.filter(resolved_at=None).exists(), "nothing is left to decide"


def undo_it(mo: Client, image: Image) -> None:
    mo.post(f"/inbox/decisions/{Decision.objects.get(action='hide').pk}/undo/")


def give_it_back(mo: Client, image: Image) -> None:
    mo.post(f"/images/{image.pk}/give-back/")


@pytest.mark.parametrize("way", [undo_it, give_it_back])
def test_who_has_it_back_waits_for_no_answer_any_more(cast: Cast, hidden: Image, way: Callable[..., None]) -> None:
    olga, mo = as_person(cast.owner), as_person(cast.moderator)
    olga.post(f"/images/{hidden.pk}/appeal/", {"text": "It is my own door."})
    way(mo, hidden)
    assert not Report.objects.filter(reason="appeal", resolved_at=None).exists()
    assert "gave it back" in Notice.objects.filter(user=cast.owner).first().sentence  # type: ignore[union-attr]
    mo.post(f"/images/{hidden.pk}/withhold/", {"decision": "hide", "reason": "rights"})
    assert "Ask staff about it" in page(olga, hidden)
    olga.post(f"/images/{hidden.pk}/appeal/", {"text": "Once more."})
    assert "Once more." in mo.get("/inbox/").content.decode()


@pytest.mark.parametrize(
    "data", [{}, {"decision": "fine", "reason": "other"}, {"decision": "hide", "reason": "appeal"}]
)
def test_nonsense_withholds_nothing(cast: Cast, image: Image, data: dict[str, str]) -> None:
    as_person(cast.moderator).post(f"/images/{image.pk}/withhold/", data)
    assert not Decision.objects.exists()


def test_what_its_owner_keeps_to_themselves_by_now_is_no_longer_shown_to_staff(cast: Cast, hidden: Image) -> None:
    mo = as_person(cast.moderator)
    assert "A quiet harbour" in mo.get("/inbox/?state=done").content.decode()
    hidden.show_to("private")
    done = mo.get("/inbox/?state=done").content.decode()
    assert "A quiet harbour" not in done
    assert f"/images/{hidden.pk}/" not in done
    assert "Its owner keeps this picture to themselves now." in done
    assert mo.get(f"/images/{hidden.pk}/").status_code == 404


def test_ten_more_in_the_trash_cost_no_more_queries(cast: Cast, make_image: Callable[..., Image]) -> None:
    olga = as_person(cast.owner)

    def remove(number: int) -> int:
        for _ in range(number):
            image = make_image(cast.owner)
            decide(cast.moderator, Report.objects.create(image=image, user=cast.member, reason="other"), "trash")
        with CaptureQueriesContext(connection) as queries:
            olga.get("/trash/")
        return len(queries)

    remove(1)
    assert remove(1) == remove(10)


@pytest.mark.parametrize("kind", SENTENCES)
def test_every_kind_of_notice_has_words(kind: str) -> None:
    assert "%" not in sentence(kind, {"reason": "rights", "name": "Ada", "pictures": 2})


def test_decisions_of_before_are_read_as_those_of_today(cast: Cast, image: Image, report: Report) -> None:
    """What 0.1.0 hid it made private; undone, it is its owner's to show."""
    Image.objects.update(visibility="private")
    before = {"visibility": "public", "link": image.link}
    old = Decision.objects.create(moderator=cast.moderator, report=report, image=image, action="hide", before=before)
    import_module("gallery.migrations.0006_withheld").say_since_when(apps, None)
    image.refresh_from_db()
    assert image.hidden_at == old.created_at
    undo(cast.moderator, Decision.objects.get())
    image.refresh_from_db()
    assert (image.hidden_at, image.visibility) == (None, "private")


def test_what_was_moved_to_the_trash_before_is_staffs_to_take_out(cast: Cast, image: Image, report: Report) -> None:
    image.trash()
    assert image.trashed_at
    before = {"trashed_at": image.trashed_at.isoformat()}
    Decision.objects.create(moderator=cast.moderator, report=report, image=image, action="trash", before=before)
    import_module("gallery.migrations.0006_withheld").say_since_when(apps, None)
    assert not Image.objects.restorable_by(cast.owner).exists()
    undo(cast.moderator, Decision.objects.get())
    assert Image.objects.visible_to(cast.member).exists()
