"""The one row about the image API, so that nobody who only looks at it has to write it first."""

from django.db import migrations


def make_row(apps, schema_editor):
    apps.get_model("generator", "Provider").objects.using(schema_editor.connection.alias).get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("generator", "0001_initial")]
    operations = [migrations.RunPython(make_row, migrations.RunPython.noop)]
