"""How the variables of the environment and of `.env` are read: strictly, naming the one that is wrong."""

from __future__ import annotations

import io
import math
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from gallery.server import time_zone

LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"]
LOCAL_ADDRESSES = {"localhost", "127.0.0.1", "::1"}
_FLAGS = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)
_NUMBERS = {int: "a whole number", float: "a number"}
_LINE = re.compile(r"(export )?[A-Za-z_0-9]+=.*|#.*|")
_POSTGRES = "django.db.backends.postgresql"
# A writer takes its turn at BEGIN and waits for it: a transaction that begins by reading could not wait. What is
# committed outlasts a power cut, or a request that left would go out again after it.
_SQLITE = {"ENGINE": "django.db.backends.sqlite3"}
_SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA mmap_size=268435456;",
}

Number = TypeVar("Number", int, float)


class Env:
    """Typed values of variables; one that cannot be used is named, with what to write instead.

    django-environ takes addresses of databases, caches and mail servers apart, and reads `.env`. Single values it
    reads more kindly than a mistake deserves: 1e3 as 13, "flase" as false, "$ecret" as the name of another variable.
    """

    def text(self, var: str, default: str = "") -> str:
        """Without blanks around it. `X_FILE` names a file that holds `X`; empty means not set."""
        file = os.environ.get(f"{var}_FILE")
        try:
            given = Path(file).read_text(encoding="utf-8") if file else os.environ.get(var, "")
        except (OSError, ValueError) as error:
            raise ImproperlyConfigured(f"The file named by {var}_FILE cannot be read: {error}.") from error
        return given.strip() or default

    def flag(self, var: str, *, default: bool) -> bool:
        given = self.text(var, str(default)).lower()
        if given not in _FLAGS:
            raise _unusable(var, "write true or false")
        return _FLAGS[given]

    def items(self, var: str, default: list[str] | None = None) -> list[str]:
        """Words with commas between them."""
        found = [item.strip() for item in self.text(var).split(",")]
        return [item for item in found if item] or default or []

    def choice(self, var: str, *words: str) -> str:
        """One of a few words, in the case in which they stand here; the first is the default."""
        given = self.text(var, words[0])
        for word in words:
            if word.lower() == given.lower():
                return word
        raise _unusable(var, f"write one of {', '.join(words)}")

    def number(self, var: str, default: Number, least: Number, most: Number | None = None) -> Number:
        """A number of the default's kind that is neither below `least` nor above `most`."""
        kind = type(default)
        try:
            value = kind(self.text(var) or default)
        except ValueError:
            value = None
        if value is None or not math.isfinite(value):
            raise _unusable(var, f"write {_NUMBERS[kind]}")
        if value < least:
            raise _unusable(var, f"write {least} or more")
        if most is not None and value > most:
            raise _unusable(var, f"write {most} or less")
        return value

    def address(self, var: str, example: str) -> str:
        """A web address, or nothing."""
        url = self.text(var)
        if url and not _is_web_address(url):
            raise _unusable(var, f"write it like {example}")
        return url

    def word(self, var: str, least: int) -> str:
        """So many letters, digits, `-` and `_` or more, which mean nothing special to anybody, or nothing."""
        word = self.text(var)
        if word and not re.fullmatch(rf"[A-Za-z0-9_-]{{{least},}}", word):
            raise _unusable(var, f"write {least} or more letters and digits, such as openssl rand -hex 32 gives")
        return word

    def base_url(self, var: str) -> str:
        """`scheme://host[:port]`, or nothing."""
        example = "https://pictures.example.org"
        url = self.address(var, example).rstrip("/")
        if urlsplit(url).path:
            raise _unusable(var, f"Vitrine does not work below a path, give it a name of its own, like {example}")
        if urlsplit(url).query:
            raise _unusable(var, f"write it like {example}")
        return url

    def secret_key(self, var: str, file: Path) -> str:
        """As given, else that of the data folder, which `prepare` writes.

        Else one for this process alone: commands that only look (tests, linters) need no data folder.
        """
        given = self.text(var)
        try:
            return given or file.read_text().strip()
        except (FileNotFoundError, NotADirectoryError):
            return get_random_secret_key()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{file} cannot be read ({error.strerror}): "
                "change its owner, or name another data folder with VITRINE_DATA_DIR."
            ) from error

    def time_zone(self, var: str) -> str:
        """The zone that is named, else the machine's."""
        given = self.text(var)
        found = time_zone.known(given) if given else time_zone.of_machine()
        if not found:
            raise _unusable(var, "write it like Europe/Paris")
        return found

    def database(self, var: str, sqlite: Path) -> dict[str, Any]:
        """Django's description of the database that a URL names, or of the file `sqlite`; connections are kept."""
        url = self.text(var)
        try:
            found: dict[str, Any] = environ.Env.db_url_config(url) if "://" in url else {**_SQLITE, "NAME": sqlite}
        except ValueError:
            found = {}
        if found.get("ENGINE") not in (_SQLITE["ENGINE"], _POSTGRES) or (url and "://" not in url):
            raise _unusable(var, "write it like postgres://user:password@host:5432/name")
        if found["ENGINE"] == _SQLITE["ENGINE"]:
            found["OPTIONS"] = _SQLITE_OPTIONS
        return found | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}

    def caches(self, var: str, table: str) -> dict[str, Any]:
        """`default` is shared by all processes, for limits count in it: what a URL names, or a table of the database.

        `process` is for what each process quickly finds anew.
        """
        try:
            default = environ.Env.cache_url_config(self.text(var, f"dbcache://{table}?max_entries=10000"))
        except (ImproperlyConfigured, ValueError):
            raise _unusable(var, "write it like redis://host:6379/0") from None
        if default["BACKEND"].endswith(".RedisCache") and find_spec("redis") is None:
            raise _unusable(var, "it needs a package more, .venv/bin/pip install redis")
        return {"default": default, "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

    def mail(self, var: str) -> dict[str, Any]:
        """Django's settings for the mail server that a URL names; without one mail is written to the log."""
        try:
            found: dict[str, Any] = environ.Env.email_url_config(self.text(var, "consolemail://"))
        except (ImproperlyConfigured, ValueError):
            raise _unusable(var, "write it like smtp+tls://user:password@host:587") from None
        return found


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _unusable(var: str, advice: str) -> ImproperlyConfigured:
    """What is wrong is never shown: it may hold a password."""
    return ImproperlyConfigured(f"{var} cannot be used: {advice}.")


def read(path: Path) -> Env:
    """The environment, completed by the lines of a file, `.env` at `path` or `VITRINE_ENV_FILE`; the environment wins.

    A file that is there, or was named, must be readable to its last line: one that is passed over in silence would
    send nobody to look for it, and a warning would show a key.
    """
    named = os.environ.get("VITRINE_ENV_FILE")
    file = Path(named or path)
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError) and not named:
            return Env()
        raise ImproperlyConfigured(f"{file} cannot be read: {getattr(error, 'strerror', 'it is no text')}.") from error
    for number, line in enumerate(lines, 1):
        if not _LINE.fullmatch(line):
            raise ImproperlyConfigured(f"Line {number} of {file} cannot be used: write it like NAME=value.")
    environ.Env.read_env(io.StringIO("\n".join(lines)), parse_comments=True)
    return Env()


