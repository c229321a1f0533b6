"""The databases' own indexes of words, and what keeps SQLite's in step with the rows that hold the words (sqlite.org,
FTS5, part 4.4.3). PostgreSQL's are of those tables themselves, and need nothing.
"""

from __future__ import annotations

from django.db import DatabaseError, connection, transaction

_ADD = "INSERT INTO {index} (rowid, stems, exact) VALUES (new.id, new.stems, new.exact);"
_TAKE = "INSERT INTO {index} ({index}, rowid, stems, exact) VALUES ('delete', old.id, old.stems, old.exact);"
_REBUILD = "INSERT INTO {index} ({index}) VALUES ('rebuild')"
_CHECK = "INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"
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


# What has such an index: pictures, whose rows are called documents, and comments.
_KINDS = ("document", "comment")


def rebuild() -> None:
    """Make all of them anew from the rows; it locks the tables meanwhile."""
    for kind in _KINDS:
        _rebuild(kind)


def rebuild_prompts() -> None:
    _rebuild("document")


def rebuild_comments() -> None:
    _rebuild("comment")


def _rebuild(kind: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(_REBUILD.format(index=f"gallery_{kind}_index"))
        else:
            cursor.execute(f"REINDEX INDEX gallery_{kind}_words")


def are_sound() -> bool:
    """Whether SQLite's say what the rows say. PostgreSQL makes its own of each row, and cannot differ."""
    if connection.vendor != "sqlite":
        return True
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for kind in _KINDS:
                cursor.execute(_CHECK.format(index=f"gallery_{kind}_index"))
    except DatabaseError:
        return False
    return True
