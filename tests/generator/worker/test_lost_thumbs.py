"""Lost thumbnails: asked for by pages, a file each, and made again by one worker at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from django.db import OperationalError
from django_q.models import OrmQ

from generator import store
from generator.models import Image
from generator.worker import lost_thumbs
from tests.conftest import Cast, Folders

pytestmark = pytest.mark.django_db
MakeImage = Callable[..., Image]


@pytest.fixture
def image(cast: Cast, make_image: MakeImage) -> Image:
    made = make_image(cast.owner)
    OrmQ.objects.all().delete()
    return made


@pytest.fixture
def folder(folders: Folders) -> Path:
    return folders.data / "lost"


def notes(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"lock"}


def test_what_is_asked_for_twice_is_noted_and_said_once(image: Image, folder: Path) -> None:
    assert lost_thumbs.ask(image)
    assert lost_thumbs.ask(image)
    assert notes(folder) == {f"{image.pk.hex}.lost"}
    assert OrmQ.objects.count() == 1
    lost_thumbs.heal_lost()
    assert store.lost_widths(image) == []
    assert notes(folder) == set()


def test_it_is_decoded_in_its_cell_and_nowhere_else(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("decoded in the worker itself")

    monkeypatch.setattr("generator.imaging.thumbnails.render_here", refuse)
    lost_thumbs.ask(image)
    lost_thumbs.heal_lost()
    assert store.thumb_path(image, 320).is_file()


def test_no_more_wait_than_there_may_be(image: Image, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_thumbs, "MOST", 1)
    folder.mkdir()
    (folder / f"{'0' * 32}.lost").touch()
    assert lost_thumbs.ask(image)
    assert notes(folder) == {f"{'0' * 32}.lost"}
    assert not OrmQ.objects.exists()


def test_two_that_ask_at_the_same_moment_are_one(image: Image, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's note comes between the look and the note of our own."""
    folder.mkdir()
    note = folder / f"{image.pk.hex}.lost"
    monkeypatch.setattr(lost_thumbs, "_names", lambda _suffix: note.touch() or [])
    assert lost_thumbs.ask(image)
    assert not OrmQ.objects.exists()


def test_a_note_that_cannot_be_written_is_no_error(
    image: Image, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write_text("in the way")
    assert lost_thumbs.ask(image)
    assert "cannot be asked for" in caplog.text


def test_a_queue_that_cannot_be_written_is_no_error(
    image: Image, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(lost_thumbs, "hand_over", locked)
    assert lost_thumbs.ask(image)
    assert notes(folder) == {f"{image.pk.hex}.lost"}


def test_the_watch_says_again_what_was_not_heard(image: Image) -> None:
    lost_thumbs.look()
    assert not OrmQ.objects.exists()
    lost_thumbs.ask(image)
    OrmQ.objects.all().delete()
    lost_thumbs.look()
    assert OrmQ.objects.count() == 1


def test_a_picture_of_which_none_can_be_made_is_left_alone_for_a_while(
    image: Image, folder: Path, folders: Folders, caplog: pytest.LogCaptureFixture
) -> None:
    (folders.media / image.file.name).write_bytes(b"no picture")
    assert lost_thumbs.ask(image)
    lost_thumbs.heal_lost()
    assert "no thumbnails of" in caplog.text
    hopeless = folder / f"{image.pk.hex}.hopeless"
    assert notes(folder) == {hopeless.name}
    assert not lost_thumbs.ask(image)
    lost_thumbs.look()
    assert hopeless.exists()
    os.utime(hopeless, times=(time.time() - 601,) * 2)
    lost_thumbs.look()
    assert not hopeless.exists()
    assert lost_thumbs.ask(image)


def test_a_picture_that_is_gone_or_whole_is_forgotten(cast: Cast, make_image: MakeImage, folder: Path) -> None:
    whole = make_image(cast.owner, thumbs=True)
    folder.mkdir()
    for name in (f"{'0' * 32}.lost", f"{whole.pk.hex}.lost", "something else.lost"):
        (folder / name).touch()
    lost_thumbs.heal_lost()
    assert notes(folder) == {"something else.lost"}


def test_one_worker_at_a_time_is_at_it(image: Image, folder: Path) -> None:
    lost_thumbs.ask(image)
    with (folder / "lock").open("a") as held:
        flock(held, LOCK_EX)
        lost_thumbs.heal_lost()
        assert store.lost_widths(image) == [320]
    lost_thumbs.heal_lost()
    assert store.lost_widths(image) == []


def test_a_worker_goes_back_to_its_calls(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_thumbs, "ROUND_SECONDS", 0)
    lost_thumbs.ask(image)
    lost_thumbs.heal_lost()
    assert store.lost_widths(image) == [320]
