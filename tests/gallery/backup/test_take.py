"""Making a backup, of a site that goes on, and of one that is damaged."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from gallery.backup import archive, snapshot, take
from gallery.backup.archive import ArchiveError, Manifest, unpack
from gallery.backup.take import back_up
from generator.models import Call, Image
from generator.replies.spool import Spool
from tests.conftest import Folders
from tests.gallery.backup.conftest import members_of


def test_the_archive_is_for_its_owner_only_and_leaves_nothing_else_behind(site: Folders, target: Path) -> None:
    manifest = back_up(target)
    assert [path.name for path in target.parent.iterdir()] == ["site.tar"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    names = members_of(target)
    assert names[-1] == "manifest.json"
    assert len([name for name in names if name.startswith("media/originals/")]) == 3
    assert len([name for name in names if name.startswith("spool/")]) == 1
    assert {"secret_key", archive.DATABASES[connection.vendor]} <= set(names)
    assert unpack(target) == manifest
    assert (manifest.rows["generator_image"], manifest.rows["generator_call"]) == (3, 3)
    assert manifest.originals() == 3


def test_checksums_are_those_of_the_bytes(site: Folders, target: Path) -> None:
    manifest = back_up(target)
    image = Image.objects.first()
    assert image is not None
    assert manifest.members[f"media/{image.file.name}"] == image.sha256
    assert manifest.members["secret_key"] == hashlib.sha256(b"secret\n").hexdigest()


def test_a_site_without_pictures_and_without_a_key_file_is_backed_up(
    transactional_db: None, target: Path, settings: Any
) -> None:
    settings.SECRET_KEY_FILE = Path("/nowhere/secret_key")
    manifest = back_up(target)
    assert list(manifest.members) == [archive.DATABASES[connection.vendor]]


def test_an_archive_is_never_overwritten(site: Folders, target: Path) -> None:
    target.write_text("precious")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(target))
    assert target.read_text() == "precious"


def test_a_place_that_cannot_be_written_is_a_sentence(site: Folders, target: Path) -> None:
    with pytest.raises(CommandError, match="No backup was made: No such file or directory"):
        call_command("backup", str(target.parent / "nowhere" / "site.tar"))


def test_a_picture_removed_for_good_meanwhile_is_told_and_no_fault(
    site: Folders, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = snapshot.take

    def take_and_purge(folder: Path) -> snapshot.Snapshot:
        found = taken(folder)
        image = Image.objects.all()[0]
        (site.media / image.file.name).unlink()
        image.delete()
        return found

    monkeypatch.setattr(take, "take", take_and_purge)
    said = io.StringIO()
    call_command("backup", str(target), stdout=said)
    assert "Left out: 1 picture removed for good" in said.getvalue()
    assert unpack(target).gone == 1


def test_damage_of_the_site_is_told_and_the_rest_is_kept(site: Folders, target: Path) -> None:
    first, second, third = Image.objects.all()
    (site.media / first.file.name).unlink()
    (site.media / second.file.name).write_bytes(b"x")
    (site.media / third.file.name).unlink()
    (site.media / third.file.name).mkdir()
    said = io.StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("backup", str(target), stdout=io.StringIO(), stderr=said)
    assert left.value.code == 1
    assert f"{first.file.name} is missing." in said.getvalue()
    assert f"{second.file.name} is not as received." in said.getvalue()
    assert f"{third.file.name} cannot be read: Is a directory." in said.getvalue()
    assert unpack(target).originals() == 1


def receive_one(site: Folders) -> Call:
    call = Call.objects.queued().get()
    call.claim(30)
    with Spool(site.spool).writer(str(call.pk)) as sink:
        sink.write(b"{}")
    call.receive(200)
    return call


def test_a_reply_stored_while_the_database_is_read_is_no_loss(
    site: Folders, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its call looks received in the first look, and the reply has left by then: the second look sees its pictures."""
    taken, looks = snapshot.take, []

    def take_between(folder: Path) -> snapshot.Snapshot:
        looks.append(1)
        if len(looks) > 1:
            return taken(folder)
        call = receive_one(site)
        found = taken(folder)
        call.succeed()
        Spool(site.spool).remove(str(call.pk))
        return found

    monkeypatch.setattr(take, "take", take_between)
    assert back_up(target).damaged == []
    assert len(looks) == 2


