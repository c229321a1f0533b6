"""Commands in a folder that nobody has prepared: a sentence each, and not a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gallery.server import prepare

ROOT = Path(__file__).resolve().parents[3]
NO_FILE = "The database cannot be used (unable to open database file): check VITRINE_DATA_DIR"
NO_TABLE = "The database cannot be used (no such table: {}): check VITRINE_DATA_DIR"


def run(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as an operator types it, on SQLite."""
    env = os.environ | {"VITRINE_DATA_DIR": str(data), "DATABASE_URL": f"sqlite:///{data / 'db.sqlite3'}"}
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("limits", NO_FILE),
        ("changepassword ada", NO_FILE),
        ("backup {}/archive.tar", "CommandError: No backup was made: The database cannot be read: unable to open"),
        ("worker", "CommandError: There is no data folder"),
        ("doctor", "TROUBLE database: The database cannot be read: unable to open database file."),
    ],
)
def test_without_a_folder(tmp_path: Path, command: str, sentence: str) -> None:
    done = run(tmp_path / "none", *command.format(tmp_path).split())
    assert done.returncode == 1
    assert (done.stdout + done.stderr).count(sentence) == 1, done
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("limits set pictures/day 3", NO_TABLE.format("generator_limit")),
        ("changepassword ada", NO_TABLE.format("gallery_user")),
        ("backup {}/archive.tar", "CommandError: The database has no tables yet: run manage.py prepare."),
        ("worker", "CommandError: The database has no tables yet: run manage.py prepare first."),
        ("doctor", "TROUBLE database: "),
    ],
)
def test_without_tables(tmp_path: Path, command: str, sentence: str) -> None:
    done = run(tmp_path, *command.format(tmp_path).split())
    assert done.returncode == 1
    assert (done.stdout + done.stderr).count(sentence) == 1, done
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"db.sqlite3"}, "made by looking, and nothing else"


def test_a_database_file_that_was_made_by_looking_is_made_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "db.sqlite3"
    file.touch(0o644)
    monkeypatch.setattr(prepare.connection, "vendor", "sqlite", raising=False)
    monkeypatch.setattr(prepare.connection, "is_in_memory_db", lambda: False, raising=False)
    monkeypatch.setitem(prepare.connection.settings_dict, "NAME", file)
    prepare.make_database_file()
    assert file.stat().st_mode & 0o777 == 0o600
