"""The table of the shared cache, whatever CACHE_URL says now: it may be left out again later."""

from django.core.management import call_command
from django.db import migrations


def make_table(apps, schema_editor):
    call_command("createcachetable", "vitrine_cache", database=schema_editor.connection.alias, verbosity=0)


def drop_table(apps, schema_editor):
    schema_editor.execute('DROP TABLE IF EXISTS "vitrine_cache"')


class Migration(migrations.Migration):
    dependencies = [("gallery", "0002_initial")]
    operations = [migrations.RunPython(make_table, drop_table)]
