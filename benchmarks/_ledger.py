"""A ledger by the million: a year of calls of a busy instance, written as fast as the database takes them."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import Group
from django.db import connection, transaction

from gallery.models import User
from generator.models import Call, Generation

DAYS = 365
MODELS = {"flux": 40, "kandinsky": 20, "flux-2-dev": 15, "gpt-image-1-mini": 12, "nano-banana-pro": 8, "flux-2-max": 5}
STATES = {"succeeded": 92, "failed": 5, "unknown": 1, "cancelled": 2}
KINDS = {"refused": 40, "provider": 35, "unreadable": 15, "quota": 10}
GROUPS = 3
BATCH = 10_000


def add_people(count: int) -> list[User]:
    """Members, each in one of a few groups."""
    people = User.objects.bulk_create(User(username=f"member-{number:02}") for number in range(count))
    for number in range(GROUPS):
        Group.objects.create(name=f"class {number + 1}").user_set.set(people[number::GROUPS])
    return people


def fill(people: list[User], total: int, until: datetime) -> None:
    """So many calls over the year before `until`, oldest first, every one with a generation of its own."""
    step = timedelta(days=DAYS) / total
    for start in range(0, total, BATCH):
        add(people, [until - step * (total - number) for number in range(start, min(start + BATCH, total))])
    with connection.cursor() as cursor:
        # PostgreSQL does this by itself a minute later; SQLite never does, so it is not helped here either.
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")


def add(people: list[User], moments: list[datetime]) -> None:
    """Calls made at these moments."""
    weights = [1 / (place + 2) for place in range(len(people))]
    users = random.choices([user.pk for user in people], weights, k=len(moments))
    models = random.choices(list(MODELS), list(MODELS.values()), k=len(moments))
    states = random.choices(list(STATES), list(STATES.values()), k=len(moments))
    ids = [_id(moment) for moment in moments]
    generations = [_generation(*row) for row in zip(ids, users, models, moments, strict=True)]
    calls = [_call(*row) for row in zip(ids, users, states, moments, strict=True)]
    with transaction.atomic():
        _insert(Generation, generations)
        _insert(Call, calls)


def _id(moment: datetime) -> UUID:
    """A UUIDv7 of that moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | random.getrandbits(61))


def _generation(pk: UUID, user: int, model: str, moment: datetime) -> dict[str, Any]:
    return {"id": pk, "user_id": user, "prompt": "A quiet harbour at dawn", "model": model, "ratio": "1:1",
            "token": uuid4().hex, "created_at": moment}  # fmt: skip


def _call(pk: UUID, user: int, state: str, moment: datetime) -> dict[str, Any]:
    elapsed = random.lognormvariate(1.6, 0.6)
    waited = elapsed + random.expovariate(0.5)
    row = {"id": pk, "generation_id": pk, "user_id": user, "number": 1, "state": state, "created_at": moment,
           "finished_at": moment + timedelta(seconds=waited), "settled_at": None, "tries": 1}  # fmt: skip
    if state == "succeeded":
        usage = random.randint(1, 1500)
        row |= {"elapsed_time": elapsed, "usage": usage, "units": usage, "pictures": 1, "cost": Decimal("0.0400"),
                "reply_model": "flux", "reply_id": f"imagen_{pk.hex}"}  # fmt: skip
    if state == "failed":
        row["error_kind"] = random.choices(list(KINDS), list(KINDS.values()))[0]
    if state != "unknown":
        row["settled_at"] = row["finished_at"]
    return row


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    """Without making objects that Django would have to take apart again."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    sql = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})'  # noqa: S608 - names of our own
    kept = {field.attname: field.get_db_prep_save(field.get_default(), connection) for field in fields}
    known = {field.attname: field for field in fields}
    with connection.cursor() as cursor:
        cursor.executemany(sql, [_prepared(known, kept, row) for row in rows])


def _prepared(known: dict[str, Any], kept: dict[str, Any], row: dict[str, Any]) -> list[Any]:
    """The row's own values as the database takes them, and what all rows have in common."""
    own = {name: known[name].get_db_prep_save(value, connection) for name, value in row.items()}
    return list((kept | own).values())
