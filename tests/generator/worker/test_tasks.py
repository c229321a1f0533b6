"""From a queued call to pictures on disk: one worker, the real sandbox, real files."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ

from generator.models import Call, Generation, Image, Provider
from generator.models.call_queryset import CallQuerySet
from generator.models.image_queryset import ImageQuerySet
from generator.replies.spool import Spool
from generator.sandbox import SandboxServer
from generator.worker import tasks
from generator.worker.leases import Leases
from generator.worker.storing import GONE
from generator.worker.sweep import LeaseWatch, sweep
from tests.conftest import Cast, Folders

State = Call.State
Make = Callable[..., Generation]


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_work_without_work_is_no_error(sandbox: SandboxServer, db: None) -> None:
    tasks.work()
    assert sandbox.charged == []


def test_a_prompt_becomes_a_picture(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, folders: Folders, spool: Spool
) -> None:
    generation = make_generation(cast.owner, prompt="A red fox", visibility="private")

    tasks.work()

    call = generation.calls.get()
    assert (call.state, call.http_status, call.error_message) == (State.SUCCEEDED, 200, "")
    assert call.reply_id.startswith("imagen_")
    assert call.reply_model == "flux"
    assert call.usage is not None
    assert call.elapsed_time is not None
    assert call.waited is not None
    image = Image.objects.get()
    assert (image.user, image.generation, image.visibility) == (cast.owner, generation, "private")
    original = folders.media / image.file.name
    assert hashlib.sha256(original.read_bytes()).hexdigest() == image.sha256
    assert original.stat().st_size == image.bytes
    assert original.suffix == f".{image.format}"
    assert all((folders.media / image.thumb_name(width)).is_file() for width in (320, 640, 1280))
    assert image.placeholder.startswith("data:image/")
    assert files_below(folders.spool) == []
    assert len(sandbox.charged) == 1


def test_the_size_dialect_brings_four_pictures_in_one_call(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner, model="kandinsky", width=96, height=64, count=4)

    tasks.work()

    assert len(sandbox.charged) == 1
    assert sorted(Image.objects.values_list("index", "width", "height")) == [(n, 96, 64) for n in range(4)]


def test_four_pictures_in_the_ratio_dialect_are_four_calls(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner, count=2)
    tasks.work()
    assert OrmQ.objects.exists(), "the next worker is woken while work is left"
    tasks.work()
    tasks.work()
    assert len(sandbox.charged) == 2
    assert Image.objects.count() == 2


def test_a_wake_up_inside_a_transaction_waits_for_its_commit(db: None) -> None:
    tasks.wake(3)
    assert OrmQ.objects.count() == 3
    assert tasks.waiting_wakes() == 3
    tasks.forget_wakes()
    assert tasks.waiting_wakes() == 0


def test_no_more_wake_ups_than_workers(settings: Any, db: None) -> None:
    tasks.wake(1000)
    assert OrmQ.objects.count() == settings.Q_CLUSTER["workers"]


@pytest.mark.parametrize(
    ("fault", "state", "kind"),
    [
        ("status:400", State.FAILED, "refused"),
        ("status:402", State.FAILED, "quota"),
        ("status:403", State.FAILED, "refused"),
        ("status:404", State.FAILED, "refused"),
        ("status:500", State.FAILED, "provider"),
        ("status:503", State.FAILED, "provider"),
        ("status:502", State.UNKNOWN, "silence"),
        ("status:504", State.UNKNOWN, "silence"),
        ("cut", State.UNKNOWN, "silence"),
        ("half", State.UNKNOWN, "silence"),
        ("garbage", State.FAILED, "unreadable"),
        ("error200", State.FAILED, "provider"),
        ("nofiles", State.UNKNOWN, "provider"),
        ("address", State.FAILED, "unreadable"),
        ("badimage", State.FAILED, "unreadable"),
        ("badbase64", State.FAILED, "unreadable"),
    ],
)
def test_each_failure_has_its_state_its_kind_and_a_sentence(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, fault: str, state: str, kind: str, folders: Folders
) -> None:
    generation = make_generation(cast.owner)
    sandbox.faults.set(fault, times=1)

    tasks.work()
    tasks.work()

    call = generation.calls.get()
    assert (call.state, call.error_kind) == (state, kind)
    assert call.error_message.endswith((".", "”"))
    assert "<" not in call.error_message
    assert call.error == ""
    assert call.tries == 1, "nothing that may have been charged is sent again by itself"
    assert not Image.objects.exists()
    assert files_below(folders.media) == []


@pytest.mark.parametrize("fault", ["openai", "early", "dataurl", "bare", "chunked"])
def test_a_picture_is_stored_however_it_comes(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, fault: str
) -> None:
    generation = make_generation(cast.owner)
    sandbox.faults.set(fault, times=1)
    tasks.work()
    call = generation.calls.get()
    assert (call.state, call.error_message, call.images.count()) == (State.SUCCEEDED, "", 1)


def test_a_picture_is_fetched_by_its_address_from_the_apis_own_origin(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, folders: Folders, settings: Any, spool: Spool
) -> None:
    sandbox.key = settings.ONLYSQ_API_KEY = "sq-0123456789"
    generation = make_generation(cast.owner, width=64, height=64, count=2)
    sandbox.faults.set("address", times=1, location="/pictures/x.png")
    tasks.work()
    call = generation.calls.get()
    assert (call.state, call.error_message, call.pictures) == (State.SUCCEEDED, "", 2)
    assert [(image.index, image.width) for image in call.images.order_by("index")] == [(0, 64), (1, 64)]
    assert (len(sandbox.charged), spool.has(str(call.pk)), files_below(folders.spool)) == (1, False, [])


def test_an_address_of_the_own_origin_that_does_not_answer_may_be_tried_again_at_no_cost(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, folders: Folders, spool: Spool
) -> None:
    generation = make_generation(cast.owner, width=64, height=64, count=2)
    sandbox.faults.set("address", times=1, location="/nothing/x.png")
    tasks.work()
    call = generation.calls.get()
    assert (call.state, call.error_reason) == (State.FAILED, "unfetched")
    assert [path.name for path in files_below(folders.spool)] == [f"{call.pk}.reply"]
    body = spool.path(str(call.pk)).read_bytes().replace(b"/nothing/", b"/pictures/")
    spool.path(str(call.pk)).write_bytes(body)
    assert tasks.store_again(call)
    tasks.work()
    call.refresh_from_db()
    assert (call.state, call.images.count(), len(sandbox.charged)) == (State.SUCCEEDED, 2, 1)


def test_of_two_addresses_the_missing_one_is_fetched_later(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, spool: Spool
) -> None:
    generation = make_generation(cast.owner, width=64, height=64, count=2)
    sandbox.faults.set("address", times=1, location="/pictures/x.png")
    body = {"files": [f"{sandbox.base_url}/pictures/x.png", f"{sandbox.base_url}/nothing/y.png"]}
    call = generation.calls.get()
    with spool.writer(str(call.pk)) as sink:
        sink.write(json.dumps(body).encode())
    tasks.work()
    call.refresh_from_db()
    assert (call.state, call.error_kind, call.error_reason, call.pictures) == (
        State.SUCCEEDED, "partial", "unfetched", 1,
    )  # fmt: skip
    spool.path(str(call.pk)).write_bytes(spool.path(str(call.pk)).read_bytes().replace(b"nothing", b"pictures"))
    assert tasks.store_again(call)
    tasks.add_missing(str(call.pk))
    call.refresh_from_db()
    assert (call.error_message, [image.index for image in call.images.order_by("index")]) == ("", [0, 1])
    assert sandbox.charged == []


def test_an_unreadable_reply_is_kept_for_the_admin(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, spool: Spool
) -> None:
    generation = make_generation(cast.owner)
    sandbox.faults.set("garbage", times=1)
    tasks.work()
    assert spool.has(str(generation.calls.get().pk))


def test_one_bad_file_among_four_keeps_the_other_three(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, folders: Folders, spool: Spool
) -> None:
    generation = make_generation(cast.owner, width=64, height=64, count=4)
    sandbox.faults.set("badimage", times=1, index=1)

    tasks.work()

    call = generation.calls.get()
    assert call.state == State.SUCCEEDED
    assert call.error_kind == "partial"
    assert call.error_message.startswith("3 of 4 pictures could be read")
    assert list(call.images.order_by("index").values_list("index", flat=True)) == [0, 2, 3]
    assert [path.suffix for path in files_below(folders.spool)] == [".reply"]
    assert spool.has(str(call.pk))


def test_a_request_that_never_left_goes_out_again_with_growing_pauses(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, settings: Any
) -> None:
    generation = make_generation(cast.owner)
    settings.ONLYSQ_API_URL = "http://127.0.0.1:9/ai/imagen"
    pauses = []
    for _ in range(3):
        tasks.work()
        call = generation.calls.get()
        assert (call.state, call.error_kind, call.sent_at) == (State.QUEUED, "unreachable", None)
        assert call.not_before is not None
        pauses.append((call.not_before - timezone.now()).total_seconds())
        Call.objects.update(not_before=None)
    assert pauses == pytest.approx([2, 4, 8], abs=0.5)

    settings.ONLYSQ_API_URL = sandbox.url
    tasks.work()
    assert generation.calls.get().state == State.SUCCEEDED
    assert len(sandbox.charged) == 1


def test_a_request_that_never_leaves_is_given_up_in_the_end(cast: Cast, make_generation: Make, settings: Any) -> None:
    generation = make_generation(cast.owner)
    settings.ONLYSQ_API_URL = "http://127.0.0.1:9/ai/imagen"
    Call.objects.update(tries=34)
    tasks.work()
    assert generation.calls.get().state == State.FAILED


@pytest.mark.parametrize(("asked", "seconds"), [(None, 25), (7, 7)])
def test_too_many_requests_make_everybody_wait_as_long_as_asked(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, asked: int | None, seconds: int
) -> None:
    mine = make_generation(cast.owner)
    make_generation(cast.member)
    more = {} if asked is None else {"retry_after": asked}
    sandbox.faults.set("status:429", times=1, **more)

    tasks.work()
    tasks.work()

    call = mine.calls.get()
    assert (call.state, call.error_kind) == (State.QUEUED, "rate")
    assert sandbox.charged == []
    until = Provider.objects.current().paused_until
    assert until is not None
    assert (until - timezone.now()).total_seconds() == pytest.approx(seconds, abs=1)

    Provider.objects.update(paused_until=timezone.now())
    tasks.work()
    tasks.work()
    assert Image.objects.count() == 2


def test_to_be_asked_for_no_pause_is_no_reason_to_ask_again_at_once(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner)
    sandbox.faults.set("status:429", retry_after=0)
    for tries in (1, 2, 3):
        tasks.work()
        until = Provider.objects.current().paused_until
        assert until is not None
        assert (until - timezone.now()).total_seconds() == pytest.approx(tries, abs=0.9)
        tasks.work()
        assert Call.objects.get().tries == tries, "not before the pause is over"
        Provider.objects.current().resume()


def test_a_refused_key_stops_sending_for_everyone_and_keeps_the_queue(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, settings: Any
) -> None:
    mine = make_generation(cast.owner)
    other = make_generation(cast.member)
    settings.ONLYSQ_API_KEY = "sq-wrong"
    sandbox.faults.set("status:401", times=1)

    tasks.work()
    tasks.work()

    assert mine.calls.get().error_kind == "key"
    assert other.calls.get().state == State.QUEUED
    assert Provider.objects.current().pause == Provider.Pause.KEY

    settings.ONLYSQ_API_KEY = "sq-right"
    tasks.work()
    assert other.calls.get().state == State.SUCCEEDED


def test_the_key_is_in_no_row_and_no_log(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ONLYSQ_API_KEY = "sq-very-secret"
    generation = make_generation(cast.owner)
    sandbox.faults.set("status:401", times=1, message="bad key sq-very-secret")
    with caplog.at_level("DEBUG"):
        tasks.work()
    row = Call.objects.filter(generation=generation).values().get()
    assert "sq-very-secret" not in str(row) + caplog.text


def test_a_reply_that_no_file_can_take_is_not_asked_for(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, folders: Folders
) -> None:
    call = make_generation(cast.owner).calls.get()
    folders.spool.write_text("no folder")

    tasks.work()

    call.refresh_from_db()
    assert (call.state, call.error_kind, call.sent_at) == (State.QUEUED, "disk", None)
    assert sandbox.charged == []


def test_nothing_is_sent_while_the_disk_is_nearly_full(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, settings: Any
) -> None:
    call = make_generation(cast.owner).calls.get()
    settings.MIN_FREE_MB = 10**9
    tasks.work()
    call.refresh_from_db()
    assert call.state == State.QUEUED
    assert sandbox.charged == []


def test_pictures_that_cannot_be_stored_for_now_are_stored_later_and_not_paid_for_again(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, folders: Folders
) -> None:
    call = make_generation(cast.owner).calls.get()
    folders.media.write_text("no folder")
    for _ in range(5):
        tasks.work()
        call.refresh_from_db()
        assert (call.state, call.error_kind, call.ingests) == (State.RECEIVED, "disk", 0)
        Call.objects.update(not_before=None)

    folders.media.unlink()
    tasks.work()

    call.refresh_from_db()
    assert (call.state, call.error_message) == (State.SUCCEEDED, "")
    assert len(sandbox.charged) == 1


def test_rows_that_the_database_cannot_take_for_now_are_not_the_replys_fault(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its disk is full but for the small change: what holds the call up is told, and it is not given up."""

    def full(*_: object) -> None:
        raise OperationalError("database or disk is full")

    call = make_generation(cast.owner).calls.get()
    with monkeypatch.context() as patch:
        patch.setattr(ImageQuerySet, "bulk_create", full)
        for _ in range(5):
            tasks.work()
            call.refresh_from_db()
            assert (call.state, call.error_kind, call.ingests) == (State.RECEIVED, "disk", 0)
            Call.objects.update(not_before=None)

    tasks.work()

    call.refresh_from_db()
    assert (call.state, call.error_message, call.images.count()) == (State.SUCCEEDED, "", 1)
    assert len(sandbox.charged) == 1


