"""The time zone of the machine, by the name that the world's list of zones has for it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

UTC = "UTC"
# Other names of it: a site that counted in UTC goes on with the same days.
_ALIASES = {"Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu"}
_FOLDER = "/zoneinfo/"
LOCALTIME, TIMEZONE = Path("/etc/localtime"), Path("/etc/timezone")


def known(name: str) -> str:
    """The name of a zone that there is, else nothing. `TZ` may be written as `:Europe/Paris`, or name a file."""
    name = name.removeprefix(":")
    if name.startswith("/"):
        return _of_link(Path(name))
    try:
        found = str(ZoneInfo(name))
    except (OSError, LookupError, ValueError):
        return ""
    return UTC if found in _ALIASES else found


def of_machine() -> str:
    """By the link that the system itself follows, else by Debian's file; UTC where nothing is said."""
    return _of_link(LOCALTIME) or _of_file(TIMEZONE) or UTC


def _of_link(path: Path) -> str:
    """The link alone tells the name that somebody chose: what it leads to may be a link to a zone alike."""
    try:
        target = str(path) if _FOLDER in str(path) else str(path.readlink())
    except OSError:
        return ""  # such as a copy, which does not say of what
    _, folder, name = target.rpartition(_FOLDER)
    return known(name.removeprefix("posix/").lstrip("/")) if folder else ""


def _of_file(path: Path) -> str:
    try:
        return known(path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return ""
