"""The door to the bytes of pictures: whole or not at all, for good once there, and gone only with their rows."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import transaction
from PIL import Image as Pillow

from generator import store
from generator.models import Generation, Image
from generator.replies.spool import Spool
from generator.sandbox import SandboxServer
from generator.worker import tasks
from generator.worker.sweep import tidy_media
from tests.conftest import Cast, Folders, draw
from tests.generator.hostile.files import encoded
from tests.generator.worker.breaking import KilledError, Kind, breaking, points

ROOT = Path(__file__).resolve().parents[2]
NAME = "originals/ab/x.png"
MakeImage = Callable[..., Image]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A finished picture beside the store."""
    work = tmp_path / "work"
    work.write_bytes(b"png")
    return work


@pytest.fixture
def dest(folders: Folders) -> Path:
    return folders.media / NAME


def lay(name: str, content: bytes = b"x") -> Path:
    path = store.local_path(name)
    assert path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def lay_thumbs(image: Image) -> set[str]:
    for name in store.thumbs_of(image):
        lay(name)
    return set(store.thumbs_of(image))


def written_for(image: Image) -> list[str]:
    """The original, and a copy of each width that is worth offering."""
    return [image.file.name, *(image.thumb_name(width) for width in image.thumb_widths)]


# Publishing


def test_publishing_moves_a_file_into_new_folders(work: Path, dest: Path) -> None:
    store.publish(work, NAME)
    assert dest.read_bytes() == b"png"
    assert not work.exists()


def test_publishing_copies_nothing_within_a_file_system(work: Path, dest: Path) -> None:
    before = work.stat().st_ino
    store.publish(work, NAME)
    assert dest.stat().st_ino == before


def test_publishing_again_after_a_kill_changes_nothing(work: Path, dest: Path) -> None:
    store.publish(work, NAME)
    store.publish(work, NAME)
    assert dest.read_bytes() == b"png"
    work.write_bytes(b"png again")
    store.publish(work, NAME)
    assert dest.read_bytes() == b"png again"


def test_publishing_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.publish(tmp_path / "work", NAME)


@pytest.mark.parametrize("name", ["../x.png", "/x.png", "originals/../../x.png"])
def test_nothing_is_put_beside_the_store(work: Path, name: str) -> None:
    with pytest.raises(Exception, match="outside"):
        store.publish(work, name)
    assert work.exists()


def test_two_processes_that_publish_the_same_pictures_leave_one_of_each(tmp_path: Path) -> None:
    script = (
        "import sys, django; django.setup()\n"
        "from pathlib import Path; from generator import store\n"
        "work = Path(sys.argv[1]); print(flush=True); sys.stdin.readline()\n"
        "for number in range(50):\n"
        "    work.write_bytes(bytes(64 * 1024) + str(number).encode())\n"
        "    store.publish(work, f'originals/ab/{number}.png')\n"
    )
    place = {
        "VITRINE_DATA_DIR": str(tmp_path),
        "VITRINE_ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "gallery.settings",
    }
    both = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", script, str(tmp_path / f"work-{number}")],
            cwd=ROOT,
            env=os.environ | place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for process in both:
        assert process.stdout
        process.stdout.readline()
    for process in both:
        process.communicate("go\n", timeout=120)
    assert [process.returncode for process in both] == [0, 0]
    found = {path.name: path.read_bytes() for path in (tmp_path / "media" / "originals" / "ab").iterdir()}
    assert found == {f"{number}.png": bytes(64 * 1024) + str(number).encode() for number in range(50)}
    assert not list(tmp_path.glob("work-*"))


