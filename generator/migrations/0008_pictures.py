"""People read of pictures."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("generator", "0007_any_picture")]

    operations = [
        migrations.AlterModelOptions(
            "image", {"ordering": ["-id"], "verbose_name": "picture", "verbose_name_plural": "pictures"}
        ),
    ]
