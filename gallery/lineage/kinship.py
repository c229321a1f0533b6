"""Which pictures belong to the family of one: what it was made from, what was made from that, and so on.

A family ends where somebody may see nothing: what was made from a picture that they may not see is no kin to them, for
that there is such a picture is not theirs to know. So who may see what is asked at each step, of `visible_to`.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from generator.models import Generation, Image

# Pictures of a page, and steps from the picture up and down. Pages nest as deep as both together, and browsers give up
# at five hundred elements within each other.
MOST, FARTHEST = 500, 50
# Of the pictures, those that come of the picture itself are looked for first.
MOST_BELOW = MOST // 2

# A generation is made from a picture, and a picture belongs to a generation. Each part is read no further than its
# LIMIT, in the order in which it is found: generation by generation.
_SQL = """
WITH RECURSIVE
up(id, generation_id, parent_id, steps) AS (
    SELECT i.id, i.generation_id, g.parent_id, 0
    FROM {image} i JOIN {generation} g ON g.id = i.generation_id WHERE i.id = %s
    UNION ALL
    SELECT i.id, i.generation_id, g.parent_id, up.steps + 1
    FROM up JOIN ({seen}) i ON i.id = up.parent_id JOIN {generation} g ON g.id = i.generation_id
    WHERE up.steps < {farthest}
),
below(id, generation_id, steps) AS (
    SELECT id, generation_id, 0 FROM up WHERE steps = 0
    UNION ALL
    SELECT i.id, i.generation_id, 0 FROM ({seen}) i
    WHERE i.generation_id = (SELECT generation_id FROM up WHERE steps = 0) AND i.id NOT IN (SELECT id FROM up)
    UNION ALL
    SELECT i.id, i.generation_id, below.steps + 1
    FROM below JOIN {generation} g ON g.parent_id = below.id JOIN ({seen}) i ON i.generation_id = g.id
    WHERE below.steps < {farthest}
),
down(id, generation_id, steps) AS (
    SELECT i.id, i.generation_id, 0 FROM ({seen}) i
    WHERE i.generation_id = (SELECT generation_id FROM up ORDER BY steps DESC LIMIT 1)
    UNION ALL
    SELECT i.id, i.generation_id, down.steps + 1
    FROM down JOIN {generation} g ON g.parent_id = down.id JOIN ({seen}) i ON i.generation_id = g.id
    WHERE down.steps < 2 * {farthest}
)
SELECT id, steps, 'up' FROM up
UNION ALL SELECT * FROM (SELECT id, steps, 'below' FROM below LIMIT {below}) near
UNION ALL SELECT * FROM (SELECT id, steps, 'down' FROM down LIMIT {most}) others
"""


class Kin(NamedTuple):
    """Ids of pictures, the picture itself first; `is_whole` unless there are more, or may be."""

    pictures: list[UUID]
    is_whole: bool


def kin(user: Any, image: Image) -> Kin:
    """The family of a picture that this person has opened. One query, however large it is."""
    seen, params = Image.objects.visible_to(user).order_by().values_list("id", "generation_id").query.sql_with_params()
    tables = {"image": Image._meta.db_table, "generation": Generation._meta.db_table}
    limits = {"farthest": FARTHEST, "below": MOST_BELOW, "most": MOST + 1}
    own = Image._meta.pk.get_db_prep_value(image.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(seen=seen, **tables, **limits), [own, *params * _SQL.count("{seen}")])
        rows = cursor.fetchall()
    found = list(dict.fromkeys(UUID(str(pk)) for pk, _, _ in rows))
    up, down = ([steps for _, steps, part in rows if part == name] for name in ("up", "down"))
    is_whole = max(up) < FARTHEST and len(down) <= MOST and max(down, default=0) < 2 * FARTHEST
    return Kin(found[:MOST], is_whole)
