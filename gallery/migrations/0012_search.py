"""What is kept beside the words of pictures now, is of all of them: those from before are added anew by a worker."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('gallery', '0011_document')]

    operations = [migrations.RunSQL("DELETE FROM gallery_document", migrations.RunSQL.noop)]