def test_a_reply_that_arrives_late_comes_along(site: Folders, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = snapshot.take
    calls: list[Call] = []

    def take_then_receive(folder: Path) -> snapshot.Snapshot:
        found = taken(folder)
        calls.append(receive_one(site))
        with Spool(site.spool).writer(str(UUID(int=5))) as sink:
            sink.write(b"{}")
        return found

    monkeypatch.setattr(take, "take", take_then_receive)
    back_up(target)
    names = members_of(target)
    assert f"spool/{calls[0].pk}.reply" in names
    assert f"spool/{UUID(int=5)}.reply" not in names, "a call made after the backup is not in it, so its reply is not"


def test_a_lost_reply_is_told(site: Folders, target: Path) -> None:
    call = receive_one(site)
    Spool(site.spool).remove(str(call.pk))
    assert back_up(target).damaged == [f"the reply to call {call.pk.hex} is missing"]


def test_a_reply_that_leaves_at_the_last_moment_is_looked_after(
    site: Folders, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(self: archive.Writer, name: str, path: Path) -> None:
        if name.startswith("spool/"):
            raise FileNotFoundError(path)
        with path.open("rb") as source:
            self.add(name, source, path.stat().st_size)

    monkeypatch.setattr(archive.Writer, "add_file", gone)
    back_up(target)
    assert not [name for name in members_of(target) if name.startswith("spool/")]


def test_a_backup_that_does_not_read_back_is_not_kept(
    site: Folders, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> Manifest:
        raise ArchiveError("It is damaged.")

    monkeypatch.setattr(take, "unpack", refuse)
    with pytest.raises(CommandError, match=r"^It is damaged\.$"):
        call_command("backup", str(target))
    assert list(target.parent.iterdir()) == []


def damaged_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE things (name TEXT)")
        database.execute("CREATE INDEX names ON things (name)")
        database.executemany("INSERT INTO things VALUES (?)", [(f"thing {number}" * 20,) for number in range(500)])
        database.commit()
    data = bytearray(path.read_bytes())
    data[20_000:24_000] = b"\xff" * 4000
    path.write_bytes(data)


def test_a_database_that_cannot_be_dumped_is_a_sentence(
    site: Folders, target: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each database has its own way of failing: the one that the suite runs on is tried."""
    elsewhere = tmp_path_factory.mktemp("tools")
    if connection.vendor == "sqlite":
        damaged_database(elsewhere / "db.sqlite3")
        other = connection.copy()
        other.settings_dict["NAME"] = str(elsewhere / "db.sqlite3")
        monkeypatch.setattr(connection, "copy", lambda: other)
        with pytest.raises(CommandError, match=r"^The database is damaged: .+\.$"):
            call_command("backup", str(target))
    else:
        monkeypatch.setenv("PATH", str(elsewhere))
        with pytest.raises(CommandError, match=r"^pg_dump was not found: install"):
            call_command("backup", str(target))
        (elsewhere / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump: server version mismatch' >&2\nexit 1\n")
        (elsewhere / "pg_dump").chmod(0o755)
        with pytest.raises(CommandError, match=r"^pg_dump failed: server version mismatch$"):
            call_command("backup", str(target))
    assert list(target.parent.iterdir()) == []


def test_an_archive_that_comes_up_meanwhile_is_not_overwritten(
    site: Folders, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpack_and_be_late(_path: Path) -> None:
        target.write_text("precious")

    monkeypatch.setattr(take, "unpack", unpack_and_be_late)
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(target))
    assert [path.read_text() for path in target.parent.iterdir()] == ["precious"]