def test_a_reply_that_is_gone_from_the_disk_is_left_to_a_person_and_still_taken_in(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, folders: Folders, spool: Spool
) -> None:
    call = make_generation(cast.owner).calls.get()
    folders.media.write_text("no folder")
    tasks.work()
    aside = folders.spool.rename(folders.data / "not mounted")
    Call.objects.update(not_before=None)
    tasks.work()
    call.refresh_from_db()
    assert call.state == State.RECEIVED, "a folder that is not there has lost nothing"

    folders.spool.mkdir()
    Call.objects.update(not_before=None)
    tasks.work()
    call.refresh_from_db()
    assert (call.state, call.failure) == (State.UNKNOWN, GONE)
    assert call.may_be_retried

    folders.media.unlink()
    spool.path(str(call.pk)).write_bytes((aside / spool.path(str(call.pk)).name).read_bytes())
    sweep(spool, LeaseWatch(30))
    tasks.work()
    call.refresh_from_db()
    assert (call.state, call.images.count(), len(sandbox.charged)) == (State.SUCCEEDED, 1, 1)


def test_a_reply_that_is_already_on_disk_is_never_paid_for_again(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, spool: Spool
) -> None:
    generation = make_generation(cast.owner)
    call = generation.calls.get()
    with spool.writer(str(call.pk)) as sink:
        sink.write(b'{"id": "imagen_x", "files": []}')

    tasks.work()

    assert sandbox.charged == []
    assert generation.calls.get().reply_id == "imagen_x"


