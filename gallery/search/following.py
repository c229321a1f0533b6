"""What keeps SQLite's indexes of words in step with the rows that hold the words (sqlite.org, FTS5, part 4.4.3).

PostgreSQL's indexes are of those tables themselves, and need nothing.
"""

from __future__ import annotations

from django.db import connection

_ADD = "INSERT INTO {index} (rowid, stems, exact) VALUES (new.id, new.stems, new.exact);"
_TAKE = "INSERT INTO {index} ({index}, rowid, stems, exact) VALUES ('delete', old.id, old.stems, old.exact);"
_STEPS = {
    "added": f"AFTER INSERT ON {{table}} BEGIN {_ADD} END",
    "removed": f"AFTER DELETE ON {{table}} BEGIN {_TAKE} END",
    "changed": f"AFTER UPDATE OF stems, exact ON {{table}} BEGIN {_TAKE} {_ADD} END",
}


def _following(kind: str, table: str) -> dict[str, dict[str, str]]:
    index = f"gallery_{kind}_index"
    named = {f"gallery_{kind}_{what}": step.format(index=index, table=table) for what, step in _STEPS.items()}
    return {"sqlite": {name: f"CREATE TRIGGER {name} {step}" for name, step in named.items()}, "postgresql": {}}


# By engine and name what makes each.
OF_PROMPTS = _following("document", "gallery_document")
OF_COMMENTS = _following("comment", "gallery_commentdocument")


def rebuild_prompts() -> None:
    _rebuild("gallery_document_index")


def rebuild_comments() -> None:
    _rebuild("gallery_comment_index")


def _rebuild(index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608 - our own names # nosec B608
