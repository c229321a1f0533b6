"""What has the database itself count pictures by month: see generator.models.month."""

from __future__ import annotations

_COUNT = """INSERT INTO generator_monthcount (month, owner, visibility, is_hidden, number, is_folded)
    SELECT number, owner, {row}.visibility, {row}.hidden_at IS NOT NULL, {sign}1, FALSE
    FROM
        (SELECT number, end_id FROM generator_month WHERE first_id <= {row}.id ORDER BY first_id DESC LIMIT 1) AS month,
        (SELECT 0 AS owner UNION ALL SELECT {row}.user_id) AS owners
    WHERE end_id > {row}.id AND {row}.trashed_at IS NULL;"""
_MORE, _LESS = _COUNT.format(row="new", sign="+"), _COUNT.format(row="old", sign="-")
_COLUMNS = ("id", "user_id", "visibility", "hidden_at", "trashed_at")
_OLD, _NEW = (", ".join(f"{row}.{column}" for column in _COLUMNS) for row in ("old", "new"))
_EVENTS = {
    "generator_image_added": "AFTER INSERT ON generator_image",
    "generator_image_removed": "AFTER DELETE ON generator_image",
    "generator_image_changed": f"AFTER UPDATE OF {', '.join(_COLUMNS)} ON generator_image",
}
_SQLITE = {
    "generator_image_added": f"BEGIN {_MORE} END",
    "generator_image_removed": f"BEGIN {_LESS} END",
    "generator_image_changed": f"WHEN ({_OLD}) IS NOT ({_NEW}) BEGIN {_LESS} {_MORE} END",
}
_POSTGRESQL = f"""
    CREATE OR REPLACE FUNCTION generator_image_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN {_LESS} END IF;
        IF TG_OP <> 'DELETE' THEN {_MORE} END IF;
        RETURN NULL;
    END $$;
    DROP TRIGGER IF EXISTS {{name}} ON generator_image;
    CREATE TRIGGER {{name}} {{event}} FOR EACH ROW {{condition}} EXECUTE FUNCTION generator_image_count()"""
_CONDITIONS = {"generator_image_changed": f"WHEN (({_OLD}) IS DISTINCT FROM ({_NEW}))"}
TRIGGERS: dict[str, dict[str, str]] = {
    "sqlite": {name: f"CREATE TRIGGER {name} {event} {_SQLITE[name]}" for name, event in _EVENTS.items()},
    "postgresql": {
        name: _POSTGRESQL.format(name=name, event=event, condition=_CONDITIONS.get(name, ""))
        for name, event in _EVENTS.items()
    },
}
