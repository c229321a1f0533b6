"""Whether the database answers, and has every table and trigger that this version needs."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from gallery.doctor.finding import Finding, Level, counted
from gallery.server import postgresql, triggers

AREA = "database"
PREPARE = "Run manage.py prepare."
# Once all are there they stay: a version with more of them is another process.
_all_applied = threading.Event()


def missing_migrations() -> list[str]:
    """Migrations of this version that the database has not seen. Raises DatabaseError if it does not answer."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def has_all_migrations() -> bool:
    """The same as yes or no, and quick from the first yes on."""
    if not _all_applied.is_set() and not missing_migrations():
        _all_applied.set()
    return _all_applied.is_set()


def examine() -> Iterator[Finding]:
    if not (missing := missing_migrations()):
        yield from _examine_triggers()
        return
    said = f"{counted(len(missing), 'migration')} not applied, the first is {missing[0]}."
    lacking = postgresql.lacks()
    yield Finding(Level.TROUBLE, AREA, said, f"{lacking} Then run manage.py prepare." if lacking else PREPARE)


def _examine_triggers() -> Iterator[Finding]:
    if names := triggers.missing():
        said = _("The database lacks triggers that it is to hold to: %(names)s.")
        yield Finding(Level.TROUBLE, AREA, said % {"names": ", ".join(names)}, _("Run manage.py prepare."))


def why(reason: str) -> list[Finding]:
    """What to say of a question that failed: that tables are missing, if they are."""
    try:
        return list(examine()) or [silent(reason)]
    except DatabaseError:
        return [silent(reason)]


def silent(reason: str) -> Finding:
    """The one thing to say about a database that cannot be read."""
    lines = reason.strip().splitlines() or ["no reason given"]
    return Finding(
        Level.TROUBLE,
        AREA,
        f"The database cannot be read: {lines[0].rstrip('.')}.",
        "Check that its server runs, that DATABASE_URL is right, and run manage.py prepare.",
    )
