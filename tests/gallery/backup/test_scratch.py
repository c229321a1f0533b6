"""What is not whole yet lies in a locked folder: that of a living backup stays, that of a dead one goes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gallery.backup import scratch as module
from gallery.backup.scratch import PREFIX, remove_abandoned, scratch

# Another process with a folder of its own, until it is killed.
HOLDER = """
import sys, time
from pathlib import Path
from gallery.backup.scratch import scratch
with scratch(Path(sys.argv[1])) as folder:
    (folder / "archive.tar").write_text("half")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The process, and its folder below `tmp_path`."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        assert process.stdout
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_it_is_for_its_owner_only_and_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    with scratch(tmp_path) as folder:
        (folder / "archive.tar").write_text("half")
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_it_goes_when_the_work_in_it_fails(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"), scratch(tmp_path):
        raise OSError("full")
    assert list(tmp_path.iterdir()) == []


def test_that_of_a_living_backup_is_left_alone(tmp_path: Path, holder: tuple[subprocess.Popen[str], Path]) -> None:
    with scratch(tmp_path):
        assert (holder[1] / "archive.tar").exists()
    remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == [holder[1]]


def test_that_of_a_killed_backup_is_removed_by_the_next(
    tmp_path: Path, holder: tuple[subprocess.Popen[str], Path]
) -> None:
    process, folder = holder
    process.kill()
    process.wait()
    assert (folder / "archive.tar").exists()
    with scratch(tmp_path) as mine:
        assert list(tmp_path.iterdir()) == [mine]


def test_one_that_was_killed_before_it_had_a_lock_is_removed(tmp_path: Path) -> None:
    (tmp_path / f"{PREFIX}abc").mkdir()
    remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_removed_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another backup comes between: first it has swept the folder away, then it holds the lock to do so."""
    plain, seen = module._lock, []

    def come_between(folder: Path) -> object:
        seen.append(folder)
        if len(seen) == 1:
            folder.rmdir()
        return None if len(seen) == 2 else plain(folder)

    monkeypatch.setattr(module, "_lock", come_between)
    with scratch(tmp_path) as folder:
        assert folder == seen[2]


def test_a_lock_that_was_removed_meanwhile_is_worth_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def remove_first(_lock: object, _how: int) -> None:
        (tmp_path / "lock").unlink()

    monkeypatch.setattr(module, "flock", remove_first)
    assert module._lock(tmp_path) is None


def test_what_only_bears_the_name_is_not_touched(tmp_path: Path) -> None:
    """A link could lead anywhere, a file is not ours."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(elsewhere)
    (tmp_path / f"{PREFIX}file").write_text("mine")
    before = sorted(tmp_path.iterdir())
    remove_abandoned(tmp_path)
    assert sorted(tmp_path.iterdir()) == before
    assert list(elsewhere.iterdir()) == []


def test_a_folder_that_cannot_be_removed_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path) -> None:
        raise PermissionError

    (tmp_path / f"{PREFIX}abc").mkdir()
    monkeypatch.setattr(module, "_lock", refuse)
    remove_abandoned(tmp_path)
    assert (tmp_path / f"{PREFIX}abc").exists()
