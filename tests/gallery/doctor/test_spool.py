"""Replies that were left in the spool."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from gallery.doctor.repair import repair
from generator.models import Call, Image
from generator.replies.spool import Spool
from tests.conftest import Folders
from tests.gallery.doctor.conftest import (
    HOUR,
    State,
    all_findings,
    change_call,
    kept_reply,
    lay,
    only_finding,
)


def test_a_reply_to_no_call_goes_to_quarantine(site: Image, spool: Spool, folders: Folders) -> None:
    stranger = UUID(int=7)
    kept_reply(spool, stranger)
    assert "the ledger does not know: 1." in only_finding().sentence
    assert "1 reply to unknown calls moved" in next(repair())
    assert all_findings() == []
    assert [path.name for path in (folders.data / "quarantine").rglob("*.reply")] == [f"{stranger}.reply"]


def test_a_kept_reply_is_worth_a_notice_and_another_try(site: Image, spool: Spool) -> None:
    kept_reply(spool, change_call(error_kind="partial").pk)
    assert not only_finding().is_trouble
    change_call(state=State.FAILED, error_kind="unreadable")
    finding = only_finding()
    assert "kept because something in them could not be read: 1." in finding.sentence
    assert "delete" not in finding.advice
    assert list(repair()) == ["1 kept reply to be stored again by the worker."]
    assert Call.objects.get().state == State.RECEIVED
    assert spool.has(str(Call.objects.get().pk))


def test_a_reply_that_brought_its_workers_down_is_tried_once_more(site: Image, spool: Spool) -> None:
    kept_reply(spool, change_call(state=State.FAILED, error_kind="kept").pk)
    finding = only_finding()
    assert not finding.is_trouble
    assert finding.sentence == "Replies kept because each worker that tried to store them went down: 1."
    assert "has them stored again" in finding.advice
    assert list(repair()) == ["1 kept reply to be stored again by the worker."]
    assert spool.has(str(Call.objects.get().pk))


def test_a_reply_of_nothing_is_no_late_one(site: Image, spool: Spool) -> None:
    kept_reply(spool, change_call(state=State.UNKNOWN, error_kind="provider", error_reason="no_pictures").pk)
    assert "something in them could not be read" in next(f.sentence for f in all_findings() if f.area == "spool")
    assert list(repair()) == ["1 kept reply to be stored again by the worker."]


def test_a_reply_that_reports_an_error_is_no_loss(site: Image, spool: Spool) -> None:
    kept_reply(spool, change_call(state=State.FAILED, error_kind="provider", error_reason="reported").pk)
    assert only_finding().sentence == "Replies kept that report an error and hold no picture: 1."
    assert list(repair()) == []


def test_leftovers_of_ended_calls_are_swept(site: Image, spool: Spool, folders: Folders) -> None:
    kept_reply(spool, Call.objects.get().pk)
    lay(folders.spool / f"{UUID(int=9)}.part")
    assert only_finding().sentence == "Spool files left over from work that has ended: 2."
    assert list(repair()) == ["2 leftovers removed from the spool."]
    assert all_findings() == []


def test_work_that_has_just_begun_is_no_leftover(site: Image, spool: Spool, folders: Folders) -> None:
    lay(folders.spool / f"{UUID(int=9)}.part").touch()
    kept_reply(spool, UUID(int=8)).touch()
    change_call(state=State.SENDING, lease_until=timezone.now() + HOUR)
    kept_reply(spool, Call.objects.get().pk).touch()
    assert all_findings() == []


def test_a_late_reply_is_taken_in(site: Image, spool: Spool) -> None:
    kept_reply(spool, change_call(state=State.UNKNOWN, dismissed_at=timezone.now()).pk)
    assert "Replies that came late" in only_finding().sentence
    assert "taken in late" in next(repair())
    assert Call.objects.get().state == State.RECEIVED


def test_a_received_call_without_its_reply_is_found(site: Image) -> None:
    change_call(state=State.RECEIVED, received_at=timezone.now())
    assert only_finding().sentence == "1 call without the reply that was received."
