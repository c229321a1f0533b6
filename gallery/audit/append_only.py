"""The audit log's own guard: the database refuses to change or delete what is written there."""

from __future__ import annotations

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
# By engine and name what makes each.
TRIGGERS = {
    "sqlite": {f"{_TABLE}_no_{what}": _SQLITE.format(table=_TABLE, what=what) for what in ("update", "delete")},
    "postgresql": {f"{_TABLE}_append_only": _POSTGRESQL.format(table=_TABLE)},
}
