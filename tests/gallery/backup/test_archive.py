"""An archive that is damaged, forged, or of another version is refused, and nothing is written."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.gallery.backup.conftest import refuse


def rewrite(path: Path, change: Callable[[str, bytes], list[tuple[str, bytes]]]) -> None:
    """Write the archive anew with what `change` makes of each member."""
    with tarfile.open(path) as tar:
        members = [(info.name, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]
    with tarfile.open(path, "w") as tar:
        for name, data in [changed for member in members for changed in change(*member)]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def change_manifest(path: Path, **values: Any) -> None:
    def change(name: str, data: bytes) -> list[tuple[str, bytes]]:
        return [(name, json.dumps(json.loads(data) | values).encode() if name == "manifest.json" else data)]

    rewrite(path, change)


def test_a_changed_byte_is_named(backup: Path, restored: Path) -> None:
    rewrite(backup, lambda name, data: [(name, b"other\n" if name == "secret_key" else data)])
    refuse(backup, restored, "damaged: secret_key is not what was backed up")


def test_a_missing_member_is_named(backup: Path, restored: Path) -> None:
    rewrite(backup, lambda name, data: [] if name == "secret_key" else [(name, data)])
    refuse(backup, restored, "damaged: secret_key is not")


def test_an_added_member_is_named(backup: Path, restored: Path) -> None:
    more = ("media/originals/aa/more.png", b"x")
    rewrite(backup, lambda name, data: [(name, data), more] if name == "secret_key" else [(name, data)])
    refuse(backup, restored, "damaged: media/originals/aa/more.png is not")


def test_a_member_given_twice_is_refused(backup: Path, restored: Path) -> None:
    rewrite(backup, lambda name, data: [(name, data)] * (2 if name == "secret_key" else 1))
    refuse(backup, restored, "holds secret_key where it does not belong")


def test_nothing_may_follow_the_manifest(backup: Path, restored: Path) -> None:
    more = ("media/originals/aa/more.png", b"x")
    rewrite(backup, lambda name, data: [(name, data), more] if name == "manifest.json" else [(name, data)])
    refuse(backup, restored, "where it does not belong")


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "media/originals/../../evil",
        "media/originals/aa/.hidden",
        "media/originals//evil",
        "spool",
        "db.sqlite3",
        "media/thumbs/aa/a.jpg",
        "secret_key/evil",
        "media/originals/a\\b",
    ],
)
def test_a_name_that_we_never_give_is_refused(name: str, backup: Path, restored: Path) -> None:
    rewrite(backup, lambda given, data: [(name, b"x"), (given, data)])
    refuse(backup, restored, "which is no part of a backup")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_only_plain_files_are_taken(kind: bytes, target: Path, restored: Path) -> None:
    with tarfile.open(target, "w") as tar:
        info = tarfile.TarInfo("secret_key")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    refuse(target, restored, "as something else than a plain file")


def test_half_an_archive_is_refused(backup: Path, restored: Path) -> None:
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    refuse(backup, restored, "is no backup, or cut off|has no manifest")


def test_an_archive_without_a_manifest_is_refused(backup: Path, restored: Path) -> None:
    rewrite(backup, lambda name, data: [] if name == "manifest.json" else [(name, data)])
    refuse(backup, restored, "it has no manifest")


@pytest.mark.parametrize("content", [b"", b"not a tar at all" * 100])
def test_a_file_that_is_none_is_refused(content: bytes, target: Path, restored: Path) -> None:
    target.write_bytes(content)
    refuse(target, restored, "is no backup, or cut off")


def test_a_file_that_is_not_there_is_a_sentence(target: Path, restored: Path) -> None:
    refuse(target, restored, "Nothing was restored: No such file or directory")


def test_a_newer_format_is_refused_by_its_number(backup: Path, restored: Path) -> None:
    change_manifest(backup, format=2)
    refuse(backup, restored, "has format 2, this version of Vitrine reads format 1")


@pytest.mark.parametrize("change", [{"members": 5}, {"unknown": 1}, {"vendor": []}])
def test_a_manifest_of_odd_contents_is_refused(change: dict[str, Any], backup: Path, restored: Path) -> None:
    change_manifest(backup, **change)
    refuse(backup, restored, "manifest cannot be read")


def test_a_manifest_that_is_no_json_is_refused(backup: Path, restored: Path) -> None:
    rewrite(backup, lambda name, data: [(name, b"[]" if name == "manifest.json" else data)])
    refuse(backup, restored, "manifest cannot be read")


def test_a_backup_of_a_newer_version_is_refused(backup: Path, restored: Path) -> None:
    change_manifest(backup, vitrine="9.0", migrations=["generator.0001_initial", "generator.0099_later"])
    refuse(backup, restored, r"made by Vitrine 9\.0, .*generator\.0099_later")


@pytest.mark.django_db
def test_migrations_of_packages_may_go(backup: Path, restored: Path) -> None:
    change_manifest(backup, migrations=["django_q.0001_gone"])
    call_command("restore", str(backup), stdout=io.StringIO())
    assert (restored / "secret_key").exists()


def test_a_backup_of_the_other_database_is_refused(backup: Path, restored: Path) -> None:
    change_manifest(backup, vendor="oracle")
    refuse(backup, restored, "is of oracle, the configured database is")
