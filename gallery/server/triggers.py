"""Triggers that the database itself keeps to, and that Django does not know of.

Django remakes a table of SQLite when it changes one, and the new table has lost the triggers of the old
(docs.djangoproject.com, "Migrations", part "SQLite"). So whoever migrates makes them anew, and the doctor looks.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from gallery.feedback import numbers
from gallery.server import month_triggers
from generator.worker import months

_TABLE = "auditlog_logentry"
_SQLITE = """CREATE TRIGGER {table}_no_{what} BEFORE {what} ON {table}
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"""
# One that was switched off is there, but holds nobody: it goes first.
_POSTGRESQL = """
    CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
    DROP TRIGGER IF EXISTS {table}_append_only ON {table};
    CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"""
_ADD = "INSERT INTO gallery_document_index (rowid, stems, exact) VALUES (new.id, new.stems, new.exact)"
_TAKE = (
    "INSERT INTO gallery_document_index (gallery_document_index, rowid, stems, exact) "
    "VALUES ('delete', old.id, old.stems, old.exact)"
)
_DOCUMENT = {
    "gallery_document_added": f"AFTER INSERT ON gallery_document BEGIN {_ADD}; END",
    "gallery_document_removed": f"AFTER DELETE ON gallery_document BEGIN {_TAKE}; END",
    "gallery_document_changed": f"AFTER UPDATE OF stems, exact ON gallery_document BEGIN {_TAKE}; {_ADD}; END",
}
_MIGRATION_OF_MONTHS = ("generator", "0015_months")
# By the migration that made them first, which keeps its own words: whoever goes back behind it wants none.
# Then by engine and name what makes each.
RELIED_ON: dict[tuple[str, str], dict[str, dict[str, str]]] = {
    ("gallery", "0004_append_only"): {
        "sqlite": {f"{_TABLE}_no_{what}": _SQLITE.format(table=_TABLE, what=what) for what in ("update", "delete")},
        "postgresql": {f"{_TABLE}_append_only": _POSTGRESQL.format(table=_TABLE)},
    },
    ("gallery", "0011_document"): {
        "sqlite": {name: f"CREATE TRIGGER {name} {what}" for name, what in _DOCUMENT.items()},
        "postgresql": {},
    },
    ("gallery", "0013_orders"): numbers.TRIGGERS,
    _MIGRATION_OF_MONTHS: month_triggers.TRIGGERS,
}
_PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT tgname FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND pg_table_is_visible(tgrelid)"
    ),
}


def missing() -> list[str]:
    """Names of those that should be there by the migrations applied so far. Raises DatabaseError."""
    return list(_missing())


def restore() -> None:
    """Make those that are missing, and have counted what they keep counting. Raises DatabaseError."""
    if lost := _missing():
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in lost.values():
                cursor.execute(statement)
            if _DOCUMENT.keys() & lost:  # nobody knows since when
                cursor.execute("INSERT INTO gallery_document_index (gallery_document_index) VALUES ('rebuild')")
            if numbers.TRIGGERS[connection.vendor].keys() & lost:
                numbers.recount()
            if month_triggers.TRIGGERS[connection.vendor].keys() & lost:
                months.forget()
    if _MIGRATION_OF_MONTHS in _applied():
        months.restore()


def stand_aside_before_migrate(using: str, plan: Any, **_more: Any) -> None:
    """For the signal `pre_migrate`: SQLite lets nobody remake a table that a trigger of another one writes to."""
    if plan and using == connection.alias and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in numbers.TRIGGERS["sqlite"]:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def restore_after_migrate(using: str, **more: Any) -> None:
    """For the signal `post_migrate`, which emptying a database sends as well, without a plan."""
    if using != connection.alias:
        return
    if "plan" in more:
        restore()
    elif _MIGRATION_OF_MONTHS in _applied():  # pictures were emptied, and perhaps after their counts
        months.forget()
        months.restore()


def _applied() -> Collection[tuple[str, str]]:
    return MigrationRecorder(connection).applied_migrations().keys()


def _missing() -> dict[str, str]:
    """What makes each, by its name."""
    applied = _applied()
    wanted = [by_engine[connection.vendor] for migration, by_engine in RELIED_ON.items() if migration in applied]
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    return {name: sql for triggers in wanted for name, sql in triggers.items() if name not in present}
