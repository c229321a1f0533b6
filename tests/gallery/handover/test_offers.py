"""Pictures of somebody who has left are nobody's to see until somebody takes them; then everything is as it was."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from gallery.account.leave import leave
from gallery.handover import disposal, offers
from gallery.handover.offers import Offer
from gallery.models import Comment, Handover, Notice, OfferedPicture, User
from gallery.models.handover import ANSWER_WITHIN
from gallery.search import index
from generator.models import Call, Generation, Image, Limit
from generator.worker import tasks
from generator.worker.points import tidied
from tests.conftest import Cast, Folders
from tests.gallery.handover.conftest import Leaving

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


@pytest.fixture
def pictures(cast: Cast, make_image: Make) -> dict[str, Image]:
    """Olga's, one of each visibility; all can be found by their words, so that the watch has nothing to do."""
    made = {name: make_image(cast.owner, prompt=name, visibility=name) for name in Image.Visibility.values}
    index.add_older(len(made))
    return made


@pytest.fixture
def settled(django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., Any]:
    """Do it, and what waits for the commit."""

    def do(act: Callable[..., Any], *args: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return act(*args)

    return do


def seen_by(*people: Any, link: str = "") -> set[str]:
    """The prompts of the pictures that any of these people sees."""
    found = [Image.objects.visible_to(person, link=link) for person in people]
    return {image.generation.prompt for images in found for image in images}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def pass_time(handover: Handover) -> None:
    Handover.objects.filter(pk=handover.pk).update(created_at=timezone.now() - ANSWER_WITHIN - timedelta(minutes=1))


def test_until_there_is_an_answer_nobody_sees_them(cast: Cast, pictures: dict[str, Image], left: Leaving) -> None:
    Comment.objects.create(image=pictures["public"], user=cast.stranger, text="Hello", token="1")
    handover = left()
    everybody = (AnonymousUser(), cast.member, cast.stranger, cast.moderator, cast.admin)
    assert seen_by(*everybody, link=pictures["link"].link) == set()
    looked_at = Image.objects.visible_to(cast.admin, looking=True)
    assert looked_at.count() == handover.pictures == handover.prompts == 4
    assert handover.first_at <= handover.last_at
    assert {image.user for image in looked_at} == {cast.owner}


def test_share_links_and_files_lead_nowhere_meanwhile_and_work_again_afterwards(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any]
) -> None:
    visitor, shared = Client(), pictures["link"]
    public = f"/images/{pictures['public'].pk}/"
    assert visitor.get(f"/share/{shared.link}/").status_code == 200
    handover = left()
    assert visitor.get(f"/share/{shared.link}/").status_code == 404
    assert [visitor.get(f"{public}{kind}").status_code for kind in ("", "original/", "thumbs/320/")] == [302] * 3
    settled(offers.accept, handover, cast.member)
    assert visitor.get(f"/share/{shared.link}/").status_code == 200
    assert visitor.get(public).status_code == 200


def test_accepting_makes_them_theirs_shown_to_whom_they_were_shown(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any]
) -> None:
    assert settled(offers.accept, left(), cast.member)
    images = Image.objects.select_related("generation")
    assert {image.generation.prompt: image.visibility for image in images} == {name: name for name in pictures}
    assert {image.user for image in images} == {cast.member}
    assert seen_by(cast.member) == {*pictures}
    assert seen_by(cast.stranger) == {"shared", "public"}
    assert seen_by(AnonymousUser()) == {"public"}
    assert not OfferedPicture.objects.exists()
    handover = Handover.objects.get()
    assert (handover.state, handover.name) == ("accepted", "")
    assert handover.answered_at


def test_what_staff_had_hidden_stays_hidden(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any]
) -> None:
    pictures["public"].withhold("hidden_at")
    handover = left()
    assert not Image.objects.withheld_for(cast.moderator).exists()
    pictures["shared"].withhold("removed_at")
    settled(offers.accept, handover, cast.member)
    assert seen_by(cast.stranger) == set()
    assert Image.objects.withheld_for(cast.moderator).count() == 2
    assert Image.objects.trashed_for(cast.member).get().removed_at