def test_the_answer_of_another_model_is_recorded(sandbox: SandboxServer, cast: Cast, make_generation: Make) -> None:
    generation = make_generation(cast.owner)
    sandbox.faults.set("othermodel", times=1)
    tasks.work()
    call = generation.calls.get()
    assert call.reply_model not in ("", "flux")


def test_a_reply_of_odd_types_still_brings_its_picture(
    sandbox: SandboxServer, cast: Cast, make_generation: Make
) -> None:
    generation = make_generation(cast.owner)
    sandbox.faults.set("odd", times=1)
    tasks.work()
    call = generation.calls.get()
    assert call.state == State.SUCCEEDED
    assert call.reply_extra
    assert call.images.count() == 1


def test_the_model_list_is_read_and_kept_when_it_cannot_be_read(sandbox: SandboxServer, db: None) -> None:
    tasks.refresh_models()
    known = Provider.objects.current().models_list
    assert "flux" in [model["id"] for model in known]

    sandbox.faults.set("status:500", on="models")
    tasks.refresh_models()
    assert Provider.objects.current().models_list == known


def test_why_the_model_list_cannot_be_read_is_said_once_until_it_changes(
    sandbox: SandboxServer, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    cache.clear()

    def said(fault: str = "") -> int:
        sandbox.faults.clear()
        if fault:
            sandbox.faults.set(fault, on="models")
        caplog.clear()
        tasks.refresh_models()
        return sum("list of models" in record.getMessage() for record in caplog.records)

    faults = ("status:500", "status:500", "status:404", "", "status:404")
    assert [said(fault) for fault in faults] == [1, 0, 1, 0, 1]


def test_models_are_learnt_though_the_cache_is_away(
    sandbox: SandboxServer, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get(*_: object) -> str:
        raise ConnectionError

    monkeypatch.setattr(tasks, "cache", SimpleNamespace(get=get))
    with pytest.raises(ConnectionError):
        tasks.refresh_models()
    assert Provider.objects.current().models_list


def test_reading_the_models_is_queued(db: None) -> None:
    tasks.wake_for_models()
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_living_worker_keeps_its_lease_while_the_api_takes_its_time(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, settings: Any
) -> None:
    """Needs real commits: the lease is renewed by a thread with a connection of its own."""
    settings.LEASE_SECONDS = 0.6
    sandbox.latency = 3
    generation = make_generation(cast.owner)
    Call.objects.update(created_at=timezone.now() - timedelta(minutes=1))

    def work() -> None:
        tasks.work()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    time.sleep(1.2)
    call = generation.calls.get()
    assert call.state == State.SENDING
    assert call.lease_until is not None
    assert call.lease_until > timezone.now() - timedelta(seconds=0.3)
    worker.join()
    assert generation.calls.get().state == State.SUCCEEDED


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_renewed_again_once_a_broken_connection_to_the_database_is_replaced(
    cast: Cast, make_generation: Make, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Needs real commits. As after a restart of the database: the thread's connection is of no use any more."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no connection to lose")
    settings.LEASE_SECONDS = 0.3
    call = make_generation(cast.owner).calls.get()
    call.claim(0)
    plain, to_be_cut = CallQuerySet.renew, [True]

    def renew(*args: Any) -> int:
        if to_be_cut and to_be_cut.pop():
            connection.ensure_connection()
            connection.connection.close()  # type: ignore[union-attr]
        return plain(*args)

    monkeypatch.setattr(CallQuerySet, "renew", renew)
    with Leases() as leases:
        leases.hold(call)
        until = time.monotonic() + 10
        while not is_held(call) and time.monotonic() < until:
            time.sleep(0.01)
        assert is_held(call)


def is_held(call: Call) -> bool:
    until = Call.objects.get(pk=call.pk).lease_until
    assert until is not None
    return until > timezone.now()


def test_a_key_that_the_api_echoes_gets_into_no_row(
    cast: Cast, make_generation: Make, settings: Any, spool: Spool
) -> None:
    settings.ONLYSQ_API_KEY = "sq-very-secret"
    call = make_generation(cast.owner).calls.get()
    with spool.writer(str(call.pk)) as sink:
        sink.write(b'{"id": "imagen_sq-very-secret", "files": [], "new": "sq-very-secret"}')
    tasks.work()
    assert "sq-very-secret" not in str(Call.objects.values().get())


def test_fewer_pictures_than_asked_for_are_kept_and_the_page_can_say_so(
    sandbox: SandboxServer, cast: Cast, make_generation: Make, spool: Spool
) -> None:
    call = make_generation(cast.owner, width=64, height=64, count=3).calls.get()
    sandbox.faults.set("fewer", times=1)
    tasks.work()
    call.refresh_from_db()
    assert (call.state, call.error_kind) == (State.SUCCEEDED, "fewer")
    assert call.error_message == "The API sent 2 of 3 pictures."
    assert not spool.has(str(call.pk))


def test_the_cluster_gets_ready_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tasks.get_ready()
    assert list(tmp_path.iterdir()) == []


def test_the_cluster_works_without_room_for_getting_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    tasks.get_ready()
    assert not (tmp_path / "nowhere").exists()


def test_the_cluster_gets_ready_while_the_database_is_away(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> int:
        raise OperationalError("away")

    monkeypatch.setattr(tasks, "waiting_wakes", away)
    tasks.get_ready()


def test_the_queue_is_told_to_stop_by_the_end_of_the_watch_as_well_as_by_its_word() -> None:
    """Both close the other end of the pipe."""
    end, watch = os.pipe()
    told = tasks.Told(end)
    assert not told.is_set()
    assert not told.wait(0.01)
    os.close(watch)
    assert told.wait(60)
    assert told.is_set()
    os.close(end)
