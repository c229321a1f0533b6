"""Secrets of second factors are sealed. Opened again by going back, as the code of before reads them."""

from django.db import migrations


def each(apps, change):
    Authenticator = apps.get_model('mfa', 'Authenticator')
    for factor in Authenticator.objects.order_by('pk').iterator():
        secrets = {name: change(factor.data[name]) for name in ('secret', 'seed') if name in factor.data}
        if secrets:
            Authenticator.objects.filter(pk=factor.pk).update(data=factor.data | secrets)


def seal(apps, schema_editor):
    from gallery.account import sealing
    each(apps, lambda text: sealing.seal(sealing.unseal(text)))


def unseal(apps, schema_editor):
    from gallery.account import sealing
    each(apps, sealing.unseal)


class Migration(migrations.Migration):

    dependencies = [('gallery', '0006_withheld'), ('mfa', '0003_authenticator_type_uniq')]

    operations = [migrations.RunPython(seal, unseal)]
