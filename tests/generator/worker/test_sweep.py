"""What dead workers leave behind is put right, whatever the moment they died."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from generator.models import Call, Generation, Image
from generator.replies.spool import Spool
from generator.sandbox import SandboxServer
from generator.worker import tasks
from generator.worker.ingest import ingest
from generator.worker.sweep import MAX_INGESTS, LeaseWatch, purge_trash, tidy_media
from generator.worker.sweep import sweep as sweep_by
from tests.conftest import GARBLED, SILENT, Cast, Folders, draw

State = Call.State
Make = Callable[..., Generation]
MakeImage = Callable[..., Image]
DEAD = "elsewhere:1:abcdef"
REPLY = b'{"id": "imagen_late", "model": "flux", "files": []}'


@pytest.fixture
def call(cast: Cast, make_generation: Make) -> Call:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    return call


def sweep(spool: Spool) -> int:
    """A sweep by somebody who has been watching for longer than any lease."""
    return sweep_by(spool, LeaseWatch(0))


def abandon(call: Call) -> None:
    """Its worker died on another host."""
    Call.objects.filter(pk=call.pk).update(lease=DEAD)
    call.refresh_from_db()


def state_of(call: Call) -> str:
    return Call.objects.get(pk=call.pk).state


def test_a_call_whose_lease_is_renewed_is_left_alone_whatever_the_clock_says(call: Call, spool: Spool) -> None:
    lease_watch = LeaseWatch(0.2)
    for hours in (0, -1, 1):
        Call.objects.filter(pk=call.pk).update(lease_until=timezone.now() + timedelta(hours=hours))
        assert sweep_by(spool, lease_watch) == 0
        time.sleep(0.15)
    assert state_of(call) == State.SENDING


def test_a_lease_that_nobody_renews_is_a_dead_workers(call: Call, spool: Spool) -> None:
    lease_watch = LeaseWatch(0.2)
    assert sweep_by(spool, lease_watch) == 0
    time.sleep(0.25)
    assert sweep_by(spool, lease_watch) == 1
    assert state_of(call) == State.QUEUED


def test_a_watch_that_could_not_look_for_a_while_takes_nobody_for_dead(
    call: Call, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it could not, nobody could renew a lease."""
    monkeypatch.setattr("generator.worker.sweep.MOST_BETWEEN_LOOKS", 0.1)
    call.mark_sent()
    lease_watch = LeaseWatch(0.3)
    for _ in range(2):
        assert sweep_by(spool, lease_watch) == 0
        time.sleep(0.4)
    assert sweep_by(spool, lease_watch) == 0
    assert state_of(call) == State.SENDING


def test_a_call_claimed_but_never_sent_is_queued_again(call: Call, spool: Spool) -> None:
    abandon(call)
    assert sweep(spool) == 1
    assert state_of(call) == State.QUEUED


def test_a_call_that_was_sent_becomes_unknown_and_says_it_may_be_charged(call: Call, spool: Spool) -> None:
    call.mark_sent()
    abandon(call)
    sweep(spool)
    call.refresh_from_db()
    assert call.state == State.UNKNOWN
    assert "may have been charged" in call.error_message


def test_a_call_that_is_sent_while_the_sweep_thinks_about_it_does_not_go_out_again(call: Call, spool: Spool) -> None:
    """Its worker was only slow: taken for dead before it sent, and awake again before the sweep said so."""

    class Ponder(LeaseWatch):
        def orphaned(self) -> list[Call]:
            found = super().orphaned()
            assert Call.objects.get(pk=call.pk).mark_sent()
            return found

    assert sweep_by(spool, Ponder(0)) == 0
    assert state_of(call) == State.SENDING


def test_a_reply_that_reached_the_disk_is_finished_and_not_sent_again(
    call: Call, spool: Spool, sandbox: SandboxServer
) -> None:
    call.mark_sent()
    with spool.writer(str(call.pk)) as sink:
        sink.write(REPLY)
    abandon(call)

    assert sweep(spool) == 1
    assert state_of(call) == State.RECEIVED
    tasks.work()

    assert Call.objects.get(pk=call.pk).reply_id == "imagen_late"
    assert sandbox.charged == []


def test_a_late_reply_to_an_unknown_call_is_taken_in(call: Call, spool: Spool) -> None:
    call.mark_sent()
    call.lose(SILENT)
    with spool.writer(str(call.pk)) as sink:
        sink.write(REPLY)
    assert sweep(spool) == 1
    assert state_of(call) == State.RECEIVED


def test_a_worker_that_is_dead_on_this_host_need_not_be_waited_for(call: Call, spool: Spool) -> None:
    host = call.worker.rpartition(":")[0]
    Call.objects.filter(pk=call.pk).update(lease=f"{host}:999999999:abc")
    assert sweep_by(spool, LeaseWatch(60)) == 1


def test_a_reply_that_brings_its_worker_down_each_time_is_given_up_and_kept(
    call: Call, spool: Spool, folders: Folders
) -> None:
    call.mark_sent()
    with spool.writer(str(call.pk)) as sink:
        sink.write(b'{"files": ["%s"]}' % base64.b64encode(draw(8, 8)))
    call.receive(200)
    for _ in range(MAX_INGESTS):
        abandon(call)
        sweep(spool)
        assert Call.objects.get(pk=call.pk).take_up(30)
    late = Call.objects.get(pk=call.pk)
    original = folders.media / Image.original_name(Image.id_for(late, 0), "png")
    original.parent.mkdir(parents=True)
    original.write_bytes(b"published, and then its worker was killed")
    abandon(call)
    sweep(spool)
    assert Call.objects.get(pk=call.pk).may_be_stored_again
    assert [sweep(spool), sweep(spool)] == [0, 0]
    assert spool.has(str(call.pk))
    assert not original.exists(), "no row will ever name it"

    assert not ingest(late, spool), "its worker was alive after all, and has published it again meanwhile"
    assert not [path for path in folders.media.rglob("*") if path.is_file()]


