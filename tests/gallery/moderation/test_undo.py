"""Undoing restores exactly what a decision changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gallery.models import Comment, Decision, Notice, Report
from gallery.moderation.decide import decide, find_fine
from gallery.moderation.undo import answer, undo, undo_batch
from generator.models import Image
from tests.conftest import Cast

Say = Callable[..., Comment]


@pytest.mark.parametrize("visibility", ["link", "shared", "public", "private"])
@pytest.mark.parametrize("action", ["fine", "hide", "trash", "ask"])
def test_the_picture_is_as_it_was_and_the_report_open(
    cast: Cast, report: Report, visibility: str, action: str
) -> None:  # fmt: skip
    Image.objects.update(visibility=visibility)
    columns = ("visibility", "link", "trashed_at", "hidden_at", "removed_at", "user")
    before = Image.objects.values(*columns).get()
    decision = decide(cast.moderator, report, action, "Why?" if action == "ask" else "")
    assert undo(cast.admin, decision)
    assert Image.objects.values(*columns).get() == before
    report.refresh_from_db()
    assert report.resolved_at is None
    decision.refresh_from_db()
    assert decision.undone_by == cast.admin


def test_thumbnails_that_were_hidden_keep_their_new_names(cast: Cast, report: Report) -> None:
    """Addresses that were told while it was hidden lead nowhere, those from before do not come to life again."""
    undo(cast.moderator, decide(cast.moderator, report, "hide"))
    assert Image.objects.get().access_version == 2


@pytest.mark.parametrize("action", ["fine", "hide", "trash"])
def test_a_comment_is_shown_and_new_again(cast: Cast, say: Say, action: str) -> None:
    comment = say()
    undo(cast.moderator, decide(cast.moderator, comment, action))
    comment.refresh_from_db()
    assert (comment.state, comment.seen_at) == ("shown", None)


@pytest.mark.parametrize("visibility", ["private", "link", "public"])
def test_undoing_shows_it_as_widely_as_its_owner_wants_it_by_now(
    cast: Cast, report: Report, visibility: str
) -> None:  # fmt: skip
    decision = decide(cast.moderator, report, "hide")
    Image.objects.get().show_to(visibility)
    assert not Image.objects.visible_to(cast.member).exists()
    undo(cast.moderator, decision)
    assert Image.objects.get().visibility == visibility
    assert Image.objects.visible_to(cast.member).exists() == (visibility == "public")


def test_what_its_owner_has_thrown_away_stays_in_the_trash(cast: Cast, report: Report) -> None:
    Image.objects.get().trash()
    undo(cast.moderator, decide(cast.moderator, report, "trash"))
    image = Image.objects.get()
    assert image.trashed_at
    assert image.removed_at is None


def test_undoing_twice_undoes_once(cast: Cast, report: Report) -> None:
    decision = decide(cast.moderator, report, "trash")
    assert undo(cast.moderator, decision)
    assert not undo(cast.admin, decision)
    decision.refresh_from_db()
    assert decision.undone_by == cast.moderator


def test_after_undoing_it_can_be_decided_anew(cast: Cast, report: Report) -> None:
    undo(cast.moderator, decide(cast.moderator, report, "fine"))
    decide(cast.admin, report, "trash")
    assert Image.objects.get().trashed_at
    assert Decision.objects.filter(undone_at=None).count() == 1


def test_who_reported_anew_meanwhile_has_one_open_report(cast: Cast, report: Report) -> None:
    decision = decide(cast.moderator, report, "fine")
    Report.objects.create(image=report.image, user=report.user, reason="other")
    assert undo(cast.moderator, decision)
    assert Report.objects.filter(resolved_at=None).count() == 1


def test_unread_notices_are_withdrawn_and_readers_are_told(cast: Cast, report: Report) -> None:
    decision = decide(cast.moderator, report, "trash")
    Notice.objects.filter(user=cast.owner).mark_read()
    undo(cast.moderator, decision)
    assert not Notice.objects.filter(user=cast.member).exists()
    told = [notice.sentence for notice in Notice.objects.filter(user=cast.owner).order_by("pk")]
    assert told == [
        (
            "Staff have moved a picture of yours to the trash. The reason: it shows a real person or a private "
            "matter. You can ask them about it there."
        ),
        "Staff have taken it back: what they had removed is there again.",
    ]


def test_many_fine_comments_are_undone_together(cast: Cast, say: Say) -> None:
    made = find_fine(cast.moderator, [say().pk, say().pk])
    assert undo_batch(cast.moderator, made) == 2
    assert Comment.objects.filter(seen_at=None).count() == 2


def test_an_answer_brings_the_report_back_and_cannot_be_undone(cast: Cast, report: Report) -> None:
    decision = decide(cast.moderator, report, "ask", "Is that your own house?")
    notice = Notice.objects.get(user=cast.owner)
    assert notice.question
    assert notice.text == "Staff ask you about a picture of yours: “Is that your own house?”"
    assert answer(notice, "It is.")
    assert not answer(notice, "Once more.")
    assert not undo(cast.moderator, decision)
    report.refresh_from_db()
    notice.refresh_from_db()
    assert report.resolved_at is None
    assert notice.read_at
    decide(cast.moderator, report, "fine")


def test_a_question_about_a_comment_goes_to_its_writer(cast: Cast, say: Say) -> None:
    decide(cast.moderator, say("Ha."), "ask", "What do you mean?")
    notice = Notice.objects.get()
    assert (notice.user, notice.question) == (cast.member, True)
    assert notice.text == "Staff ask you about your comment “Ha.”: “What do you mean?”"
