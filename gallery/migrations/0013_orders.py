"""What stars and comments come to, beside each picture.

The triggers that count are made once everything is migrated, see gallery.server.triggers, and with them the numbers of
what has been there before: on SQLite no migration can remake the table of pictures while a trigger of another table
writes to it.
"""

from django.db import migrations

TABLES = ("gallery_rating", "gallery_comment")


def forget(apps, schema_editor):
    for table in TABLES:
        if schema_editor.connection.vendor == "sqlite":
            for what in ("insert", "delete", "update"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_counted_{what}")
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_counted ON {table}")
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {table}_counted ()")


class Migration(migrations.Migration):

    dependencies = [
        ('gallery', '0012_search'),
        ('generator', '0013_orders'),
    ]

    operations = [migrations.RunPython(migrations.RunPython.noop, forget)]
