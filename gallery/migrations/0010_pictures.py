"""People read of pictures."""

import django.db.models.deletion
from django.db import migrations, models


def picture(name, many, **options):
    field = models.ForeignKey(
        "generator.image", related_name=many, verbose_name="picture",
        **{"on_delete": django.db.models.deletion.CASCADE, **options},
    )  # fmt: skip
    return migrations.AlterField(name, "image", field)


class Migration(migrations.Migration):
    dependencies = [("gallery", "0009_handover"), ("generator", "0008_pictures")]

    operations = [
        picture("rating", "ratings"),
        picture("comment", "comments"),
        picture("report", "reports"),
        picture("decision", "decisions"),
        picture("notice", "+", on_delete=django.db.models.deletion.SET_NULL, null=True, blank=True),
    ]
