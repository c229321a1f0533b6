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
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"]
LOCAL_ADDRESSES = {"localhost", "127.0.0.1", "::1"}
_BOOLEANS = {"true", "false", "yes", "no", "on", "off", "1", "0"}
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


class Variables(environ.fileaware_mapping.FileAwareMapping):  # type: ignore[misc]
    """`os.environ`; `X_FILE` names a file that holds `X`, blanks are cut off and empty means not set."""

    def __getitem__(self, name: str) -> str:
        value: str = super().__getitem__(name).strip()
        if not value:
            raise KeyError(name)
        # django-environ takes "$NAME" for a reference to another variable; a password may begin like that.
        return value.replace("$", "\\$")


class Env(environ.FileAwareEnv):  # type: ignore[misc]
    """django-environ, except that a value which cannot be used says so and names its variable."""

    def __init__(self) -> None:
        super().__init__()
        self.escape_proxy = True
        self.ENVIRON = Variables()

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} cannot be used: {error}.") from error
        except OSError as error:
            raise ImproperlyConfigured(f"The file named by {var}_FILE cannot be read: {error}.") from error

    def list(self, var: str, *args: Any, **kwargs: Any) -> Any:
        return [item.strip() for item in super().list(var, *args, **kwargs)]

    def choice(self, var: str, *words: str) -> str:
        """One of a few words, in the case in which they stand here; the first is the default."""
        given: str = self.str(var, default=words[0])
        for word in words:
            if word.lower() == given.lower():
                return word
        raise _unusable(var, f"write one of {', '.join(words)}")

    def number(self, var: str, default: Number, least: Number) -> Number:
        """A number of the default's kind that is not below `least`."""
        value: Number = self.get_value(var, cast=type(default), default=default)
        if value < least:
            raise _unusable(var, f"write {least} or more")
        return value

    def address(self, var: str, example: str) -> str:
        """A web address, or nothing."""
        url: str = self.str(var, default="")
        if url and not _is_web_address(url):
            raise _unusable(var, f"write it like {example}")
        return url

    def base_url(self, var: str) -> str:
        """`scheme://host[:port]`, or nothing."""
        example = "https://pictures.example.org"
        url = self.address(var, example).rstrip("/")
        if urlsplit(url).path or urlsplit(url).query:
            raise _unusable(var, f"write it like {example}")
        return url

    def secret_key(self, var: str, file: Path) -> str:
        """As given, else that of the data folder, which `prepare` writes.

        Else one for this process alone: commands that only look (tests, linters) need no data folder.
        """
        given: str = self.str(var, default="")
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
        name: str = self.str(var, default="UTC")
        try:
            return str(ZoneInfo(name))
        except (OSError, LookupError, ValueError):
            raise _unusable(var, "write it like Europe/Paris") from None

    def database(self, var: str, sqlite: Path) -> dict[str, Any]:
        """Django's description of the database that a URL names, or of the file `sqlite`; connections are kept."""
        url: str = self.str(var, default="")
        try:
            found: dict[str, Any] = self.db_url_config(url) if "://" in url else {**_SQLITE, "NAME": sqlite}
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
            default = self.cache_url(var, default=f"dbcache://{table}?max_entries=10000")
        except (ImproperlyConfigured, ValueError):
            raise _unusable(var, "write it like redis://host:6379/0") from None
        if default["BACKEND"].endswith(".RedisCache") and find_spec("redis") is None:
            raise _unusable(var, "it needs a package more, .venv/bin/pip install redis")
        return {"default": default, "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

    def mail(self, var: str) -> dict[str, Any]:
        """Django's settings for the mail server that a URL names; without one mail is written to the log."""
        try:
            found: dict[str, Any] = self.email_url(var, default="consolemail://")
        except (ImproperlyConfigured, ValueError):
            raise _unusable(var, "write it like smtp+tls://user:password@host:587") from None
        return found

    @classmethod
    def parse_value(cls, value: Any, cast: Any) -> Any:
        if cast is bool and str(value).lower() not in _BOOLEANS:
            raise ValueError("write true or false")
        return _number(value, cast) if cast in _NUMBERS else super().parse_value(value, cast)


def _number(text: Any, kind: type[int] | type[float]) -> int | float:
    """django-environ would leave out of a number all that is none: 1e3 would be 13."""
    try:
        number = kind(text)
        if math.isfinite(number):
            return number
    except ValueError:
        pass
    raise ValueError(f"write {_NUMBERS[kind]}")


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


def allowed_hosts(base_url: str, host: str) -> list[str]:
    """The names that requests may use for us.

    On loopback only local names: a page elsewhere must not reach us through a name of its own. An address
    open to the network without a `VITRINE_BASE_URL` may be called anything here; gallery/gate.py is stricter.
    """
    if base_url:
        return [urlsplit(base_url).hostname or "", *LOCAL_NAMES]
    return LOCAL_NAMES if host in LOCAL_ADDRESSES else ["*"]


def sender(base_url: str, mailbox: str) -> str:
    """Whom mail comes from: the mailbox that it is sent through if that is an address, else one of this site's."""
    return mailbox if "@" in mailbox else f"vitrine@{urlsplit(base_url).hostname or 'localhost'}"
