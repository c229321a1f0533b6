"""The one row about who may join, so that nobody who only looks at it has to write it first."""

from django.db import migrations


def make_row(apps, schema_editor):
    apps.get_model("gallery", "Joining").objects.using(schema_editor.connection.alias).get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("gallery", "0004_append_only")]
    operations = [migrations.RunPython(make_row, migrations.RunPython.noop)]
