"""The words of comments, and each engine's index of them, as 0011 has it for pictures. A worker adds those from before.

And a place for vectors of pictures, of which there are none without a model of the admin's.
"""

import django.db.models.deletion
from django.db import migrations, models

SQLITE = [
    """CREATE VIRTUAL TABLE gallery_comment_index USING fts5(
        stems, exact, content='gallery_commentdocument', content_rowid='id', tokenize='ascii', prefix='2 3 4'
    )""",
    """CREATE TRIGGER gallery_comment_added AFTER INSERT ON gallery_commentdocument BEGIN
        INSERT INTO gallery_comment_index (rowid, stems, exact) VALUES (new.id, new.stems, new.exact);
    END""",
    """CREATE TRIGGER gallery_comment_removed AFTER DELETE ON gallery_commentdocument BEGIN
        INSERT INTO gallery_comment_index (gallery_comment_index, rowid, stems, exact)
        VALUES ('delete', old.id, old.stems, old.exact);
    END""",
    """CREATE TRIGGER gallery_comment_changed AFTER UPDATE OF stems, exact ON gallery_commentdocument BEGIN
        INSERT INTO gallery_comment_index (gallery_comment_index, rowid, stems, exact)
        VALUES ('delete', old.id, old.stems, old.exact);
        INSERT INTO gallery_comment_index (rowid, stems, exact) VALUES (new.id, new.stems, new.exact);
    END""",
]
POSTGRESQL = [
    """ALTER TABLE gallery_commentdocument ADD COLUMN words tsvector
        GENERATED ALWAYS AS (gallery_document_words(stems, exact)) STORED""",
    "CREATE VIEW gallery_comment_index AS SELECT id AS rowid, '' AS gallery_comment_index FROM gallery_commentdocument",
    "CREATE INDEX gallery_comment_words ON gallery_commentdocument USING gin (words) WITH (fastupdate = off)",
]
UNDO = {
    'sqlite': ["DROP TABLE gallery_comment_index"],
    'postgresql': ["DROP VIEW gallery_comment_index", "ALTER TABLE gallery_commentdocument DROP COLUMN words"],
}


def index(apps, schema_editor):
    for statement in {'sqlite': SQLITE, 'postgresql': POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def forget(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [('gallery', '0014_appearance')]

    operations = [
        migrations.CreateModel(
            name='CommentDocument',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('stems', models.TextField(help_text='the stem of each word, in order')),
                ('exact', models.TextField(help_text='each word folded, at the same places')),
                ('comment', models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, related_name='document', to='gallery.comment',
                )),
            ],
            options={'verbose_name': 'words of a comment', 'verbose_name_plural': 'words of comments'},
        ),
        migrations.CreateModel(
            name='CommentIndex',
            fields=[
                ('document', models.OneToOneField(
                    db_column='rowid', on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True,
                    related_name='index', serialize=False, to='gallery.commentdocument',
                )),
                ('everything', models.TextField(db_column='gallery_comment_index')),
            ],
            options={'db_table': 'gallery_comment_index', 'managed': False},
        ),
        migrations.RunPython(index, forget),
        migrations.CreateModel(
            name='Embedding',
            fields=[
                ('image', models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='embedding',
                    serialize=False, to='generator.image', verbose_name='picture',
                )),
                ('signs', models.BinaryField(help_text='a bit for each number')),
                ('steps', models.BinaryField(help_text='a byte for each number')),
            ],
            options={'verbose_name': 'vector of a picture', 'verbose_name_plural': 'vectors of pictures'},
        ),
    ]
