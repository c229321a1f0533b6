import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import generator.models.image
import uuid
import uuid6
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Provider',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pause', models.CharField(blank=True, choices=[('', 'sending'), ('rate', 'asked to wait'), ('key', 'key refused')], default='', max_length=8)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('paused_until', models.DateTimeField(blank=True, null=True)),
                ('key_digest', models.CharField(blank=True, default='', max_length=16)),
                ('models_list', models.JSONField(blank=True, default=list)),
                ('models_at', models.DateTimeField(blank=True, null=True)),
                ('watched_at', models.DateTimeField(blank=True, help_text="last sign of life of a worker's watch", null=True)),
            ],
            options={
                'verbose_name': 'image API',
                'verbose_name_plural': 'image API',
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(help_text="its place among the generation's calls, from 1")),
                ('count', models.PositiveSmallIntegerField(default=1, help_text='pictures asked of this call')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Generating'), ('received', 'Saving'), ('succeeded', 'Done'), ('failed', 'Failed'), ('unknown', 'Outcome unknown'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('lease', models.CharField(blank=True, help_text='the claim that holds it: host:pid:random', max_length=80)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='how often it was claimed for sending')),
                ('ingests', models.PositiveSmallIntegerField(default=0, help_text='how often its reply was taken up')),
                ('not_before', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('claimed_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('dismissed_at', models.DateTimeField(blank=True, help_text='a person has put it away', null=True)),
                ('http_status', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('error_kind', models.CharField(blank=True, max_length=12)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('reply_id', models.CharField(blank=True, max_length=200)),
                ('reply_created', models.DateTimeField(blank=True, null=True)),
                ('reply_model', models.CharField(blank=True, max_length=200, verbose_name='model that answered')),
                ('usage', models.BigIntegerField(blank=True, help_text="the API's own counter, not money", null=True)),
                ('elapsed_time', models.FloatField(blank=True, help_text='seconds, as the API says', null=True)),
                ('api_user', models.BigIntegerField(blank=True, null=True, verbose_name='API user')),
                ('reply_extra', models.JSONField(blank=True, default=dict)),
                ('pictures', models.PositiveSmallIntegerField(default=0, help_text='asked for; once settled, those that came')),
                ('units', models.BigIntegerField(default=0, help_text='usage expected; once settled, as the API said')),
                ('cost', models.DecimalField(blank=True, decimal_places=4, help_text='empty: no price', max_digits=12, null=True)),
                ('settled_at', models.DateTimeField(blank=True, help_text='empty: reserved', null=True)),
                ('retry_of', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retry', to='generator.call')),
                ('user', models.ForeignKey(help_text='as of its generation', on_delete=django.db.models.deletion.PROTECT, related_name='calls', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('claimed', 'Taken by a worker'), ('sent', 'Sent to the API'), ('put back', 'Back in the queue'), ('received', 'Whole reply on disk'), ('postponed', 'Cannot be stored for now'), ('taken up', 'Reply taken up again'), ('succeeded', 'Stored'), ('failed', 'Failed'), ('lost', 'Outcome unknown'), ('cancelled', 'Cancelled'), ('retried', 'Sent again as a new call'), ('dismissed', 'Put away'), ('settled', 'Settled as not charged')], max_length=10)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('worker', models.CharField(blank=True, help_text='host and process', max_length=70)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='generator.call')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Generation',
            fields=[
                ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                ('prompt', models.TextField()),
                ('model', models.CharField(max_length=100, verbose_name='model asked for')),
                ('ratio', models.CharField(blank=True, help_text='ratio dialect', max_length=8)),
                ('width', models.PositiveIntegerField(blank=True, help_text='pixels, size dialect', null=True)),
                ('height', models.PositiveIntegerField(blank=True, help_text='pixels, size dialect', null=True)),
                ('count', models.PositiveSmallIntegerField(default=1, help_text='pictures asked for')),
                ('visibility', models.CharField(choices=[('private', 'Only me'), ('link', 'Whoever has the link'), ('shared', 'Everyone signed in'), ('public', 'Everyone')], default='shared', max_length=8)),
                ('token', models.CharField(help_text='one per form: a double click is one generation', max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='generations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='call',
            name='generation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='generator.generation'),
        ),
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('index', models.PositiveSmallIntegerField(help_text='its place in the reply, from 0')),
                ('file', models.FileField(max_length=200, upload_to='')),
                ('format', models.CharField(choices=[('png', 'PNG'), ('jpg', 'JPEG'), ('webp', 'WebP'), ('avif', 'AVIF')], max_length=8)),
                ('width', models.PositiveIntegerField(help_text='pixels, as displayed')),
                ('height', models.PositiveIntegerField(help_text='pixels, as displayed')),
                ('bytes', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('placeholder', models.TextField(help_text='data URI of a tiny preview')),
                ('visibility', models.CharField(choices=[('private', 'Only me'), ('link', 'Whoever has the link'), ('shared', 'Everyone signed in'), ('public', 'Everyone')], default='shared', max_length=8)),
                ('link', models.CharField(default=generator.models.image.new_link, editable=False, help_text='secret of its share link', max_length=43, unique=True)),
                ('epoch', models.PositiveIntegerField(default=0, editable=False, help_text='grows when it is decided anew who may see it')),
                ('downloads', models.PositiveIntegerField(default=0, editable=False, help_text='how often somebody took the file')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('trashed_at', models.DateTimeField(blank=True, null=True)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='images', to='generator.call')),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='images', to='generator.generation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='images', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='generation',
            name='parent',
            field=models.ForeignKey(blank=True, help_text='the picture this was remixed from', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='remixes', to='generator.image'),
        ),
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('pictures/day', 'Pictures a day'), ('pictures/month', 'Pictures a month'), ('units/month', 'Usage units a month'), ('money/month', 'Money a month'), ('in flight', 'Calls at the same time')], max_length=16, verbose_name='limit on')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, validators=[django.core.validators.MinValueValidator(0)], verbose_name='at most')),
                ('each', models.BooleanField(default=False, help_text='for every member of the group (or of all) on their own', verbose_name='each by themselves')),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='limits', to='auth.group')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='limits', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model', models.CharField(blank=True, help_text='empty: every model without a price of its own', max_length=100)),
                ('valid_from', models.DateField()),
                ('per_call', models.DecimalField(decimal_places=6, default=0, max_digits=12, validators=[django.core.validators.MinValueValidator(0)])),
                ('per_picture', models.DecimalField(decimal_places=6, default=0, max_digits=12, validators=[django.core.validators.MinValueValidator(0)])),
                ('per_unit', models.DecimalField(decimal_places=6, default=0, max_digits=12, validators=[django.core.validators.MinValueValidator(0)], verbose_name='per usage unit')),
            ],
            options={
                'ordering': ['model', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('model', 'valid_from'), name='price_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Span',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(choices=[('day', 'Day'), ('week', 'Week')], max_length=4)),
                ('start', models.DateField()),
                ('zone', models.CharField(max_length=64)),
                ('filled', models.BooleanField(default=False)),
                ('stamp', models.UUIDField(default=uuid.uuid4)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('unit', 'start'), name='span_once')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(blank=True, choices=[('', 'nothing else'), ('user', 'member'), ('model', 'model'), ('both', 'member and model')], max_length=5)),
                ('model', models.CharField(blank=True, max_length=100)),
                ('state', models.CharField(max_length=10)),
                ('calls', models.PositiveIntegerField(default=0)),
                ('pictures', models.PositiveIntegerField(default=0)),
                ('units', models.BigIntegerField(default=0)),
                ('cost', models.DecimalField(decimal_places=4, default=0, max_digits=16)),
                ('reserved', models.PositiveIntegerField(default=0)),
                ('reserved_pictures', models.PositiveIntegerField(default=0)),
                ('reserved_units', models.BigIntegerField(default=0)),
                ('reserved_cost', models.DecimalField(decimal_places=4, default=0, max_digits=16)),
                ('elapsed_count', models.PositiveIntegerField(default=0)),
                ('elapsed_sum', models.FloatField(default=0)),
                ('waited_count', models.PositiveIntegerField(default=0)),
                ('waited_sum', models.FloatField(default=0)),
                ('elapsed', models.JSONField(default=dict)),
                ('waited', models.JSONField(default=dict)),
                ('hours', models.JSONField(default=dict)),
                ('kinds', models.JSONField(default=dict)),
                ('span', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='generator.span')),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'tallies',
            },
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(fields=['state', 'id'], name='call_state_oldest'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(fields=['user', 'created_at'], name='call_user_created'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(fields=['state', 'created_at'], name='call_state_created'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(fields=['created_at', 'settled_at', 'pictures', 'units', 'cost'], name='call_created_counts'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('state__in', ('sending', 'received'))), fields=['lease_until'], name='call_leases'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.UniqueConstraint(fields=('generation', 'number'), name='call_number_once'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['user', '-id'], name='image_user_newest'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('trashed_at__isnull', True)), fields=['-id'], name='image_newest_kept'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['trashed_at'], name='image_trash'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.UniqueConstraint(fields=('call', 'index'), name='image_once_per_call'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['user', '-id'], name='generation_user_newest'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['model', '-id'], name='generation_model_newest'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.UniqueConstraint(fields=('user', 'token'), name='generation_once_per_token'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('height__isnull', False), ('ratio', ''), ('width__isnull', False)), models.Q(models.Q(('ratio', ''), _negated=True), ('height', None), ('width', None)), _connector='OR'), name='generation_ratio_or_size'),
        ),
        migrations.AddConstraint(
            model_name='limit',
            constraint=models.CheckConstraint(condition=models.Q(('user', None), models.Q(('each', False), ('group', None)), _connector='OR'), name='limit_of_one_kind_of_people', violation_error_message='A limit is for one member, for a group or for everyone, not for two of them; “each by themselves” is for groups and for everyone.'),
        ),
        migrations.AddConstraint(
            model_name='limit',
            constraint=models.UniqueConstraint(models.F('what'), django.db.models.functions.comparison.Coalesce('user', 0), django.db.models.functions.comparison.Coalesce('group', 0), models.F('each'), name='limit_once', violation_error_message='There is such a limit for these people already. Change that one.'),
        ),
        migrations.AddIndex(
            model_name='tally',
            index=models.Index(fields=['span', 'by', 'user'], name='tally_of_span'),
        ),
    ]
