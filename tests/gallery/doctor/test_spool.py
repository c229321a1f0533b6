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


def test_a_kept_reply_is_worth_a_notice(site: Image, spool: Spool) -> None:
    kept_reply(spool, change_call(error_kind="partial").pk)
    assert not only_finding().is_trouble
    change_call(state=State.FAILED)
    assert "kept because" in only_finding().sentence
    list(repair())
    assert len(all_findings()) == 1, "it stays for the administrator"


def test_a_reply_that_brought_its_workers_down_can_be_stored_again(site: Image, spool: Spool) -> None:
    kept_reply(spool, change_call(state=State.FAILED, error_kind="kept").pk)
    finding = only_finding()
    assert not finding.is_trouble
    assert finding.sentence == "Replies kept because each worker that tried to store them went down: 1."
    assert "choose Store again" in finding.advice
    list(repair())
    assert spool.has(str(Call.objects.get().pk))


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
