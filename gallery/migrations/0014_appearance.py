"""How each person wants grids of pictures to look."""

from django.db import migrations, models

LAYOUTS = [('rows', 'Rows'), ('squares', 'Squares'), ('list', 'List')]
DENSITIES = [('small', 'Small'), ('medium', 'Medium'), ('large', 'Large')]
STACKS = [('explore', 'In Explore'), ('on', 'Everywhere'), ('off', 'Nowhere')]


class Migration(migrations.Migration):

    dependencies = [('gallery', '0013_orders')]

    operations = [
        migrations.AddField(
            model_name='user', name='grid_layout',
            field=models.CharField(blank=True, choices=LAYOUTS, help_text='empty: rows', max_length=8),
        ),
        migrations.AddField(
            model_name='user', name='grid_density',
            field=models.CharField(blank=True, choices=DENSITIES, help_text='empty: medium', max_length=8),
        ),
        migrations.AddField(
            model_name='user', name='grid_stacks',
            field=models.CharField(blank=True, choices=STACKS, help_text='empty: in Explore', max_length=8),
        ),
    ]
