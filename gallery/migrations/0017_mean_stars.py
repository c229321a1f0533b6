"""The mean of a picture's stars, beside what they amount to.

The triggers that count both are made once everything is migrated, as those before them were (see 0013), and with them
the means of what has been there before.
"""

from importlib import import_module

from django.db import migrations

forget = import_module('gallery.migrations.0013_orders').forget


class Migration(migrations.Migration):

    dependencies = [
        ('gallery', '0016_edited_comments'),
        ('generator', '0016_stars_and_looks'),
    ]

    operations = [migrations.RunPython(forget, forget)]
