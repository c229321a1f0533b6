"""Decisions of before say what they changed as those of today do: since when staff withhold the picture."""

from datetime import datetime

from django.db import migrations


def say_since_when(apps, schema_editor):
    """What was hidden was made private; it stays private when that is undone, for its owner may want it so by now."""
    Decision, Image = apps.get_model('gallery', 'Decision'), apps.get_model('generator', 'Image')
    rows = Decision.objects.filter(undone_at=None, action__in=('hide', 'trash'), report__isnull=False)
    for decision in rows.order_by('pk').iterator():
        images, before = Image.objects.filter(pk=decision.image_id), decision.before
        if 'visibility' in before and images.filter(visibility='private', hidden_at=None).exists():
            images.update(hidden_at=decision.created_at)
            decision.before = {'hidden_at': decision.created_at.isoformat()}
        elif 'trashed_at' in before:
            moment = datetime.fromisoformat(before['trashed_at'])
            if images.filter(trashed_at=moment).update(removed_at=moment):
                decision.before = {'removed_at': before['trashed_at']}
        if decision.before is not before:
            decision.save(update_fields=['before'])


class Migration(migrations.Migration):

    dependencies = [
        ('gallery', '0005_notices_and_appeals'),
        ('generator', '0006_withheld'),
    ]

    operations = [migrations.RunPython(say_since_when, migrations.RunPython.noop)]
