"""The verbs of the tests of limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group

from gallery.models import User
from generator.create.meters import meters
from generator.models import Call, Limit
from tests.conftest import SILENT


def limit(what: str, amount: float, **scope: Any) -> Limit:
    made = Limit(what=what, amount=Decimal(str(amount)), **scope)
    made.full_clean()
    made.save()
    return made


def group(name: str, *members: User) -> Group:
    made = Group.objects.create(name=name)
    made.user_set.set(members)  # type: ignore[attr-defined]
    return made


def sent(call: Call) -> Call:
    assert call.claim(30)
    assert call.mark_sent()
    return call


def lost(call: Call) -> Call:
    assert sent(call).lose(SILENT)
    return call


def levels(user: User) -> list[str]:
    return [f"{meter.subject}: {meter.level}" for meter in meters(user)]
