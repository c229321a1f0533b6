"""What goes wrong is kept as a kind, a reason and values from here on; the sentences of 0.1.0 stay where they are."""

from django.db import migrations, models

OF_OLD = "a sentence of release 0.1.0"


class Migration(migrations.Migration):
    dependencies = [("generator", "0004_access_version")]

    operations = [
        migrations.AddField(
            "call",
            "error_reason",
            models.CharField(blank=True, help_text="which of the failures of this kind", max_length=24),
        ),
        migrations.AddField(
            "call",
            "error_values",
            models.JSONField(blank=True, default=dict, help_text="what is to be said about it"),
        ),
        migrations.AddField(
            "event",
            "failure",
            models.JSONField(blank=True, help_text="kind, reason and values of what went wrong", null=True),
        ),
        migrations.AlterField("call", "error", models.CharField(blank=True, help_text=OF_OLD, max_length=500)),
        migrations.AlterField("event", "note", models.CharField(blank=True, help_text=OF_OLD, max_length=500)),
    ]
