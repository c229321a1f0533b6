"""A ledger of random calls, and what it adds up to by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from gallery.models import User
from generator.models import Call, Generation
from tests.conftest import Cast

ZONE = "Europe/Berlin"
# Three weeks around the night in which the clocks of that zone are set back.
AROUND = datetime(2025, 10, 26, 12, tzinfo=UTC)
STATES = ("succeeded", "succeeded", "succeeded", "failed", "failed", "unknown", "cancelled", "queued", "sending")
KINDS = ("provider", "refused", "unreadable")


@pytest.fixture(autouse=True)
def _zone(settings: Any) -> Any:
    settings.TIME_ZONE = ZONE
    timezone.get_default_timezone.cache_clear()
    yield
    settings.TIME_ZONE = "UTC"
    timezone.get_default_timezone.cache_clear()


@pytest.fixture
def groups(cast: Cast) -> list[Group]:
    """Olga and Max are in one, Max is in another too, and Sam in none."""
    found = [Group.objects.create(name=name) for name in ("class a", "class b")]
    found[0].user_set.set([cast.owner, cast.member])
    found[1].user_set.set([cast.member])
    return found


@pytest.fixture
def add_call(cast: Cast) -> Callable[..., Call]:
    """A call with any columns; `at` is when it was made."""

    def add(user: User, at: datetime, model: str = "flux", **columns: Any) -> Call:
        add_calls([{"user": user, "at": at, "model": model} | columns])
        return Call.objects.latest("pk")

    return add


def add_calls(lines: list[dict[str, Any]]) -> None:
    """Calls with these columns, made `at` some time; a few statements whatever their number."""
    calls = []
    for line in lines:
        user, at, model = line.pop("user"), line.pop("at"), line.pop("model")
        asked = {"prompt": "A teal square", "model": model, "ratio": "1:1", "token": uuid4().hex}
        generation = Generation(user=user, **asked)
        calls.append(Call(generation=generation, user=user, number=1, created_at=at, **line))
    Generation.objects.bulk_create(call.generation for call in calls)
    with patch.object(Call._meta.get_field("created_at"), "auto_now_add", new=False):
        Call.objects.all().bulk_create(calls)


@pytest.fixture
def ledger(cast: Cast, groups: list[Group]) -> random.Random:
    """A hundred and fifty random calls; the dice go on."""
    dice = random.Random(11)
    add_calls([throw(dice, cast) for _ in range(150)])
    return dice


def throw(dice: random.Random, cast: Cast) -> dict[str, Any]:
    """The columns of a random call."""
    at = AROUND + timedelta(seconds=dice.randint(-11 * 86400, 11 * 86400))
    user = dice.choice([cast.owner, cast.owner, cast.member, cast.stranger])
    model = dice.choice(["flux", "kandinsky", "flux-2-dev"])
    return {"user": user, "at": at, "model": model} | columns(dice, at)


def columns(dice: random.Random, at: datetime) -> dict[str, Any]:
    state = dice.choice(STATES)
    ended = at + timedelta(seconds=dice.uniform(0.5, 90)) if state not in ("queued", "sending") else None
    is_settled = ended and state != "unknown"
    return {
        "state": state,
        "error_kind": dice.choice(KINDS) if state == "failed" else "silence" if state == "unknown" else "",
        "finished_at": ended,
        "settled_at": ended if is_settled else None,
        "pictures": dice.randint(0, 4),
        "units": dice.randint(0, 4000),
        "cost": dice.choice([None, Decimal(dice.randint(0, 90000)) / 10000]),
        "elapsed_time": dice.uniform(0.3, 60) if state == "succeeded" else None,
    }


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.fixture
def staff(client: Client, cast: Cast) -> Client:
    client.force_login(cast.moderator)
    return client
