"""Limits: whose use is counted, and when there is room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generator.create.meters import meters
from generator.models import Call, Generation, Limit, LimitError, Price
from tests.conftest import Cast
from tests.generator.models.accounting.limiting import group, levels, limit, lost, sent

Make = Callable[..., Generation]
What = Limit.What


# Whose use


def test_each_kind_of_people_is_counted_as_it_says(cast: Cast, make_generation: Make) -> None:
    school, choir = group("school", cast.owner, cast.member), group("choir", cast.owner, cast.stranger)
    limit(What.PICTURES_DAY, 10, user=cast.owner)
    limit(What.PICTURES_DAY, 20, group=school)
    limit(What.PICTURES_DAY, 30, group=choir)
    limit(What.PICTURES_DAY, 40, group=choir, each=True)
    limit(What.PICTURES_DAY, 50)
    limit(What.PICTURES_DAY, 60, each=True)
    for user, count in ((cast.owner, 1), (cast.member, 2), (cast.stranger, 3), (cast.moderator, 4)):
        make_generation(user, count=count)
    assert sorted(levels(cast.owner)) == sorted([
        "your pictures today: 1 of 10 (1 under way)",
        "pictures of school today: 3 of 20 (3 under way)",
        "pictures of choir today: 4 of 30 (4 under way)",
        "your pictures today: 1 of 40 (1 under way)",
        "everyone\u2019s pictures today: 10 of 50 (10 under way)",
        "your pictures today: 1 of 60 (1 under way)",
    ])  # fmt: skip
    assert len(levels(cast.moderator)) == 2


def test_the_one_used_up_most_comes_first(cast: Cast, make_generation: Make) -> None:
    limit(What.PICTURES_MONTH, 100)
    limit(What.IN_FLIGHT, 3, each=True)
    limit(What.PICTURES_DAY, 8, each=True)
    make_generation(cast.owner, count=2)
    assert [meter.limit.what for meter in meters(cast.owner)] == ["in flight", "pictures/day", "pictures/month"]
    assert [meter.percent for meter in meters(cast.owner)] == [66, 25, 2]


def test_used_and_reserved_are_told_apart(cast: Cast, make_generation: Make) -> None:
    limit(What.PICTURES_DAY, 10, each=True)
    limit(What.UNITS_MONTH, 1000, each=True)
    call, *_ = make_generation(cast.owner, count=3).calls.all()
    sent(call).receive(200)
    call.succeed(usage=152)
    by_what = {meter.limit.what: meter for meter in meters(cast.owner)}
    day, units = by_what["pictures/day"], by_what["units/month"]
    assert (day.used, day.reserved, day.left, day.share) == (1, 2, 7, Decimal("0.3"))
    assert (units.used, units.reserved, units.left) == (152, 0, 848)


def test_a_day_and_a_month_are_those_of_the_instance(cast: Cast, make_generation: Make, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    limit(What.PICTURES_DAY, 10, each=True)
    limit(What.PICTURES_MONTH, 10, each=True)
    made = {"2026-03-28T22:59Z": 1, "2026-03-28T23:00Z": 2, "2026-03-29T21:59Z": 1, "2026-03-29T22:00Z": 4}
    for moment, count in made.items():
        calls = make_generation(cast.owner, width=64, height=64, count=count).calls
        calls.update(created_at=moment)
    from generator.models.accounting.measure import meters as at

    day = datetime(2026, 3, 29, 12, tzinfo=UTC)
    found = {meter.limit.what: meter for meter in at(Call.objects.all(), cast.owner.pk, day)}
    assert (found["pictures/day"].reserved, found["pictures/month"].reserved) == (3, 8)
    assert found["pictures/day"].resets_at == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert found["pictures/month"].resets_at == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert found["pictures/month"].resets == "resets on 1 April"


def test_more_limits_and_groups_take_no_more_queries(cast: Cast, make_generation: Make) -> None:
    Price.objects.create(valid_from="2020-01-01", per_picture=1)
    counts = []
    for number in (1, 10):
        for place in range(number):
            members = group(f"group-{number}-{place}", cast.owner)
            for what in What:
                limit(what, 100, group=members)
                limit(what, 100, group=members, each=True)
        for what in What:
            Limit.objects.get_or_create(what=what, user=None, group=None, defaults={"amount": 100})
        make_generation(cast.owner, count=number % 4)
        with CaptureQueriesContext(connection) as queries:
            assert len(meters(cast.owner)) > 10 * number
        counts.append(len(queries))
    assert counts == [8, 8]


# Room


def test_what_fits_exactly_is_let_through_and_one_more_is_not(cast: Cast, make_generation: Make) -> None:
    limit(What.PICTURES_DAY, 3, each=True)
    make_generation(cast.owner, count=2)
    with pytest.raises(LimitError) as refused:
        make_generation(cast.owner, count=2)
    error = refused.value
    assert (error.used, error.reserved, error.asked, error.limit.amount) == (0, 2, 2, 3)
    assert error.resets_at
    assert error.resets_at > timezone.now()
    assert Generation.objects.count() == 1
    make_generation(cast.owner, count=1)
    make_generation(cast.member, count=3)


@pytest.mark.parametrize("what", list(What))
def test_what_allows_nothing_refuses_everything(cast: Cast, make_generation: Make, what: str) -> None:
    Price.objects.create(valid_from="2020-01-01", per_unit=1)
    limit(what, 0)
    with pytest.raises(LimitError):
        make_generation(cast.owner)
    assert not Call.objects.exists()


def test_money_is_limited_by_the_estimate(cast: Cast, make_generation: Make) -> None:
    Price.objects.create(valid_from="2020-01-01", per_picture="0.30")
    limit(What.MONEY_MONTH, 1, each=True)
    make_generation(cast.owner, count=3)
    with pytest.raises(LimitError, match=r"0\.90 of 1\.00 EUR"):
        make_generation(cast.owner, count=1)


def test_what_is_free_is_not_limited_by_money(cast: Cast, make_generation: Make) -> None:
    limit(What.MONEY_MONTH, 0)
    make_generation(cast.owner)
    assert meters(cast.owner) == []
    Price.objects.create(valid_from="2020-01-01", per_call=1)
    Price.objects.create(model="gift", valid_from="2020-01-01")
    make_generation(cast.owner, model="gift")
    with pytest.raises(LimitError):
        make_generation(cast.owner, model="flux")


def test_calls_at_the_same_time_free_up_one_by_one(cast: Cast, make_generation: Make) -> None:
    limit(What.IN_FLIGHT, 2, each=True)
    first, _ = make_generation(cast.owner, count=2).calls.all()
    with pytest.raises(LimitError) as refused:
        make_generation(cast.owner)
    assert refused.value.resets_at is None
    lost(first)
    make_generation(cast.owner)


def test_the_same_submission_is_never_refused_because_of_itself(cast: Cast, make_generation: Make) -> None:
    limit(What.PICTURES_DAY, 2)
    first = make_generation(cast.owner, token="t", count=2)
    assert make_generation(cast.owner, token="t", count=2) == first


def test_without_limits_there_is_no_lock_and_one_query_more(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    with CaptureQueriesContext(connection) as queries:
        make_generation(cast.owner)
    said = [query["sql"] for query in queries]
    assert not [sql for sql in said if "generator_provider" in sql]
    assert len([sql for sql in said if "generator_limit" in sql]) == 1
    assert len([sql for sql in said if "generator_price" in sql]) == 1


def test_of_several_that_refuse_the_one_that_holds_longest_is_told(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    limit(What.IN_FLIGHT, 1)
    limit(What.PICTURES_MONTH, 1)
    limit(What.PICTURES_DAY, 1)
    with pytest.raises(LimitError, match="this month"):
        make_generation(cast.owner)
    limit(What.PICTURES_DAY, 0, each=True)
    with pytest.raises(LimitError, match="The limit on your pictures today is 0"):
        make_generation(cast.owner)


def test_a_warning_begins_at_eighty_per_cent(cast: Cast, make_generation: Make) -> None:
    limit(What.PICTURES_DAY, 5, each=True)
    seen = []
    for _ in range(5):
        make_generation(cast.owner)
        (meter,) = meters(cast.owner)
        seen.append((meter.percent, meter.is_close, meter.is_used_up))
    assert seen[2:] == [(60, False, False), (80, True, False), (100, True, True)]


def test_yesterday_is_over(cast: Cast, make_generation: Make) -> None:
    limit(What.PICTURES_DAY, 1, each=True)
    make_generation(cast.owner)
    Call.objects.update(created_at=timezone.now() - timedelta(days=1))
    make_generation(cast.owner)
