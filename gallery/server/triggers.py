"""Triggers that the database itself keeps to, and that Django does not know of.

Django remakes a table of SQLite when it changes one, and the new table has lost the triggers of the old
(docs.djangoproject.com, "Migrations", part "SQLite"). So whoever migrates makes them anew, and the doctor looks.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

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
_COUNT = """INSERT INTO generator_monthcount (month, owner, visibility, is_hidden, number, is_folded)
    SELECT number, owner, {row}.visibility, {row}.hidden_at IS NOT NULL, {sign}1, FALSE
    FROM
        (SELECT number, end_id FROM generator_month WHERE first_id <= {row}.id ORDER BY first_id DESC LIMIT 1) AS month,
        (SELECT 0 AS owner UNION ALL SELECT {row}.user_id) AS owners
    WHERE end_id > {row}.id AND {row}.trashed_at IS NULL;"""
_MORE, _LESS = _COUNT.format(row="new", sign="+"), _COUNT.format(row="old", sign="-")
_COLUMNS = ("id", "user_id", "visibility", "hidden_at", "trashed_at")
_OLD, _NEW = (", ".join(f"{row}.{column}" for column in _COLUMNS) for row in ("old", "new"))
_MONTHS = {
    "generator_image_added": "AFTER INSERT ON generator_image",
    "generator_image_removed": "AFTER DELETE ON generator_image",
    "generator_image_changed": f"AFTER UPDATE OF {', '.join(_COLUMNS)} ON generator_image",
}
_MONTHS_SQLITE = {
    "generator_image_added": f"BEGIN {_MORE} END",
    "generator_image_removed": f"BEGIN {_LESS} END",
    "generator_image_changed": f"WHEN ({_OLD}) IS NOT ({_NEW}) BEGIN {_LESS} {_MORE} END",
}
_MONTHS_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION generator_image_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN {_LESS} END IF;
        IF TG_OP <> 'DELETE' THEN {_MORE} END IF;
        RETURN NULL;
    END $$;
    DROP TRIGGER IF EXISTS {{name}} ON generator_image;
    CREATE TRIGGER {{name}} {{event}} FOR EACH ROW {{condition}} EXECUTE FUNCTION generator_image_count()"""
_MONTHS_WHEN = {"generator_image_changed": f"WHEN (({_OLD}) IS DISTINCT FROM ({_NEW}))"}
_MIGRATION_OF_MONTHS = ("generator", "0015_months")
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
    _MIGRATION_OF_MONTHS: {
        "sqlite": {name: f"CREATE TRIGGER {name} {event} {_MONTHS_SQLITE[name]}" for name, event in _MONTHS.items()},
        "postgresql": {
            name: _MONTHS_FUNCTION.format(name=name, event=event, condition=_MONTHS_WHEN.get(name, ""))
            for name, event in _MONTHS.items()
        },
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
    """Make those that are missing, and have counted what they keep counting. Raises DatabaseError."""
    if lost := _missing():
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in lost.values():
                cursor.execute(statement)
            # Nobody knows since when they are missing.
            for kind, triggers in _FOLLOWING.items():
                if triggers.keys() & lost:
                    cursor.execute(_REBUILD.format(kind=kind))
            if _MONTHS.keys() & lost:
                months.forget()
    if _MIGRATION_OF_MONTHS in _applied():
        months.restore()


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
