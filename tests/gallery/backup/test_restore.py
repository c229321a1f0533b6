"""A restore fills what is empty, overwrites nothing, and may be interrupted anywhere."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from gallery.backup import restore, snapshot
from tests.gallery.backup.conftest import CONTENTS, contents_below, refuse


@pytest.mark.django_db
def test_a_restore_puts_all_in_place(backup: Path, restored: Path) -> None:
    said = io.StringIO()
    call_command("restore", str(backup), stdout=said)
    assert "Restored." in said.getvalue()
    assert "No worker" not in said.getvalue()
    database = {"db.sqlite3": b"rows"} if connection.vendor == "sqlite" else {}
    assert contents_below(restored) == CONTENTS | database
    for private in ("secret_key", *database):
        assert (restored / private).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_holds_anything_is_refused(backup: Path, restored: Path) -> None:
    restored.mkdir()
    (restored / "notes.txt").write_text("mine")
    with pytest.raises(CommandError, match=r"is not empty, it holds notes\.txt"):
        call_command("restore", str(backup))
    assert contents_below(restored) == {"notes.txt": b"mine"}


@pytest.mark.django_db
def test_a_fresh_volume_is_empty_enough(backup: Path, restored: Path) -> None:
    (restored / "lost+found").mkdir(parents=True)
    call_command("restore", str(backup), stdout=io.StringIO())
    assert (restored / "secret_key").exists()


def test_a_database_that_is_not_empty_or_lies_elsewhere_is_refused(
    backup: Path, restored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        monkeypatch.setattr(restore, "_sqlite_file", lambda: Path("/elsewhere/db.sqlite3"))
        refuse(backup, restored, "outside the data folder")
    else:
        monkeypatch.setattr(snapshot, "is_empty", lambda: False)
        refuse(backup, restored, "has tables already")


# Interrupting one


@pytest.mark.django_db
def test_what_was_half_unpacked_is_thrown_away_at_the_next_try(backup: Path, restored: Path) -> None:
    (restored / restore.UNPACKING / "media").mkdir(parents=True)
    call_command("restore", str(backup), stdout=io.StringIO())
    assert not (restored / restore.UNPACKING).exists()


@pytest.mark.django_db
def test_what_was_unpacked_is_put_in_place_at_the_next_try(
    backup: Path, restored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves: list[Path] = []
    move = restore._move

    def stop_at_the_second(source: Path, place: Path) -> None:
        moves.append(source)
        if len(moves) == 2:
            raise OSError(5, "killed")
        move(source, place)

    monkeypatch.setattr(restore, "_move", stop_at_the_second)
    with pytest.raises(CommandError, match="killed"):
        call_command("restore", str(backup), stdout=io.StringIO())
    assert (restored / restore.UNPACKED / "secret_key").exists()
    assert not (restored / "db.sqlite3").exists()

    monkeypatch.setattr(restore, "_move", move)
    said = io.StringIO()
    call_command("restore", str(backup), stdout=said)
    assert "An interrupted restore was finished." in said.getvalue()
    assert not (restored / restore.UNPACKED).exists()
    assert (restored / "secret_key").exists()


def test_what_has_come_up_in_between_is_never_overwritten(backup: Path, restored: Path) -> None:
    (restored / restore.UNPACKED).mkdir(parents=True)
    for folder in (restored, restored / restore.UNPACKED):
        (folder / "secret_key").write_text(str(folder))
    with pytest.raises(CommandError, match="secret_key is in the way"):
        call_command("restore", str(backup))
    assert (restored / "secret_key").read_text() == str(restored)