def test_sweeping_twice_does_nothing_more(call: Call, spool: Spool) -> None:
    call.mark_sent()
    abandon(call)
    assert [sweep(spool), sweep(spool)] == [1, 0]


def test_a_reply_left_after_its_rows_were_stored_is_tidied_up(call: Call, spool: Spool) -> None:
    with spool.writer(str(call.pk)) as sink:
        sink.write(REPLY)
    call.receive(200)
    call.succeed()
    sweep(spool)
    assert not spool.has(str(call.pk))


def test_a_reply_nobody_knows_is_left_for_the_admin(db: None, spool: Spool) -> None:
    stranger = "00000000-0000-7000-8000-000000000000"
    with spool.writer(stranger) as sink:
        sink.write(REPLY)
    assert sweep(spool) == 0
    assert spool.has(stranger)


def test_half_a_reply_goes_once_it_is_old(db: None, spool: Spool, folders: Folders) -> None:
    folders.spool.mkdir()
    fresh = folders.spool / "00000000-0000-7000-8000-000000000001.part"
    old = folders.spool / "00000000-0000-7000-8000-000000000002.part"
    for path in (fresh, old):
        path.write_bytes(b"{")
    os.utime(old, (0, 0))
    sweep(spool)
    assert fresh.exists()
    assert not old.exists()


def test_half_a_reply_stays_while_its_call_runs_however_old_the_clock_makes_it(call: Call, spool: Spool) -> None:
    with spool.writer(str(call.pk)) as sink:
        sink.write(b"{")
        sink.flush()
        (half,) = spool.path(str(call.pk)).parent.iterdir()
        os.utime(half, (0, 0))
        sweep_by(spool, LeaseWatch(30))
        assert half.exists()


def test_a_half_beside_a_reply_that_is_kept_goes_once_it_is_old(call: Call, spool: Spool, folders: Folders) -> None:
    """Of a worker that died before it sent, while its successor's reply could not be read."""
    with spool.writer(str(call.pk)) as sink:
        sink.write(REPLY)
    half = folders.spool / f"{call.pk}.0123abcd.part"
    half.write_bytes(b"{")
    call.receive(200)
    call.fail(GARBLED)
    for file in (half, spool.path(str(call.pk))):
        os.utime(file, (0, 0))
    sweep(spool)
    assert not half.exists()
    assert spool.has(str(call.pk))


def test_half_a_thumbnail_goes_once_it_is_old_and_whole_files_stay(db: None, folders: Folders) -> None:
    folder = folders.media / "thumbs" / "ab"
    folder.mkdir(parents=True)
    whole, fresh, old = folder / "a-320.jpg", folder / "a-640.jpg.7-7.part", folder / "a-640.jpg.8-8.part"
    for file in (whole, fresh, old):
        file.write_bytes(b"picture")
    os.utime(old, (time.time() - 7200,) * 2)
    assert tidy_media() == 1
    assert sorted(folder.iterdir()) == [whole, fresh]


@pytest.mark.django_db(transaction=True)
def test_the_trash_is_emptied_after_its_days_row_first_and_then_files(
    cast: Cast, make_image: MakeImage, folders: Folders, settings: Any
) -> None:
    """Needs real commits: files go only after the row's deletion is committed."""
    kept, recent, old = make_image(cast.owner), make_image(cast.owner), make_image(cast.owner)
    recent.trash()
    old.trash()
    Image.objects.filter(pk=old.pk).update(trashed_at=timezone.now() - timedelta(days=settings.TRASH_DAYS + 1))
    thumb = Path(folders.media) / old.thumb_name(320)
    thumb.parent.mkdir(parents=True)
    thumb.write_bytes(b"x")

    assert purge_trash() == 1

    assert set(Image.objects.all()) == {kept, recent}
    assert not (folders.media / old.file.name).exists()
    assert not thumb.exists()
    assert (folders.media / kept.file.name).exists()


def test_a_picture_taken_out_of_the_trash_is_not_purged(cast: Cast, make_image: MakeImage, settings: Any) -> None:
    image = make_image(cast.owner)
    assert image.trash()
    assert not image.trash()
    assert image.restore()
    assert not image.restore()
    settings.TRASH_DAYS = 0
    assert purge_trash() == 0


def test_a_picture_thrown_away_anew_while_the_trash_is_emptied_has_all_its_days(
    cast: Cast, make_image: MakeImage, settings: Any
) -> None:
    """Somebody takes it back and throws it away once more, just after the purge has looked what is old."""
    image = make_image(cast.owner)
    image.trash()
    old = Image.objects.filter(pk=image.pk, trashed_at__isnull=False)
    old.update(trashed_at=timezone.now() - timedelta(days=settings.TRASH_DAYS + 1))

    def meanwhile(execute: Any, sql: str, *more: Any) -> Any:
        found = execute(sql, *more)
        if sql.startswith("SELECT"):
            wrapper.close()
            old.update(trashed_at=timezone.now())
        return found

    with ExitStack() as wrapper:
        wrapper.enter_context(connection.execute_wrapper(meanwhile))
        assert purge_trash() == 0
    assert Image.objects.get() == image
