"""Triggers that the database itself keeps to, and that Django does not know of.

Django remakes a table of SQLite when it changes one, and the new table has lost the triggers of the old
(docs.djangoproject.com, "Migrations", part "SQLite"). So whoever migrates makes them anew, and the doctor looks.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

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
_ADD = "INSERT INTO gallery_{kind}_index (rowid, stems, exact) VALUES (new.id, new.stems, new.exact);"
_TAKE = (
    "INSERT INTO gallery_{kind}_index (gallery_{kind}_index, rowid, stems, exact) "
    "VALUES ('delete', old.id, old.stems, old.exact);"
)
_REBUILD = "INSERT INTO gallery_{kind}_index (gallery_{kind}_index) VALUES ('rebuild')"
_STEPS = {
    "added": f"AFTER INSERT ON {{table}} BEGIN {_ADD} END",
    "removed": f"AFTER DELETE ON {{table}} BEGIN {_TAKE} END",
    "changed": f"AFTER UPDATE OF stems, exact ON {{table}} BEGIN {_TAKE} {_ADD} END",
}


def _following(kind: str, table: str) -> dict[str, str]:
    """What keeps SQLite's index of some words in step with their rows."""
    named = {f"gallery_{kind}_{what}": step.format(kind=kind, table=table) for what, step in _STEPS.items()}
    return {name: f"CREATE TRIGGER {name} {step}" for name, step in named.items()}


_FOLLOWING = {
    "document": _following("document", "gallery_document"),
    "comment": _following("comment", "gallery_commentdocument"),
}
# By the migration that made them first, which keeps its own words: whoever goes back behind it wants none.
# Then by engine and name what makes each.
RELIED_ON: dict[tuple[str, str], dict[str, dict[str, str]]] = {
    ("gallery", "0004_append_only"): {
        "sqlite": {f"{_TABLE}_no_{what}": _SQLITE.format(table=_TABLE, what=what) for what in ("update", "delete")},
        "postgresql": {f"{_TABLE}_append_only": _POSTGRESQL.format(table=_TABLE)},
    },
    ("gallery", "0011_document"): {
        "sqlite": _FOLLOWING["document"],
        "postgresql": {},
    },
    ("gallery", "0013_comment_words"): {
        "sqlite": _FOLLOWING["comment"],
        "postgresql": {},
    },
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
    """Make those that are missing. Raises DatabaseError."""
    if lost := _missing():
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in lost.values():
                cursor.execute(statement)
            for kind, triggers in _FOLLOWING.items():
                if triggers.keys() & lost:  # nobody knows since when
                    cursor.execute(_REBUILD.format(kind=kind))


def restore_after_migrate(using: str, **more: Any) -> None:
    """For the signal `post_migrate`, which emptying a database sends as well, without a plan."""
    if "plan" in more and using == connection.alias:
        restore()


def _missing() -> dict[str, str]:
    """What makes each, by its name."""
    applied = MigrationRecorder(connection).applied_migrations()
    wanted = [by_engine[connection.vendor] for migration, by_engine in RELIED_ON.items() if migration in applied]
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    return {name: sql for triggers in wanted for name, sql in triggers.items() if name not in present}
