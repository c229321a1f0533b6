"""The words of pictures and of comments, as they are searched for."""

from __future__ import annotations

from django.db import models

from gallery.models.feedback import Comment
from generator.models import Image


class Document(models.Model):
    """One for each picture that has words; kept in the order in which the pictures came, so that ids tell it.

    The database makes the index of it by itself (migration 0011): triggers and an FTS5 table on SQLite, a column of
    its own on PostgreSQL. No later migration may alter this table on SQLite: it would lose the triggers until the
    next `prepare`.
    """

    id = models.BigAutoField(primary_key=True)
    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="document", verbose_name="picture")
    stems = models.TextField(help_text="the stem of each word, in order")
    exact = models.TextField(help_text="each word folded, at the same places")

    class Meta:
        verbose_name = "words of a picture"
        verbose_name_plural = "words of pictures"

    def __str__(self) -> str:
        return f"words of picture {self.image_id}"


class DocumentIndex(models.Model):
    """SQLite's index of the documents; on PostgreSQL a view that nobody asks.

    `everything` is the column by which FTS5 is asked (sqlite.org/fts5.html, 3).
    """

    document = models.OneToOneField(
        Document, on_delete=models.DO_NOTHING, primary_key=True, db_column="rowid", related_name="index"
    )
    everything = models.TextField(db_column="gallery_document_index")

    class Meta:
        managed = False
        db_table = "gallery_document_index"

    def __str__(self) -> str:
        return f"index of {self.document_id}"


class CommentDocument(models.Model):
    """The same of a comment, in no order, with an index of its own (migration 0015). Who may read which is not told
    here.
    """

    id = models.BigAutoField(primary_key=True)
    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="document")
    stems = models.TextField(help_text="the stem of each word, in order")
    exact = models.TextField(help_text="each word folded, at the same places")

    class Meta:
        verbose_name = "words of a comment"
        verbose_name_plural = "words of comments"

    def __str__(self) -> str:
        return f"words of comment {self.comment_id}"


class CommentIndex(models.Model):
    """As DocumentIndex, of the words of comments."""

    document = models.OneToOneField(
        CommentDocument, on_delete=models.DO_NOTHING, primary_key=True, db_column="rowid", related_name="index"
    )
    everything = models.TextField(db_column="gallery_comment_index")

    class Meta:
        managed = False
        db_table = "gallery_comment_index"

    def __str__(self) -> str:
        return f"index of {self.document_id}"
