"""Triggers that the database itself keeps to, and that Django does not know of.

Django remakes a table of SQLite when it changes one, and the new table has lost the triggers of the old
(docs.djangoproject.com, "Migrations", part "SQLite"). So whoever migrates makes them anew, and the doctor looks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from gallery.audit import append_only
from gallery.feedback import numbers
from gallery.search import following
from generator.worker import month_triggers, months


class ReliedOn(NamedTuple):
    """`triggers` tells by engine and name what makes each. `migration` made them first, and keeps its own words: who
    goes back behind it wants none. `make_good` puts right what they keep, after nobody knows how long without them.
    """

    migration: tuple[str, str]
    triggers: dict[str, dict[str, str]]
    make_good: Callable[[], object] | None = None


_MONTHS = ReliedOn(("generator", "0015_months"), month_triggers.TRIGGERS, months.forget)
RELIED_ON = [
    ReliedOn(("gallery", "0004_append_only"), append_only.TRIGGERS),
    ReliedOn(("gallery", "0011_document"), following.OF_PROMPTS, following.rebuild_prompts),
    ReliedOn(("gallery", "0017_mean_stars"), numbers.TRIGGERS, numbers.recount),
    ReliedOn(("gallery", "0015_comment_words"), following.OF_COMMENTS, following.rebuild_comments),
    _MONTHS,
]
_PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT tgname FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND pg_table_is_visible(tgrelid)"
    ),
}


def missing() -> list[str]:
    """Names of those that should be there by the migrations applied so far. Raises DatabaseError."""
    return list(_missing())


def restore() -> None:
    """Make those that are missing, and have counted what they keep counting. Raises DatabaseError."""
    if lost := _missing():
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in lost.values():
                cursor.execute(statement)
            for one in RELIED_ON:
                if one.make_good and one.triggers[connection.vendor].keys() & lost:
                    one.make_good()
    if _MONTHS.migration in _applied():
        months.restore()


def stand_aside_before_migrate(using: str, plan: Any, **_more: Any) -> None:
    """For the signal `pre_migrate`: SQLite lets nobody remake a table that a trigger of another one writes to."""
    if plan and using == connection.alias and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in numbers.TRIGGERS["sqlite"]:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def restore_after_migrate(using: str, **more: Any) -> None:
    """For the signal `post_migrate`, which emptying a database sends as well, without a plan."""
    if using != connection.alias:
        return
    if "plan" in more:
        restore()
    elif _MONTHS.migration in _applied():  # pictures were emptied, and perhaps after their counts
        months.forget()
        months.restore()


def _applied() -> Collection[tuple[str, str]]:
    return MigrationRecorder(connection).applied_migrations().keys()


def _missing() -> dict[str, str]:
    """What makes each, by its name."""
    applied = _applied()
    wanted = [one.triggers[connection.vendor] for one in RELIED_ON if one.migration in applied]
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    return {name: sql for triggers in wanted for name, sql in triggers.items() if name not in present}
