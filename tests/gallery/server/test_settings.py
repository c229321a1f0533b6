"""Reading the environment, and what follows from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from gallery.server import environment
from gallery.server.environment import cookie_name

ROOT = Path(__file__).resolve().parents[3]


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A fresh Python that has only these variables."""
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(  # noqa: S603
        [sys.executable, *command],
        cwd=ROOT,
        env={**known, "VITRINE_ENV_FILE": os.devnull, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def start_with(**variables: str) -> subprocess.CompletedProcess[str]:
    """A command, as a person starts it, that reads the settings and does nothing more."""
    return run("manage.py", "diffsettings", "--default", "gallery.settings", **variables)


def settings_with(**variables: str) -> dict[str, object]:
    """The settings of a fresh process that has only these variables; what JSON cannot hold is left as text."""
    script = (
        "import json, gallery.settings as s;"
        "print(json.dumps({n: v for n, v in vars(s).items() if n.isupper()}, default=str))"
    )
    done = run("-c", script, **variables)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_with_nothing_configured_it_runs_on_sqlite_and_the_sandbox():
    found = settings_with()
    assert found["SANDBOX"] is True
    assert str(found["ONLYSQ_API_URL"]).startswith("http://127.0.0.1:")
    assert found["DEBUG"] is False
    assert found["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"  # type: ignore[index]
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]


def test_a_key_turns_the_sandbox_off():
    found = settings_with(ONLYSQ_API_KEY="sq-1")
    assert (found["SANDBOX"], found["ONLYSQ_API_URL"]) == (False, "https://api.onlysq.ru/ai/imagen")


def test_a_key_that_another_process_holds_turns_it_off_too():
    found = settings_with(VITRINE_KEY_ELSEWHERE="true")
    assert (found["SANDBOX"], found["ONLYSQ_API_URL"]) == (False, "https://api.onlysq.ru/ai/imagen")
    assert found["KEY_ELSEWHERE"] is True
    assert settings_with(VITRINE_KEY_ELSEWHERE="true", ONLYSQ_API_KEY="sq-1")["KEY_ELSEWHERE"] is False


def test_a_url_alone_turns_the_sandbox_off():
    found = settings_with(ONLYSQ_API_URL="http://127.0.0.1:9/ai/imagen")
    assert (found["SANDBOX"], found["ONLYSQ_API_URL"]) == (False, "http://127.0.0.1:9/ai/imagen")


def test_an_https_address_makes_cookies_secure_and_trusts_the_proxy():
    found = settings_with(VITRINE_BASE_URL="https://pictures.example.org/")
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is found["SECURE_HSTS_PRELOAD"] is False
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://pictures.example.org"]
    assert found["ALLOWED_HOSTS"] == ["pictures.example.org", "localhost", "127.0.0.1", "[::1]"]


def test_subdomains_are_spoken_for_only_if_asked():
    asked = {"VITRINE_BASE_URL": "https://pictures.example.org", "VITRINE_HSTS_SUBDOMAINS": "true"}
    found = settings_with(**asked)
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is found["SECURE_HSTS_PRELOAD"] is True


@pytest.mark.parametrize(
    ("base_url", "port", "name"),
    [
        ("", 8000, "vitrine_session_8000"), ("", 80, "vitrine_session"), ("", 443, "vitrine_session"),
        ("http://pictures.lan", 8000, "vitrine_session"), ("http://pictures.lan:9000", 8000, "vitrine_session_9000"),
        ("https://pictures.example.org", 8000, "__Host-vitrine_session"),
        ("https://pictures.example.org:8443", 8000, "__Host-vitrine_session_8443"),
    ],
)  # fmt: skip
def test_cookies_are_named_after_us_and_the_port(base_url: str, port: int, name: str):
    assert cookie_name(base_url, port).format("session") == name


def test_an_address_open_to_the_network_answers_to_any_name_of_that_network():
    found = settings_with(HOST="0.0.0.0")  # noqa: S104
    assert (found["ALLOWED_HOSTS"], found["LOCAL_NAMES_ONLY"]) == (["*"], True)


def test_names_that_somebody_wrote_down_are_taken_as_they_are():
    found = settings_with(HOST="0.0.0.0", VITRINE_ALLOWED_HOSTS="*")  # noqa: S104
    assert (found["ALLOWED_HOSTS"], found["LOCAL_NAMES_ONLY"]) == (["*"], False)
    assert settings_with(VITRINE_BASE_URL="http://pictures.example.org")["LOCAL_NAMES_ONLY"] is False


def test_the_cache_is_shared_unless_it_is_another_one():
    assert settings_with()["CACHES"]["default"]["LOCATION"] == "vitrine_cache"  # type: ignore[index]
    found = settings_with(CACHE_URL="filecache:///var/cache/vitrine")["CACHES"]
    assert "FileBased" in found["default"]["BACKEND"]  # type: ignore[index]
    assert "LocMem" in found["process"]["BACKEND"]  # type: ignore[index]


def test_postgresql_needs_its_url_alone():
    found = settings_with(DATABASE_URL="postgres://ann:p%40ss@db:5433/pictures")["DATABASES"]["default"]  # type: ignore[index]
    assert (found["ENGINE"], found["PASSWORD"], found["PORT"]) == ("django.db.backends.postgresql", "p@ss", 5433)
    assert "OPTIONS" not in found


def test_another_sqlite_file_gets_the_same_treatment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANY", f"sqlite:///{tmp_path}/other.sqlite3")
    found = environment.Env().database("ANY", sqlite=tmp_path / "db.sqlite3")
    assert (found["NAME"], found["OPTIONS"]["timeout"]) == (f"{tmp_path}/other.sqlite3", 20)
    monkeypatch.setenv("ANY", "postgres://db/pictures")
    assert "OPTIONS" not in environment.Env().database("ANY", sqlite=tmp_path / "db.sqlite3")


def test_allowed_names_follow_from_the_address():
    assert environment.allowed_hosts("https://a.example:8443", "0.0.0.0")[0] == "a.example"  # noqa: S104
    assert environment.allowed_hosts("", "::1") == environment.LOCAL_NAMES
    assert environment.allowed_hosts("", "192.0.2.1") == ["*"]


def test_a_data_folder_may_have_any_name(tmp_path: Path):
    odd = tmp_path / "pictures #1 100%?"
    found = settings_with(VITRINE_DATA_DIR=str(odd))
    assert found["DATABASES"]["default"]["NAME"] == str(odd / "db.sqlite3")  # type: ignore[index]


def test_the_secret_key_of_the_data_folder_is_used(tmp_path: Path):
    (tmp_path / "secret_key").write_text("kept\n")
    assert settings_with(VITRINE_DATA_DIR=str(tmp_path))["SECRET_KEY"] == "kept"


def test_the_environment_wins_over_the_file(tmp_path: Path):
    file = tmp_path / "env"
    file.write_text("PORT=9000  # the port\nVITRINE_TRASH_DAYS=7\n")
    found = settings_with(VITRINE_ENV_FILE=str(file), PORT="9001")
    assert (found["PORT"], found["TRASH_DAYS"]) == (9001, 7)


def test_a_secret_is_read_from_a_file_without_its_line_break(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "key").write_text("sq-1\n")
    monkeypatch.setenv("ANY_FILE", str(tmp_path / "key"))
    assert environment.Env().text("ANY") == "sq-1"


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANY_FILE", "/nowhere/key")
    with pytest.raises(ImproperlyConfigured, match=r"ANY_FILE cannot be read.*/nowhere/key"):
        environment.Env().text("ANY")


@pytest.mark.parametrize("value", ["$ecret", r"a\$b", "$$", "a$b"])
def test_a_password_may_hold_dollar_signs(value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANY", value)
    assert environment.Env().text("ANY") == value


def test_empty_means_not_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANY", " ")
    env = environment.Env()
    assert (env.number("ANY", default=3, least=1), env.items("ANY"), env.flag("ANY", default=True)) == (3, [], True)
    assert (env.text("ANY", "none"), env.items("ANY", ["one"])) == ("none", ["one"])


def test_items_of_a_list_lose_their_blanks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANY", "flux, kandinsky")
    assert environment.Env().items("ANY") == ["flux", "kandinsky"]


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("PORT", "many", "write a whole number"),
        ("PORT", "80.5", "write a whole number"),
        ("PORT", "-1", "write 0 or more"),
        ("VITRINE_DEBUG", "flase", "write true or false"),
        ("ONLYSQ_READ_TIMEOUT", "soon", "write a number"),
        ("ONLYSQ_READ_TIMEOUT", "20s", "write a number"),
        ("ONLYSQ_TOTAL_TIMEOUT", "nan", "write a number"),
        ("ONLYSQ_CONNECT_TIMEOUT", "0", "write 0.1 or more"),
        ("VITRINE_CONCURRENCY", "0", "write 1 or more"),
        ("VITRINE_CONCURRENCY", "257", "write 256 or less"),
        ("VITRINE_STORERS", "0", "write 1 or more"),
        ("WEB_CONCURRENCY", "-1", "write 1 or more"),
        ("VITRINE_TRASH_DAYS", "-1", "write 0 or more"),
        ("ONLYSQ_DIALECT", "square", "write one of ratio, size"),
        ("VITRINE_DEFAULT_VISIBILITY", "shard", "write one of shared, private, link, public"),
        ("VITRINE_LOG_LEVEL", "loud", "write one of INFO, DEBUG, WARNING, ERROR"),
        ("VITRINE_LOG_FORMAT", "xml", "write one of line, json"),
        ("ONLYSQ_API_URL", "api.onlysq.ru", "write it like https://api.onlysq.ru/ai/imagen"),
        ("ONLYSQ_API_URL", "ftp://api.onlysq.ru", "write it like https://api.onlysq.ru/ai/imagen"),
        ("VITRINE_BASE_URL", "https://a:secret", "write it like https://pictures.example.org"),
        ("VITRINE_THUMB_KEY", "short", "write 32 or more letters and digits, such as openssl rand -hex 32 gives"),
        ("VITRINE_THUMB_KEY", "$" * 40, "write 32 or more letters and digits, such as openssl rand -hex 32 gives"),
        ("TZ", "Mars/Base", "write it like Europe/Paris"),
        ("DATABASE_URL", "data.db", "write it like postgres://user:password@host:5432/name"),
        ("DATABASE_URL", "mysql://a:secret@b/c", "write it like postgres://user:password@host:5432/name"),
        ("DATABASE_URL", "postgres://a:secret/x@b/c", "write it like postgres://user:password@host:5432/name"),
        ("CACHE_URL", "memory", "write it like redis://host:6379/0"),
        ("CACHE_URL", "redis://host:6379/0", "it needs a package more, .venv/bin/pip install redis"),
        ("EMAIL_URL", "mail.example.org", "write it like smtp+tls://user:password@host:587"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_sentence_without_the_value(name: str, value: str, advice: str):
    done = start_with(**{name: value})
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{name} cannot be used: {advice}.\n")


def test_a_word_may_be_written_in_any_case(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANY", "Debug")
    assert environment.Env().choice("ANY", "INFO", "DEBUG") == "DEBUG"


def test_a_number_is_read_as_it_stands(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANY", "1e2")
    assert environment.Env().number("ANY", default=1.0, least=0.1) == 100


@pytest.mark.parametrize("url", ["pictures.example.org", "ftp://a", "https://", "https://a?b"])
def test_an_address_that_is_none_is_refused(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANY", url)
    with pytest.raises(ImproperlyConfigured, match="write it like"):
        environment.Env().base_url("ANY")


def test_a_path_is_refused_with_what_to_do_instead():
    done = start_with(VITRINE_BASE_URL="https://example.org/gallery/")
    assert done.returncode == 1
    assert done.stderr == (
        "VITRINE_BASE_URL cannot be used: Vitrine does not work below a path, "
        "give it a name of its own, like https://pictures.example.org.\n"
    )


def test_a_prefix_for_the_proxy_begins_with_a_slash_and_does_not_end_with_one():
    found = [settings_with(VITRINE_ACCEL_PREFIX=prefix)["ACCEL_PREFIX"] for prefix in ("media", "/media/", "/")]
    assert found == ["/media", "/media", ""]


def test_a_line_of_the_file_that_is_none_is_named_but_not_shown(tmp_path: Path):
    """A warning, which django-environ would give, ends up in a log, and the key with it."""
    file = tmp_path / "env"
    file.write_text("# ours\n\n export PORT=9000\nONLYSQ_API_KEY = sq-secret\n")
    done = start_with(VITRINE_ENV_FILE=str(file))
    assert done.returncode == 1
    assert done.stderr == f"Line 4 of {file} cannot be used: write it like NAME=value.\n"


@pytest.mark.parametrize("content", [None, b"PORT=\xff"])
def test_a_named_file_that_cannot_be_read_is_not_passed_over(content: bytes | None, tmp_path: Path):
    file = tmp_path / "env"
    if content:
        file.write_bytes(content)
    done = start_with(VITRINE_ENV_FILE=str(file))
    assert done.returncode == 1
    assert done.stderr.startswith(f"{file} cannot be read: ")
    assert done.stderr.count("\n") == 1