def test_what_they_used_stays_with_whoever_made_them(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any], make_generation: Any
) -> None:
    Limit.objects.create(what="pictures/day", amount=1, each=True)
    before = list(Call.objects.order_by("pk").values())
    settled(offers.accept, left(), cast.member)
    assert list(Call.objects.order_by("pk").values()) == before
    assert set(Generation.objects.values_list("user", flat=True)) == {cast.owner.pk}
    assert make_generation(cast.member), "the limit of a picture a day has room"


def test_declining_deletes_them_if_that_was_asked_for(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any], folders: Folders
) -> None:
    folders.spool.mkdir()
    reply = folders.spool / f"{pictures['public'].call_id}.reply"
    reply.write_bytes(b"{}")
    handover = left()
    assert reply.exists()
    assert settled(offers.decline, handover, cast.member)
    assert seen_by(cast.admin, cast.member, link=pictures["link"].link) == set()
    assert [queued.func() for queued in OrmQ.objects.all()][-1:] == [offers.DELETING]
    settled(offers.delete_given_up)
    assert not Image.objects.exists()
    assert set(Generation.objects.values_list("prompt", flat=True)) == {""}
    assert files(folders.media) == files(folders.spool) == []
    assert Notice.objects.get().sentence == "You have not taken over 4 pictures of a former member. They are deleted."


