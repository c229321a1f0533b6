"""Searches that are kept; and what is kept beside the words of pictures now, for those from before, too: a worker adds
them anew.
"""

import django.db.models.deletion
import uuid6
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('gallery', '0011_document')]

    operations = [
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('scope', models.CharField(blank=True, help_text='whose pictures, as in addresses', max_length=160)),
                ('q', models.CharField(max_length=1000, verbose_name='what is asked')),
                ('order', models.CharField(blank=True, max_length=12)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name='saved_searches',
                    to=settings.AUTH_USER_MODEL,
                )),
            ],
            options={
                'verbose_name': 'saved search',
                'verbose_name_plural': 'saved searches',
                'ordering': ['name', 'pk'],
                'constraints': [
                    models.UniqueConstraint(fields=('user', 'name'), name='saved_search_once_by_name'),
                ],
            },
        ),
        migrations.RunSQL("DELETE FROM gallery_document", migrations.RunSQL.noop),
    ]
