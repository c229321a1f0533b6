"""What is reserved when a call is made is settled when it ends, and by a person if nobody knows how it ended."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from generator.models import Call, Event, Generation, Limit, LimitError, Price
from tests.conftest import REFUSED, Cast
from tests.generator.models.accounting.limiting import levels, limit, lost, sent

Make = Callable[..., Generation]
What = Limit.What


def test_sending_again_needs_room_too(cast: Cast, make_generation: Make) -> None:
    limit(What.PICTURES_DAY, 1, each=True)
    call = lost(make_generation(cast.owner).calls.get())
    with pytest.raises(LimitError):
        call.try_again()
    call.refresh_from_db()
    assert (call.settled_at, call.generation.calls.count()) == (None, 1)
    assert not Event.objects.filter(what=Event.What.RETRIED).exists()
    Limit.objects.update(amount=2)
    assert call.try_again()
    assert levels(cast.owner) == ["your pictures today: 2 of 2 (1 under way)"]


def test_a_second_click_is_not_refused_because_of_the_first(cast: Cast, make_generation: Make) -> None:
    limit(What.PICTURES_DAY, 2)
    call = lost(make_generation(cast.owner).calls.get())
    seen_before = Call.objects.get(pk=call.pk)
    assert call.try_again()
    assert seen_before.try_again() is None


def figures(call: Call) -> tuple[int, int, Decimal | None, bool]:
    call.refresh_from_db()
    return call.pictures, call.units, call.cost, call.settled_at is not None


@pytest.mark.parametrize("act", ["dismiss", "try_again"])
def test_an_unknown_outcome_stays_reserved_until_a_person_lets_it_count(
    cast: Cast, make_generation: Make, act: str
) -> None:
    Price.objects.create(valid_from="2020-01-01", per_picture="0.5")
    call = lost(make_generation(cast.owner).calls.get())
    assert figures(call) == (1, 0, Decimal("0.5"), False)
    getattr(call, act)()
    assert figures(call) == (1, 0, Decimal("0.5"), True)


def test_staff_can_settle_an_unknown_outcome_as_not_charged(cast: Cast, make_generation: Make) -> None:
    Price.objects.create(valid_from="2020-01-01", per_picture="0.5")
    call = lost(make_generation(cast.owner).calls.get())
    assert call.settle_as_not_charged()
    assert figures(call) == (0, 0, Decimal(0), True)
    assert not call.settle_as_not_charged()
    assert [event.what for event in call.events.all()][-1] == Event.What.SETTLED


def test_a_late_reply_settles_with_what_really_came(cast: Cast, make_generation: Make) -> None:
    call = lost(make_generation(cast.owner).calls.get())
    call.settle_as_not_charged()
    assert call.receive(200)
    assert call.succeed(1, usage=9)
    assert figures(call) == (1, 9, None, True)


def test_what_never_left_counts_for_nothing(cast: Cast, make_generation: Make) -> None:
    Price.objects.create(valid_from="2020-01-01", per_picture="0.5")
    first, second = make_generation(cast.owner, count=2).calls.all()
    assert first.cancel()
    assert figures(first) == (0, 0, Decimal(0), True)
    sent(second).put_back(None)
    assert figures(second) == (1, 0, Decimal("0.5"), False)


def test_a_failure_that_was_settled_is_not_settled_again(cast: Cast, make_generation: Make) -> None:
    call = sent(make_generation(cast.owner).calls.get())
    call.fail(REFUSED)
    before = call.settled_at
    call.dismiss()
    call.refresh_from_db()
    assert call.settled_at == before
