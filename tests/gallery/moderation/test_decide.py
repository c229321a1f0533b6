"""One decision about each report and each comment, whoever else is at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gallery.models import Comment, Decision, Notice, Report, User
from gallery.moderation.decide import DecidedError, decide, find_fine
from generator.models import Image
from tests.conftest import Cast

Say = Callable[..., Comment]


def test_no_problem_resolves_the_report_and_leaves_the_picture_alone(cast: Cast, report: Report) -> None:
    decide(cast.moderator, report, "fine")
    report.refresh_from_db()
    assert report.resolved_at
    image = Image.objects.get()
    assert (image.visibility, image.trashed_at, image.access_version) == ("shared", None, 0)


def test_hiding_a_picture_leaves_it_to_its_owner_and_renews_access(cast: Cast, report: Report) -> None:
    decide(cast.moderator, report, "hide")
    image = Image.objects.get()
    assert (image.visibility, image.access_version, bool(image.hidden_at)) == ("shared", 1, True)
    assert not Image.objects.visible_to(cast.member).exists()
    assert Image.objects.visible_to(cast.owner).exists()


def test_a_picture_is_moved_to_the_trash(cast: Cast, report: Report) -> None:
    decide(cast.moderator, report, "trash")
    assert Image.objects.get().trashed_at


def test_a_hidden_picture_is_hidden_once(cast: Cast, report: Report) -> None:
    Image.objects.update(hidden_at=timezone.now())
    assert decide(cast.moderator, report, "hide").before == {}
    assert Image.objects.get().access_version == 0


def test_a_picture_that_its_owner_has_narrowed_first_is_hidden_all_the_same(cast: Cast, report: Report) -> None:
    """Else it would be shown again as soon as its owner likes."""
    Image.objects.get().show_to("private")
    decide(cast.moderator, report, "hide")
    Image.objects.get().show_to("public")
    assert not Image.objects.visible_to(cast.member).exists()


def test_a_hidden_comment_is_there_for_its_writer_only(cast: Cast, say: Say) -> None:
    decide(cast.moderator, say(), "hide")
    assert Comment.objects.shown_to(cast.member).exists()
    for person in (cast.owner, cast.stranger, cast.moderator):
        assert not Comment.objects.shown_to(person).exists()


def test_a_trashed_comment_is_there_for_nobody(cast: Cast, say: Say) -> None:
    decide(cast.moderator, say(), "trash")
    for person in (cast.member, cast.owner, cast.moderator):
        assert not Comment.objects.shown_to(person).exists()


def test_the_page_marks_a_hidden_comment_for_its_writer(client: Client, cast: Cast, say: Say) -> None:
    comment = say("What a harbour!")
    decide(cast.moderator, comment, "hide")
    for person, is_shown in ((cast.member, True), (cast.owner, False), (cast.moderator, False)):
        client.force_login(person)
        page = client.get(f"/images/{comment.image_id}/").content.decode()
        assert ("What a harbour!" in page) is is_shown
        assert ("Hidden: only you see it" in page) is is_shown


def test_the_second_moderator_is_told_who_was_first(cast: Cast, report: Report) -> None:
    decide(cast.moderator, report, "fine")
    with pytest.raises(DecidedError, match=r"Already decided by mo: no problem\."):
        decide(cast.admin, report, "trash")
    assert Image.objects.get().trashed_at is None
    assert Decision.objects.count() == 1


def test_what_is_gone_is_said_to_be_gone(cast: Cast, say: Say) -> None:
    comment = say()
    Comment.objects.filter(pk=comment.pk).delete()
    with pytest.raises(DecidedError, match="or gone"):
        decide(cast.moderator, comment, "hide")


def test_all_comments_on_a_page_are_fine_at_once(cast: Cast, say: Say) -> None:
    first, second, third = say(), say(), say()
    decide(cast.admin, first, "hide")
    made = find_fine(cast.moderator, [first.pk, second.pk])
    assert [decision.comment_id for decision in made] == [second.pk]
    third.refresh_from_db()
    assert third.seen_at is None
    assert Comment.objects.get(pk=first.pk).state == "hidden"


def test_nobody_is_told_about_a_comment_that_is_fine(cast: Cast, say: Say) -> None:
    decide(cast.moderator, say(), "fine")
    find_fine(cast.moderator, [say().pk])
    assert not Notice.objects.exists()


def test_of_two_moderators_at_once_one_wins(
    cast: Cast, report: Report, at_once: Callable[..., list[Any]]
) -> None:  # fmt: skip
    def act(moderator: User) -> str:
        item = Report.objects.select_related("image__user", "user").get(pk=report.pk)
        try:
            decide(moderator, item, "trash")
        except DecidedError:
            return "late"
        return "done"

    assert sorted(at_once(act, [cast.moderator, cast.admin])) == ["done", "late"]
    assert at_once(lambda model: model.objects.count(), [Decision, Notice]) == [1, 2]