def test_many_are_deleted_a_chunk_at_a_time_and_the_watch_has_the_rest_done(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(disposal, "CHUNK", 3)
    settled(offers.decline, left(), cast.member)
    OrmQ.objects.all().delete()
    settled(disposal.delete_some, Image.objects.filter(user=cast.owner))
    assert Image.objects.count() == 1
    tidied.send(sender=None)
    monkeypatch.setattr(tasks, "ROUND_SECONDS", -1)
    settled(offers.delete_given_up)
    assert [queued.func() for queued in OrmQ.objects.all()] == [offers.DELETING] * 2
    monkeypatch.setattr(tasks, "ROUND_SECONDS", 60)
    settled(offers.delete_given_up)
    tidied.send(sender=None)
    assert not Image.objects.exists()
    assert OrmQ.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_between_files_and_rows_leaves_no_file_for_good(
    cast: Cast, make_image: Make, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With real commits: what is done after one is what a kill can leave undone."""
    image = make_image(cast.owner)
    with monkeypatch.context() as patched:
        patched.setattr("generator.store._remove_each", lambda _: sys.exit())
        with pytest.raises(SystemExit):
            disposal.delete_some(Image.objects.filter(user=cast.owner))
    assert disposal.delete_some(Image.objects.filter(pk=image.pk)) == 1
    assert not Image.objects.exists()
    assert files(folders.media) == []


def test_only_what_nobody_wanted_is_deleted(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any], make_image: Make
) -> None:
    make_image(cast.member)
    handover = left()
    settled(offers.delete_given_up)
    assert Image.objects.count() == 5, "they may still be wanted"
    settled(offers.decline, handover, cast.member)
    settled(offers.delete_given_up)
    assert Image.objects.get().user == cast.member


def test_declining_keeps_them_from_everybody_if_that_was_asked_for(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any]
) -> None:
    assert settled(offers.decline, left("keep"), cast.member)
    assert set(Image.objects.values_list("visibility", "user")) == {("private", cast.owner.pk)}
    assert not OfferedPicture.objects.exists()
    assert Notice.objects.get().sentence.endswith("They are shown to nobody.")


@pytest.mark.parametrize("fallback", ["delete", "keep"])
def test_no_answer_in_thirty_days_is_none(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any], fallback: str
) -> None:
    handover = left(fallback)
    Notice.objects.all().mark_read()
    settled(offers.end_those_that_are_over)
    assert Handover.objects.open().exists()
    pass_time(handover)
    settled(offers.end_those_that_are_over)
    settled(offers.delete_given_up)
    handover.refresh_from_db()
    assert (handover.state, handover.name) == ("expired", "")
    assert Image.objects.exists() == (fallback == "keep")
    notice = Notice.objects.get()
    assert notice.read_at is None, "they are told anew"
    assert "There was no answer in time" in notice.sentence
    assert "olga" not in f"{notice.values}"
    assert not offers.accept(handover, cast.member)


@pytest.mark.parametrize("way", ["deactivated", "left", "deleted"])
def test_whoever_is_not_here_any_more_has_declined(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any], way: str
) -> None:
    handover, heir = left(), User.objects.get(pk=cast.member.pk)
    if way == "deactivated":
        User.objects.filter(pk=heir.pk).update(is_active=False)
    elif way == "left":
        leave(heir, None)
    else:
        heir.delete()
    assert not offers.accept(handover, cast.member), "nor can they answer in a browser that is still open"
    assert not offers.decline(handover, cast.member)
    assert seen_by(cast.stranger, cast.admin) == set()
    settled(offers.end_those_that_are_over)
    settled(offers.delete_given_up)
    handover.refresh_from_db()
    assert handover.state == "declined"
    assert not Image.objects.exists()


def test_the_watch_has_a_worker_see_to_what_is_over(pictures: dict[str, Image], left: Leaving) -> None:
    handover = left()
    OrmQ.objects.all().delete()
    tidied.send(sender=None)
    assert not OrmQ.objects.exists()
    pass_time(handover)
    tidied.send(sender=None)
    assert [queued.func() for queued in OrmQ.objects.all()] == [offers.TASK]


def test_only_the_first_answer_counts(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any]
) -> None:
    handover = left()
    assert not offers.accept(handover, cast.stranger), "and nobody else's"
    assert settled(offers.accept, handover, cast.member)
    assert not offers.accept(handover, cast.member)
    assert not offers.decline(handover, cast.member)
    pass_time(handover)
    offers.end(handover)
    assert Image.objects.filter(user=cast.member).count() == 4


def test_what_still_comes_is_shown_to_nobody_and_goes_along(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any]
) -> None:
    handover = left()
    generation = pictures["public"].generation
    generation.refresh_from_db()
    late = pictures["public"]
    late.pk, late.index, late.file = Image.id_for(late.call, 1), 1, "originals/00/late.png"
    late.link, late.visibility = "late", generation.visibility
    late.save(force_insert=True)
    assert seen_by(cast.stranger) == set()
    settled(offers.accept, handover, cast.member)
    late.refresh_from_db()
    assert (late.user, late.visibility) == (cast.member, "private")


def test_the_name_is_kept_until_there_is_an_answer_and_no_longer(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any]
) -> None:
    User.objects.filter(pk=cast.owner.pk).update(first_name="Olga", last_name="Owner")
    handover = left()
    assert handover.name == "Olga Owner"
    assert Notice.objects.get().sentence == "Olga Owner has left and asks you to take over 4 pictures."
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.update(state="accepted", answered_at=timezone.now())
    settled(offers.accept, handover, cast.member)
    notice = Notice.objects.get()
    assert notice.sentence == "You have taken over 4 pictures of a former member."
    assert notice.read_at, "who has answered knows"
    assert "Olga" not in f"{notice.values}{Handover.objects.values()}"


def test_one_picture_is_no_pictures(cast: Cast, make_image: Make, left: Leaving) -> None:
    make_image(cast.owner)
    left()
    assert Notice.objects.get().sentence == "olga has left and asks you to take over 1 picture."
    assert str(Handover.objects.get()) == "1 pictures (not answered)"
    assert str(OfferedPicture.objects.get()) == str(Image.objects.get().pk)


def test_pictures_that_came_from_somebody_are_offered_on(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any]
) -> None:
    settled(offers.accept, left(), cast.member)
    leave(cast.member, Offer(cast.stranger, "delete", "/notices/"))
    assert settled(offers.accept, Handover.objects.open().get(), cast.stranger)
    assert seen_by(AnonymousUser()) == {"public"}
    assert seen_by(cast.stranger) == {*pictures}


def test_each_step_is_a_line_of_the_audit_log(
    cast: Cast, pictures: dict[str, Image], left: Leaving, settled: Callable[..., Any]
) -> None:
    before = LogEntry.objects.count()
    settled(offers.accept, left(), cast.member)
    lines = LogEntry.objects.order_by("pk")[before:]
    told = [(line.additional_data["event"], line.actor_id, line.object_pk) for line in lines]
    owner, member = cast.owner.pk, cast.member.pk
    assert told == [
        ("offered", owner, str(member)), ("closed", owner, str(owner)), ("took over", member, str(owner)),
    ]  # fmt: skip
