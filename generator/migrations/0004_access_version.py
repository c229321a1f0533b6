from django.db import migrations


class Migration(migrations.Migration):
    """A new name for a column; no row is touched."""

    dependencies = [("generator", "0003_kept_replies")]

    operations = [migrations.RenameField("image", "epoch", "access_version")]
