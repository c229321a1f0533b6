"""The database itself refuses to change or remove a line of the audit log."""

from django.db import migrations

TABLE = 'auditlog_logentry'
SQLITE = [
    f"""CREATE TRIGGER {TABLE}_no_{what.lower()} BEFORE {what} ON {TABLE}
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"""
    for what in ('UPDATE', 'DELETE')
]
POSTGRESQL = [
    f"""CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
    f"""CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()""",
]
UNDO = {
    'sqlite': [f'DROP TRIGGER IF EXISTS {TABLE}_no_{what.lower()}' for what in ('UPDATE', 'DELETE')],
    'postgresql': [f'DROP TRIGGER IF EXISTS {TABLE}_append_only ON {TABLE}', f'DROP FUNCTION IF EXISTS {TABLE}_refuse'],
}


def close(apps, schema_editor):
    for statement in {'sqlite': SQLITE, 'postgresql': POSTGRESQL}.get(schema_editor.connection.vendor, []):
        schema_editor.execute(statement)


def reopen(apps, schema_editor):
    for statement in UNDO.get(schema_editor.connection.vendor, []):
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('auditlog', '0017_add_actor_email'),
        ('gallery', '0003_cache'),
    ]

    operations = [migrations.RunPython(close, reopen)]
