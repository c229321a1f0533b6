"""In which time zone days begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from gallery.server import environment, time_zone


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of `/etc`."""
    monkeypatch.setattr(time_zone, "LOCALTIME", tmp_path / "localtime")
    monkeypatch.setattr(time_zone, "TIMEZONE", tmp_path / "timezone")
    monkeypatch.delenv("TZ", raising=False)
    return tmp_path


def link(machine: Path, name: str) -> None:
    (machine / "localtime").symlink_to(f"/usr/share/zoneinfo/{name}")


def found() -> str:
    return environment.Env().time_zone("TZ")


def test_a_machine_that_says_nothing_counts_in_utc(machine: Path):
    assert found() == "UTC"


@pytest.mark.parametrize("name", ["Europe/Paris", "posix/Europe/Paris"])
def test_the_link_of_the_system_counts(name: str, machine: Path):
    link(machine, name)
    (machine / "timezone").write_text("Asia/Tokyo\n")
    assert found() == "Europe/Paris"


def test_without_a_link_the_file_counts(machine: Path):
    (machine / "localtime").write_bytes(b"TZif2")
    (machine / "timezone").write_text("Asia/Tokyo\n")
    assert found() == "Asia/Tokyo"


def test_what_is_set_wins(machine: Path, monkeypatch: pytest.MonkeyPatch):
    link(machine, "Europe/Paris")
    monkeypatch.setenv("TZ", "America/Lima")
    assert found() == "America/Lima"


def test_utc_has_one_name_so_that_an_upgrade_changes_no_day(machine: Path):
    link(machine, "Etc/UTC")
    assert found() == "UTC"


def test_names_are_read_as_the_c_library_reads_them(machine: Path, monkeypatch: pytest.MonkeyPatch):
    link(machine, "Europe/Paris")
    for given, name in (
        (":Asia/Tokyo", "Asia/Tokyo"),
        (f":{machine}/localtime", "Europe/Paris"),
        ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
    ):
        monkeypatch.setenv("TZ", given)
        assert found() == name


@pytest.mark.parametrize("content", [b"Mars/Base", b"\xff", b"", b"/etc/passwd", b"../../etc"])
def test_nonsense_in_the_file_counts_in_utc(content: bytes, machine: Path):
    (machine / "timezone").write_bytes(content)
    assert found() == "UTC"


@pytest.mark.parametrize("target", ["localtime", "/etc/hosts", "/usr/share/zoneinfo//etc/hosts"])
def test_a_link_that_leads_elsewhere_counts_in_utc(target: str, machine: Path):
    (machine / "localtime").symlink_to(target)
    assert found() == "UTC"
