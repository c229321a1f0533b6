"""What a data folder needs before anything can serve from it. Every step may be repeated at any time."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.utils import get_random_secret_key
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from gallery.models import User
from gallery.models.member_names import check_letters
from gallery.server import postgresql, triggers

# Nothing that reads like something else: no 0 and o, no 1, l and i.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def make_folder(folder: Path) -> None:
    """Make the data folder, and prove by a file of our own that it can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CommandError(
            f"The data folder {folder} cannot be written ({error.strerror}): "
            "change its owner, or name another one with VITRINE_DATA_DIR."
        ) from error


def make_secret_key(file: Path) -> None:
    """Write a new key once, complete from its first moment and for this user's eyes only."""
    if file.exists():
        return
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".secret_key")
    try:
        with os.fdopen(handle, "w") as target:
            target.write(get_random_secret_key() + "\n")
            target.flush()
            os.fsync(target.fileno())
        # A link, unlike a rename, never replaces the key that another process made at the same moment.
        Path(file).hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()


def make_database_file() -> None:
    """SQLite's, for this user's eyes only from its first moment: it holds sessions, and all that people typed."""
    database: Any = connection
    if database.vendor != "sqlite" or database.is_in_memory_db():
        return
    file = Path(database.settings_dict["NAME"])
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        if not file.stat().st_size:  # made by a command that only looked
            file.chmod(0o600)
    except OSError as error:
        raise CommandError(f"The database {file} cannot be written ({error.strerror}): change its owner.") from error


def migrate() -> None:
    """Bring the tables up to date, and the triggers that hold for them; quick when they are."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            if lacking := postgresql.lacks():
                raise CommandError(f"The database cannot be used: {lacking}")
            call_command("migrate", interactive=False, verbosity=0)
        triggers.restore()
    except DatabaseError as error:
        reason = str(error).strip().splitlines() or ["no reason given"]
        raise CommandError(f"The database cannot be used: {reason[0]}.") from error


def collect_static(target: Path) -> None:
    """Collect, compress and fingerprint the static files, unless the same ones were collected before."""
    stamp = target / ".collected"
    current = _static_digest()
    if stamp.is_file() and stamp.read_text() == current:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(current)


def _static_digest() -> str:
    """Says whether any static file of ours or of a package has changed, without reading them."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{storage.path(name)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def make_first_admin() -> str:
    """An administrator for an instance without people; the password if it had to be invented, else nothing."""
    people = User.objects
    if people.exists():
        return ""
    try:
        User._meta.get_field("username").clean(settings.ADMIN_USERNAME, None)
        check_letters(settings.ADMIN_USERNAME)
    except ValidationError as error:
        raise CommandError(f"VITRINE_ADMIN_USERNAME cannot be used: {error.messages[0]}") from error
    invented = "" if settings.ADMIN_PASSWORD else invent_password()
    people.create_superuser(settings.ADMIN_USERNAME, password=settings.ADMIN_PASSWORD or invented)
    return invented


def invent_password() -> str:
    """Twenty letters and digits, about 99 bits, in groups that can be read aloud."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
