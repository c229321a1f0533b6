"""What stars and comments of a picture come to, kept beside the picture by the database itself.

Triggers count anew whatever became of a row, in the transaction that changed it, so no way of writing can forget to.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

# A few stars prove little: two people more are taken to have given three stars each. In thousandths.
_RATING = """(SELECT (sum(stars) + 6) * 1000 / (count(*) + 2)
    FROM gallery_rating WHERE image_id = generator_image.id)"""
# In thousandths, rounded down: as far as a whole number of stars the rounded mean comes just when the mean does.
_MEAN = "(SELECT sum(stars) * 1000 / nullif(count(*), 0) FROM gallery_rating WHERE image_id = generator_image.id)"
# What everybody sees: a hidden comment is there for its writer alone.
_COMMENTS = """(SELECT nullif(count(*), 0)
    FROM gallery_comment WHERE image_id = generator_image.id AND state = 'shown')"""
# By table: the columns of the picture, what each has to be, and what of a row changes that.
_COUNTED = {
    "gallery_rating": ({"rating": _RATING, "mean_stars": _MEAN}, "stars, image_id"),
    "gallery_comment": ({"comment_count": _COMMENTS}, "state, image_id"),
}
_ROWS = {"insert": "new.image_id", "delete": "old.image_id", "update": "old.image_id, new.image_id"}
_SQLITE = """CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN
    UPDATE generator_image SET {numbers} WHERE id IN ({rows}); END"""
# The row is taken first, so that of two who rate at once the second counts what the first one gave. Its key stays,
# which is all that a new row that points to it asks for.
_POSTGRESQL = """
    CREATE OR REPLACE FUNCTION {table}_counted() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE one uuid;
    BEGIN
        FOR one IN SELECT DISTINCT id FROM unnest(ARRAY[OLD.image_id, NEW.image_id]) AS id WHERE id IS NOT NULL LOOP
            PERFORM 1 FROM generator_image WHERE id = one FOR NO KEY UPDATE;
            UPDATE generator_image SET {numbers} WHERE id = one;
        END LOOP;
        RETURN NULL;
    END $$;
    DROP TRIGGER IF EXISTS {table}_counted ON {table};
    CREATE TRIGGER {table}_counted AFTER INSERT OR DELETE OR UPDATE OF {changes} ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_counted()"""


# Looks at pictures alone that have a number or are to have one.
_WRONG = """id IN (SELECT image_id FROM {table} UNION SELECT id FROM generator_image WHERE {column} > 0)
    AND coalesce({column}, 0) <> coalesce({value}, 0)"""
_COUNT = "(SELECT count(*) FROM generator_image WHERE {wrong})"
_MEND = "UPDATE generator_image SET {column} = {value} WHERE {wrong}"
_LOCK = "LOCK TABLE gallery_rating, gallery_comment IN SHARE ROW EXCLUSIVE MODE"


def _numbers(columns: dict[str, str]) -> str:
    return ", ".join(f"{column} = {value}" for column, value in columns.items())


def _on_sqlite(table: str, columns: dict[str, str], changes: str) -> dict[str, str]:
    found = {}
    for what, rows in _ROWS.items():
        name, event = f"{table}_counted_{what}", f"{what} OF {changes}" if what == "update" else what
        said = {"name": name, "event": event, "table": table, "numbers": _numbers(columns), "rows": rows}
        found[name] = _SQLITE.format(**said)
    return found


# By engine and name what makes each.
TRIGGERS = {
    "sqlite": {name: sql for table, counted in _COUNTED.items() for name, sql in _on_sqlite(table, *counted).items()},
    "postgresql": {
        f"{table}_counted": _POSTGRESQL.format(table=table, numbers=_numbers(columns), changes=changes)
        for table, (columns, changes) in _COUNTED.items()
    },
}


def wrong() -> int:
    """How many numbers differ from what the rows say. Raises DatabaseError."""
    counts = (_COUNT.format(**counted) for counted in _counted())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {' + '.join(counts)}")
        found: int = cursor.fetchone()[0]
    return found


def recount() -> int:
    """Put right those that are wrong: how many. Nobody rates or comments meanwhile. Raises DatabaseError."""
    changed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_LOCK)
        for counted in _counted():
            cursor.execute(_MEND.format(**counted))
            changed += cursor.rowcount
    return changed


def _counted() -> Iterator[dict[str, str]]:
    for table, (columns, _) in _COUNTED.items():
        for column, value in columns.items():
            yield {"column": column, "value": value, "wrong": _WRONG.format(table=table, column=column, value=value)}
