"""What people read about limits: a refusal, whose limit it is, and why one cannot be set."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from generator.models import Generation, Limit, LimitError, Price
from tests.conftest import Cast
from tests.generator.models.accounting.limiting import group, limit

Make = Callable[..., Generation]
What = Limit.What


def test_a_refusal_says_what_is_used_up_when_it_resets_and_whom_to_ask(
    cast: Cast, make_generation: Make, settings: Any
) -> None:
    limit(What.PICTURES_DAY, 2, group=group("class-3b", cast.owner, cast.member))
    make_generation(cast.member, count=2)
    with pytest.raises(LimitError) as refused:
        make_generation(cast.owner)
    said = "Used up: pictures of class-3b today, 2 of 2 (2 under way). Resets at midnight. For more, ask "
    assert refused.value.sentence == f"{said}an administrator."
    settings.CONTACT = "Frau Weber"
    assert refused.value.sentence == f"{said}Frau Weber."
    assert refused.value.sentence_for_staff.endswith("This is the limit of all of class-3b together.")
    assert "max" not in refused.value.sentence


@pytest.mark.parametrize(
    ("what", "amount", "said"),
    [
        (What.IN_FLIGHT, 3, "The limit on your calls at the same time is 3, and this would take 4. For more, ask "),
        (What.MONEY_MONTH, 1, "The limit on your spending this month is 1.00 EUR, and this would take 2.00 EUR. For "),
        (What.PICTURES_DAY, 0, "The limit on your pictures today is 0, and this would take 4. For more, ask "),
        (What.UNITS_MONTH, 0, "The limit on your usage units this month is 0. For more, ask an administrator."),
    ],
)
def test_what_never_fits_is_not_put_off(cast: Cast, make_generation: Make, what: What, amount: int, said: str) -> None:
    Price.objects.create(valid_from="2020-01-01", per_picture="0.50")
    limit(what, amount, each=True)
    with pytest.raises(LimitError) as refused:
        make_generation(cast.owner, count=4)
    assert refused.value.sentence.startswith(said)
    assert refused.value.resets_at is None


def test_what_is_used_up_is_so_however_much_was_asked(cast: Cast, make_generation: Make) -> None:
    limit(What.PICTURES_DAY, 2, each=True)
    make_generation(cast.owner, count=2)
    with pytest.raises(LimitError, match=r"Used up: .* Resets at midnight"):
        make_generation(cast.owner, count=4)


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ({"group": True, "each": True}, "each member of class-3b"),
        ({"group": True}, "all of class-3b together"),
        ({"user": True}, "olga"),
        ({"each": True}, "each member"),
        ({}, "everyone together"),
    ],
)
def test_staff_read_whose_limit_it_is(cast: Cast, scope: dict[str, Any], said: str) -> None:
    people = {"group": group("class-3b"), "user": cast.owner}
    found = {name: people.get(name, value) for name, value in scope.items()}
    assert Limit(what=What.PICTURES_DAY, amount=1, **found).scope == said


@pytest.mark.parametrize(
    ("what", "amount", "scope", "said"),
    [
        (What.PICTURES_DAY, "1", {"user": True, "group": True}, "not for two of them"),
        (What.PICTURES_DAY, "1", {"user": True, "each": True}, "for groups and for everyone"),
        (What.PICTURES_DAY, "1.5", {"user": True}, "Only money has fractions"),
        (What.PICTURES_DAY, "-1", {"user": True}, "greater than or equal to 0"),
        (What.PICTURES_MONTH, "1", {}, "There is such a limit for these people already"),
    ],
)
def test_a_limit_that_makes_no_sense_is_told(
    cast: Cast, what: str, amount: str, scope: dict[str, Any], said: str
) -> None:
    limit(What.PICTURES_MONTH, 5)
    people = {"group": group("class-3b"), "user": cast.owner}
    found = {name: people.get(name, value) for name, value in scope.items()}
    with pytest.raises(ValidationError, match=said):
        Limit(what=what, amount=Decimal(amount), **found).full_clean()
