"""`manage.py prepare`: what a data folder needs, made once and safely."""

from __future__ import annotations

import io
import os
import re
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from gallery.doctor import probe_file
from gallery.models import User
from gallery.server import prepare

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def static_files(tmp_path: Path, settings: Any) -> Path:
    """One static file of a project that has no other."""
    source = tmp_path / "source"
    (source / "css").mkdir(parents=True)
    (source / "css" / "page.css").write_text("body { color: teal }")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.SECRET_KEY_FILE = tmp_path / "secret_key"
    return source / "css" / "page.css"


def test_the_folder_is_made_with_its_parents(tmp_path: Path):
    prepare.make_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"cannot be written .* VITRINE_DATA_DIR"):
        prepare.make_folder(tmp_path / "file" / "data")


def test_the_secret_key_is_long_private_and_lasting(tmp_path: Path):
    file = tmp_path / "fresh" / "secret_key"
    file.parent.mkdir()
    prepare.make_secret_key(file)
    key = file.read_text()
    prepare.make_secret_key(file)
    assert (len(key.strip()), file.read_text()) == (50, key)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret_key"]


def test_starts_at_the_same_moment_agree_on_one_key(tmp_path: Path):
    file = tmp_path / "fresh" / "secret_key"
    file.parent.mkdir()

    def make(_number: int) -> str:
        prepare.make_secret_key(file)
        return file.read_text()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 1
    assert [path.name for path in file.parent.iterdir()] == ["secret_key"]


def test_static_files_are_collected_once_and_again_after_a_change(static_files: Path, settings: Any):
    target = settings.STATIC_ROOT
    prepare.collect_static(target)
    collected = target / "css" / "page.css"
    assert collected.read_text() == "body { color: teal }"
    collected.unlink()
    prepare.collect_static(target)
    assert not collected.exists()
    static_files.write_text("body { color: plum; }")
    prepare.collect_static(target)
    assert collected.read_text() == "body { color: plum; }"


@pytest.mark.django_db
def test_without_a_password_the_first_administrator_gets_an_invented_one(settings: Any):
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = "admin", ""
    password = prepare.make_first_admin()
    assert re.fullmatch(r"(?:[a-z2-9]{5}-){3}[a-z2-9]{5}", password)
    person = authenticate(username="admin", password=password)
    assert isinstance(person, User)
    assert person.is_superuser


@pytest.mark.django_db
def test_a_given_name_and_password_are_used_and_not_shown(settings: Any):
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = "Ada", "correct-horse"
    assert prepare.make_first_admin() == ""
    assert authenticate(username="Ada", password="correct-horse")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["two words", "a" * 151])
def test_a_name_that_nobody_may_have_is_one_sentence(name: str, settings: Any):
    settings.ADMIN_USERNAME = name
    with pytest.raises(CommandError, match="VITRINE_ADMIN_USERNAME cannot be used: "):
        prepare.make_first_admin()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_an_instance_with_people_gets_no_further_administrator():
    User.objects.create_user("max")
    assert prepare.make_first_admin() == ""
    assert [person.username for person in User.objects.all()] == ["max"]


@pytest.mark.django_db
def test_the_invented_password_is_printed_at_the_first_start_only(static_files: Path, settings: Any):
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = "admin", ""
    first, second = io.StringIO(), io.StringIO()
    call_command("prepare", stdout=first)
    call_command("prepare", stdout=second)
    assert first.getvalue().count("Password:") == 1
    assert second.getvalue() == ""
    assert settings.SECRET_KEY_FILE.is_file()
    assert (settings.STATIC_ROOT / "css" / "page.css").is_file()


@pytest.mark.django_db
def test_the_development_server_needs_no_collected_files(static_files: Path, settings: Any):
    settings.DEBUG = True
    call_command("prepare", stdout=io.StringIO())
    assert not settings.STATIC_ROOT.exists()


def run_prepare(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py prepare` in a process of its own, on a data folder with a SQLite file."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"VITRINE_ENV_FILE": os.devnull, "VITRINE_DATA_DIR": str(folder), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,  # of a machine that has much else to do
    )


def test_an_empty_folder_becomes_a_complete_one(tmp_path: Path):
    folder = tmp_path / "data"
    done = run_prepare(folder, VITRINE_ADMIN_PASSWORD="correct-horse", PYTHONWARNINGS="error")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {"db.sqlite3", "secret_key", "static"} <= {path.name for path in folder.iterdir()}
    assert (folder / "static" / "staticfiles.json").is_file()
    assert stat.S_IMODE((folder / "media" / probe_file.NAME).stat().st_mode) == 0o640
    with sqlite3.connect(folder / "db.sqlite3") as database:
        people = database.execute("SELECT username, is_superuser FROM gallery_user").fetchall()
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        # Else the watch's first look would have to write.
        assert database.execute("SELECT id FROM generator_provider").fetchall() == [(1,)]
    database.close()
    assert people == [("admin", 1)]
    assert stat.S_IMODE((folder / "db.sqlite3").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    done = run_prepare(tmp_path / "file")
    assert done.returncode != 0
    assert re.fullmatch(r"CommandError: The data folder .* cannot be written .*\n", done.stderr)


@pytest.mark.parametrize(("name", "what"), [("db.sqlite3", "written"), ("secret_key", "read")])
def test_a_file_in_it_that_cannot_be_used_is_one_sentence(name: str, what: str, tmp_path: Path):
    (tmp_path / name).mkdir()
    done = run_prepare(tmp_path)
    assert done.returncode == 1
    sentence = rf".*{tmp_path / name} cannot be {what} \(Is a directory\): change its owner.*\.\n"
    assert re.fullmatch(sentence, done.stderr)


def test_settings_that_do_not_go_together_stop_the_start(tmp_path: Path):
    done = run_prepare(tmp_path, ONLYSQ_READ_TIMEOUT="5")
    assert done.returncode != 0
    assert "ONLYSQ_READ_TIMEOUT (5.0 s) must be longer than ONLYSQ_CONNECT_TIMEOUT (10.0 s)" in done.stderr


@pytest.mark.django_db
def test_a_database_that_fails_is_one_sentence_whatever_the_server_says():
    def fail(*_args: Any) -> None:
        raise OperationalError("database is locked\nand more")

    with connection.execute_wrapper(fail), pytest.raises(CommandError, match=r"used: database is locked\.$"):
        prepare.migrate()


def test_a_database_that_is_none_is_one_sentence(tmp_path: Path):
    (tmp_path / "db.sqlite3").write_bytes(b"not a database at all" * 100)
    done = run_prepare(tmp_path)
    assert done.returncode != 0
    assert done.stderr == "CommandError: The database cannot be used: file is not a database.\n"


def test_a_database_server_that_does_not_answer_is_one_sentence(tmp_path: Path):
    done = run_prepare(tmp_path, DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert done.returncode != 0
    assert done.stderr.startswith("CommandError: The database cannot be used: ")
    assert done.stderr.count("\n") == 1


def test_the_key_file_lies_in_the_data_folder():
    assert configured.SECRET_KEY_FILE.name == "secret_key"