@pytest.fixture
def other_file_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rename out of `work` fails as it does between two file systems."""
    replace = Path.replace

    def across(self: Path, target: Path) -> Path:
        if self.name == "work":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", across)


@pytest.mark.usefixtures("other_file_system")
def test_publishing_to_another_file_system_copies_and_syncs(
    work: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name[:5])
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    store.publish(work, NAME)
    assert [path.name for path in dest.parent.iterdir()] == ["x.png"]
    assert not work.exists()
    assert synced[-2:] == ["x.png", "ab"], "the copy, and then its name"


@pytest.mark.usefixtures("other_file_system")
def test_disk_full_while_copying_leaves_no_half_file(work: Path, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path, part: Path) -> None:
        part.write_bytes(b"ha")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("generator.store.shutil.copyfile", full)
    with pytest.raises(OSError, match="No space"):
        store.publish(work, NAME)
    assert list(dest.parent.iterdir()) == []
    assert work.exists()


def test_other_errors_of_the_disk_pass_through(work: Path, dest: Path) -> None:
    dest.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        store.publish(work, NAME)
    assert work.exists()


@pytest.mark.django_db
def test_a_fault_at_any_step_of_publishing_leaves_all_or_nothing_and_it_can_be_done_again(
    work: Path, dest: Path, folders: Folders
) -> None:
    with breaking(Kind.KILLED, None) as fault:
        store.publish(work, NAME)
    assert fault.steps
    for kind, at in points(fault.steps):
        work.write_bytes(b"png")
        shutil.rmtree(folders.media)
        with breaking(kind, at), suppress(KilledError, OSError):
            store.publish(work, NAME)
        assert not dest.exists() or dest.read_bytes() == b"png"
        store.publish(work, NAME)
        assert list(store.names()) == [NAME]


# What belongs to a picture


@pytest.fixture
def stored(sandbox: SandboxServer, cast: Cast, make_generation: Callable[..., Generation], spool: Spool) -> list[Image]:
    """The pictures of a call that came the whole way."""
    make_generation(cast.owner, ratio="", width=64, height=64, count=2)
    tasks.work()
    return list(Image.objects.all())


@pytest.mark.django_db
def test_the_files_of_pictures_are_all_that_is_written_for_them(stored: list[Image]) -> None:
    assert len(stored) == 2
    assert sorted(store.names()) == sorted(name for image in stored for name in written_for(image))
    assert set(store.names()) <= {name for image in stored for name in store.files_of(image)}


@pytest.mark.django_db
def test_the_files_of_a_picture_that_has_no_row_yet_are_among_those_it_may_have(stored: list[Image]) -> None:
    possible = {name for image in stored for name in store.files_of(Image(pk=image.pk))}
    assert set(store.names()) < possible
    assert {Image.original_name(stored[0].pk, form) for form in Image.Format.values} < possible


# Listing


def test_a_store_that_has_no_folder_yet_holds_nothing() -> None:
    assert list(store.names()) == []


def test_listing_reads_a_folder_at_a_time() -> None:
    """What is laid into a folder whose turn has not come is found; what is laid into one that was read is not."""
    for name in ("stray.txt", "originals/ab/1.png", "thumbs/ab/1.jpg"):
        lay(name)
    names = store.names()
    seen = [next(names), next(names)]
    read, waiting = sorted(("originals/ab", "thumbs/ab"), key=lambda folder: not seen[1].startswith(folder))
    lay(f"{read}/too-late")
    lay(f"{waiting}/in-time")
    seen += names
    assert seen[0] == "stray.txt"
    assert f"{waiting}/in-time" in seen
    assert f"{read}/too-late" not in seen


def test_what_is_not_there_has_no_age_and_no_size(folders: Folders) -> None:
    assert store.age(NAME) is None
    with pytest.raises(FileNotFoundError):
        store.size(NAME)
    os.utime(lay(NAME), (0, 0))
    assert (store.age(NAME) or 0) > 10**9
    assert store.size(NAME) == 1


# Removing


@pytest.mark.django_db(transaction=True)
def test_files_go_after_the_commit_and_a_rolled_back_deletion_keeps_them(dest: Path) -> None:
    """Transactional, for within a test's own transaction nothing is ever committed."""
    lay(NAME)
    with transaction.atomic():
        store.remove([NAME])
        transaction.set_rollback(True)
    assert dest.exists()
    with transaction.atomic():
        store.remove([NAME])
        assert dest.exists()
    assert not dest.exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_cannot_be_removed_is_logged_and_keeps_no_other(
    dest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Transactional: what happens after a commit must not look like a failed one."""
    lay("originals/cd/folder/x")
    lay(NAME)
    store.remove(["originals/cd/folder", NAME, "originals/gone.png"])
    assert not dest.exists()
    assert "originals/cd/folder should be deleted, and cannot be" in caplog.text


# Thumbnails and who may see them


@pytest.mark.django_db(transaction=True)
def test_thumbnails_follow_their_access_version_after_the_commit(cast: Cast, make_image: MakeImage) -> None:
    """Transactional: a rolled back decision leaves the files where they are."""
    image = make_image(cast.owner)
    before = lay_thumbs(image)
    with transaction.atomic():
        Image.objects.get().show_to("private")
        transaction.set_rollback(True)
    assert before < set(store.names())
    with transaction.atomic():
        image.show_to("private")
        assert before < set(store.names())
    assert image.access_version == 1
    assert set(store.names()) == {image.file.name, *store.thumbs_of(image)}


@pytest.mark.django_db(transaction=True)
def test_thumbnails_whose_next_access_version_has_ended_too_are_removed(cast: Cast, make_image: MakeImage) -> None:
    """Transactional: the first of two decisions is slow to move its files."""
    image = make_image(cast.owner)
    lay_thumbs(image)
    Image.objects.update(access_version=2)
    store.move_thumbs(image.pk, 0)
    assert list(store.names()) == [image.file.name]


@pytest.mark.django_db(transaction=True)
def test_a_thumbnail_that_cannot_be_moved_is_removed(cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    lay_thumbs(image)
    in_the_way = Image(pk=image.pk, access_version=1).thumb_name(320)
    lay(f"{in_the_way}/x")
    image.show_to("private")
    there = {name for name in store.names() if name.startswith("thumbs/")}
    assert there == {f"{in_the_way}/x", *store.thumbs_of(image)[1:]}


@pytest.mark.django_db
def test_thumbnails_that_a_kill_left_under_an_ended_version_are_tidied_up(cast: Cast, make_image: MakeImage) -> None:
    """Not transactional: nothing is ever committed here, so nothing that waits for the commit happens."""
    image, other = make_image(cast.owner), make_image(cast.owner)
    for _ in range(2):
        lay_thumbs(image)
        image.show_to("private")
    kept = lay_thumbs(image) | lay_thumbs(other)
    assert tidy_media() == 14
    assert set(store.names()) == kept | {image.file.name, other.file.name}
    assert tidy_media() == 0


@pytest.mark.django_db
def test_a_thumbnail_of_release_0_1_0_goes_when_there_is_a_new_one(stored: list[Image]) -> None:
    """And what can be seen through, which nobody asked then, is said of the picture."""
    image = stored[0]
    lay(image.file.name, encoded(Pillow.new("RGBA", (64, 64)), "PNG"))
    old = image.thumb_name(320).replace(".webp", ".jpg")
    lay(old)
    assert old in store.files_of(image)
    store.heal(image, [320])
    assert not store.exists(old)
    image.refresh_from_db()
    assert image.is_transparent


@pytest.mark.django_db
def test_a_lost_thumbnail_is_made_again(stored: list[Image]) -> None:
    image = stored[0]
    name = image.thumb_name(640)
    store.remove_now([name])
    store.heal(image, [640])
    assert store.size(name)


# Originals elsewhere, as in a bucket


def test_publishing_elsewhere_uploads_once(work: Path, bucket: None) -> None:
    for _ in range(2):
        store.publish(work, NAME)
    work.write_bytes(b"png")
    store.publish(work, NAME)
    assert list(store.names()) == [NAME]
    assert not work.exists()
    assert b"".join(store.pieces(NAME)) == b"png"
    assert (store.exists(NAME), store.size(NAME), store.local_path(NAME)) == (True, 3, None)


def test_publishing_nothing_elsewhere_is_an_error(tmp_path: Path, bucket: None) -> None:
    with pytest.raises(FileNotFoundError):
        store.publish(tmp_path / "work", NAME)


@pytest.mark.django_db
def test_a_reply_is_stored_where_originals_lie_and_discarded_there(
    bucket: None, stored: list[Image], folders: Folders
) -> None:
    image = stored[0]
    assert sorted(store.names()) == sorted(name for each in stored for name in written_for(each))
    assert not (folders.media / "originals").exists()
    store.remove_now([image.thumb_name(320)])
    store.heal(image, [320])
    assert (folders.media / image.thumb_name(320)).is_file()
    store.remove_now(store.files_of(image))
    assert sorted(store.names()) == sorted(written_for(stored[1]))


@pytest.mark.django_db
def test_an_original_elsewhere_is_healed_from_a_copy_that_goes(bucket: None, work: Path) -> None:
    work.write_bytes(draw())
    store.publish(work, NAME)
    with store.local_copy(NAME) as copy:
        assert copy.read_bytes() == draw()
    assert not copy.exists()


def test_a_published_picture_is_for_our_group_and_that_of_its_folder(work: Path, dest: Path) -> None:
    """The group may be that of a proxy; a folder's bit would not give it to a file that was moved."""
    work.chmod(0o600)
    other = next((group for group in os.getgroups() if group != work.stat().st_gid), 4033)
    dest.parent.mkdir(parents=True)
    with suppress(PermissionError):  # only root may take any group
        os.chown(dest.parent, -1, other)
    store.publish(work, NAME)
    assert (dest.stat().st_mode & 0o777, dest.stat().st_gid) == (0o640, dest.parent.stat().st_gid)


def test_a_group_that_we_are_not_in_keeps_no_picture_out(
    work: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    store.publish(work, NAME)
    assert dest.exists()