def cookie_name(base_url: str, port: int) -> str:
    """The pattern of our own names, so that two programs on one host do not sign people out of each other.

    Browsers tell cookies apart by host alone: a port that is not the usual one is part of the name. Under https the
    prefix keeps out what another name of the same domain sets.
    """
    parts = urlsplit(base_url)
    used = parts.port or {"https": 443, "http": 80}.get(parts.scheme, port)
    ending = "" if used in (80, 443) else f"_{used}"
    prefix = "__Host-" if parts.scheme == "https" else ""
    return f"{prefix}vitrine_{{}}{ending}"


def allowed_hosts(base_url: str, host: str) -> list[str]:
    """The names that requests may use for us.

    On loopback only local names: a page elsewhere must not reach us through a name of its own. An address
    open to the network without a `VITRINE_BASE_URL` may be called anything here; middleware/security.py is stricter.
    """
    if base_url:
        return [urlsplit(base_url).hostname or "", *LOCAL_NAMES]
    return LOCAL_NAMES if host in LOCAL_ADDRESSES else ["*"]


def sender(base_url: str, mailbox: str) -> str:
    """Whom mail comes from: the mailbox that it is sent through if that is an address, else one of this site's."""
    return mailbox if "@" in mailbox else f"vitrine@{urlsplit(base_url).hostname or 'localhost'}"
