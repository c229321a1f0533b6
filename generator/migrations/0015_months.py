"""Pictures counted by month: by triggers, in the transaction that writes, changes or deletes a picture.

Those that are there already are counted when all migrations are applied (`generator.worker.months.restore`). A later
migration that alters these two tables has to drop the triggers first: SQLite remakes no table that they write to.
"""

from django.db import migrations, models

COUNT = """
    INSERT INTO generator_monthcount (month, owner, visibility, is_hidden, number, is_folded)
    SELECT number, owner, {row}.visibility, {row}.hidden_at IS NOT NULL, {sign}1, FALSE
    FROM (SELECT number, end_id FROM generator_month WHERE first_id <= {row}.id ORDER BY first_id DESC LIMIT 1) AS month,
        (SELECT 0 AS owner UNION ALL SELECT {row}.user_id) AS owners
    WHERE end_id > {row}.id AND {row}.trashed_at IS NULL;
"""
ADD, TAKE = COUNT.format(row='new', sign='+'), COUNT.format(row='old', sign='-')
COLUMNS = ('id', 'user_id', 'visibility', 'hidden_at', 'trashed_at')
OLD, NEW = (', '.join(f'{row}.{column}' for column in COLUMNS) for row in ('old', 'new'))
EVENTS = {'added': 'INSERT', 'removed': 'DELETE', 'changed': f"UPDATE OF {', '.join(COLUMNS)}"}
SQLITE = [
    f"CREATE TRIGGER generator_image_added AFTER {EVENTS['added']} ON generator_image BEGIN {ADD} END",
    f"CREATE TRIGGER generator_image_removed AFTER {EVENTS['removed']} ON generator_image BEGIN {TAKE} END",
    f"""CREATE TRIGGER generator_image_changed AFTER {EVENTS['changed']} ON generator_image
    WHEN ({OLD}) IS NOT ({NEW}) BEGIN {TAKE} {ADD} END""",
]
POSTGRESQL = [
    f"""CREATE FUNCTION generator_image_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN {TAKE} END IF;
        IF TG_OP <> 'DELETE' THEN {ADD} END IF;
        RETURN NULL;
    END $$""",
    f"""CREATE TRIGGER generator_image_added AFTER {EVENTS['added']} ON generator_image
    FOR EACH ROW EXECUTE FUNCTION generator_image_count()""",
    f"""CREATE TRIGGER generator_image_removed AFTER {EVENTS['removed']} ON generator_image
    FOR EACH ROW EXECUTE FUNCTION generator_image_count()""",
    f"""CREATE TRIGGER generator_image_changed AFTER {EVENTS['changed']} ON generator_image
    FOR EACH ROW WHEN (({OLD}) IS DISTINCT FROM ({NEW})) EXECUTE FUNCTION generator_image_count()""",
]
UNDO = {
    'sqlite': [f'DROP TRIGGER IF EXISTS generator_image_{name}' for name in EVENTS],
    'postgresql': [
        *(f'DROP TRIGGER IF EXISTS generator_image_{name} ON generator_image' for name in EVENTS),
        'DROP FUNCTION IF EXISTS generator_image_count',
    ],
}


def watch(apps, schema_editor):
    for statement in {'sqlite': SQLITE, 'postgresql': POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def ignore(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('generator', '0014_colours'),
    ]

    operations = [
        migrations.CreateModel(
            name='Month',
            fields=[
                ('number', models.PositiveIntegerField(
                    help_text='202603 for March 2026', primary_key=True, serialize=False,
                )),
                ('first_id', models.UUIDField(unique=True)),
                ('end_id', models.UUIDField()),
            ],
            options={
                'verbose_name': 'counted month', 'verbose_name_plural': 'counted months', 'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='MonthCount',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name='ID')),
                ('month', models.PositiveIntegerField(help_text='202603 for March 2026')),
                ('owner', models.BigIntegerField(help_text='key of a member; 0 for everybody together')),
                ('visibility', models.CharField(
                    choices=[
                        ('private', 'Only me'), ('link', 'Whoever has the link'), ('shared', 'Everyone signed in'),
                        ('public', 'Everyone'),
                    ],
                    max_length=8,
                )),
                ('is_hidden', models.BooleanField(help_text='by staff')),
                ('number', models.IntegerField()),
                ('is_folded', models.BooleanField(
                    default=False, help_text='what the rows of one kind were put together to',
                )),
            ],
            options={
                'verbose_name': 'count of pictures',
                'verbose_name_plural': 'counts of pictures',
                'indexes': [
                    models.Index(
                        fields=['owner', 'month', 'visibility', 'is_hidden', 'number'], name='monthcount_sums',
                    ),
                    models.Index(
                        condition=models.Q(('is_folded', False)), fields=['month'], name='monthcount_unfolded',
                    ),
                ],
            },
        ),
        migrations.RunPython(watch, ignore),
    ]
