"""The words of pictures, and each engine's index of them."""

import django.db.models.deletion
from django.db import migrations, models

# Pictures from before are added behind the first, in decreasing order, while new ones come at the other end.
FIRST = 1 << 40
SQLITE = [
    f"INSERT INTO sqlite_sequence (name, seq) VALUES ('gallery_document', {FIRST})",
    # Words are made of letters, digits and what is not ASCII, which is what this tokenizer leaves together.
    """CREATE VIRTUAL TABLE gallery_document_index USING fts5(
        stems, exact, content='gallery_document', content_rowid='id', tokenize='ascii', prefix='2 3 4'
    )""",
    """CREATE TRIGGER gallery_document_added AFTER INSERT ON gallery_document BEGIN
        INSERT INTO gallery_document_index (rowid, stems, exact) VALUES (new.id, new.stems, new.exact);
    END""",
    """CREATE TRIGGER gallery_document_removed AFTER DELETE ON gallery_document BEGIN
        INSERT INTO gallery_document_index (gallery_document_index, rowid, stems, exact)
        VALUES ('delete', old.id, old.stems, old.exact);
    END""",
    """CREATE TRIGGER gallery_document_changed AFTER UPDATE OF stems, exact ON gallery_document BEGIN
        INSERT INTO gallery_document_index (gallery_document_index, rowid, stems, exact)
        VALUES ('delete', old.id, old.stems, old.exact);
        INSERT INTO gallery_document_index (rowid, stems, exact) VALUES (new.id, new.stems, new.exact);
    END""",
]
# A word is never followed by a quote or a backslash. A tsvector counts no places beyond 16,383.
POSTGRESQL = [
    f"ALTER SEQUENCE gallery_document_id_seq RESTART WITH {FIRST + 1}",
    """CREATE FUNCTION gallery_document_words(stems text, exact text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
            SELECT coalesce(string_agg('''' || sign || word || ''':' || least(place, 16383), ' '), '')::tsvector
            FROM (
                SELECT '' AS sign, word, place
                FROM unnest(string_to_array(stems, ' ')) WITH ORDINALITY AS one (word, place)
                UNION ALL SELECT '=', word, place
                FROM unnest(string_to_array(exact, ' ')) WITH ORDINALITY AS two (word, place)
            ) AS words
            WHERE word <> ''
        )""",
    """ALTER TABLE gallery_document ADD COLUMN words tsvector
        GENERATED ALWAYS AS (gallery_document_words(stems, exact)) STORED""",
    # What SQLite has as a table is asked for by Django's own pages about any model, too.
    "CREATE VIEW gallery_document_index AS SELECT id AS rowid, '' AS gallery_document_index FROM gallery_document",
    "CREATE INDEX gallery_document_words ON gallery_document USING gin (words) WITH (fastupdate = off)",
]
UNDO = {
    'sqlite': ["DROP TABLE gallery_document_index"],
    'postgresql': [
        "DROP VIEW gallery_document_index",
        "ALTER TABLE gallery_document DROP COLUMN words",
        "DROP FUNCTION gallery_document_words (text, text)",
    ],
}


def index(apps, schema_editor):
    for statement in {'sqlite': SQLITE, 'postgresql': POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def forget(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('gallery', '0010_pictures'),
        ('generator', '0008_pictures'),
    ]

    operations = [
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('stems', models.TextField(help_text='the stem of each word, in order')),
                ('exact', models.TextField(help_text='each word folded, at the same places')),
                ('image', models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, related_name='document', to='generator.image',
                    verbose_name='picture',
                )),
            ],
            options={'verbose_name': 'words of a picture', 'verbose_name_plural': 'words of pictures'},
        ),
        migrations.CreateModel(
            name='DocumentIndex',
            fields=[
                ('document', models.OneToOneField(
                    db_column='rowid', on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True,
                    related_name='index', serialize=False, to='gallery.document',
                )),
                ('everything', models.TextField(db_column='gallery_document_index')),
            ],
            options={'db_table': 'gallery_document_index', 'managed': False},
        ),
        migrations.RunPython(index, forget),
    ]
