"""Whether a proxy that sends pictures from the disk may read them, as far as users and groups of this machine tell."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from gallery.doctor.finding import Finding, Level
from generator import store

AREA = "proxy"


def examine() -> Iterator[Finding]:
    """The first folder on the way to the pictures that lets in nobody but us."""
    folder = store.folder()
    if not settings.ACCEL_PREFIX or not folder.is_dir():
        return
    for place in [*reversed(folder.parents), folder]:
        if not _lets_others_in(place):
            said = _("VITRINE_ACCEL_PREFIX has a proxy send the pictures, and no other user may look into %(folder)s.")
            advice = _("Put the proxy's user into the group of the data folder; docs/deploy.md says how.")
            yield Finding(Level.TROUBLE, AREA, said % {"folder": place}, advice)
            return


def _lets_others_in(folder: Path) -> bool:
    status = folder.stat()
    return bool(status.st_mode & 0o001 or (status.st_mode & 0o010 and _has_others(status.st_gid)))


def _has_others(group: int) -> bool:
    """Whether somebody else than us and root is in it."""
    members = {user.pw_uid for user in pwd.getpwall() if user.pw_gid == group}
    with suppress(KeyError):  # a group without a name
        for name in grp.getgrgid(group).gr_mem:
            with suppress(KeyError):
                members.add(pwd.getpwnam(name).pw_uid)
    return bool(members - {os.getuid(), 0})
