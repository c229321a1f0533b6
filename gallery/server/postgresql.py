"""What a PostgreSQL asks of whoever made the database: since version 15 nobody but its owner may make tables in it."""

from __future__ import annotations

from typing import Any

from django.db import connection

_QUESTION = """
    SELECT current_user, current_database(), schema, has_schema_privilege(schema, 'CREATE')
    FROM (SELECT coalesce(current_schema(), 'public') AS schema) AS used
"""


def lacks() -> str:
    """What our role may not do, and what to run about it; nothing if it may, or where there are no roles."""
    database: Any = connection
    if database.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION)
        role, name, schema, may = cursor.fetchone()
    if may:
        return ""
    quoted = connection.ops.quote_name
    return (
        f"{role} may not make tables in the database {name}. "
        f"Whoever administers the server runs there, by psql {name}: "
        f"GRANT ALL ON SCHEMA {quoted(schema)} TO {quoted(role)};"
    )
