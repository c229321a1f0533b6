"""Closed days: filled once, spoilt by any change, never filled with what is out of date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generator.models import Call, Generation, Span, Tally
from generator.models.accounting.figures import ACCURACY, bucket, middle
from generator.models.accounting.tally import monday
from generator.worker.rollup import count, fill, roll_up
from tests.conftest import Cast


def long_ago(call: Call, days: int = 30) -> Call:
    Call.objects.filter(pk=call.pk).update(created_at=timezone.now() - timedelta(days=days))
    call.refresh_from_db()
    return call


def day_of(call: Call) -> Span:
    return Span.objects.get(unit="day", start=timezone.localtime(call.created_at).date())


def test_only_days_that_are_over_are_filled(cast: Cast, make_generation: Callable[..., Generation]) -> None:
    call = long_ago(make_generation(cast.owner).calls.get(), 10)
    make_generation(cast.owner)
    while roll_up():
        pass
    today = timezone.localdate()
    filled = Span.objects.filter(filled=True)
    assert all(span.end <= today for span in filled)
    assert filled.filter(unit="day").count() in (9, 10)  # yesterday is left alone for an hour
    assert Tally.objects.get(span=day_of(call), by="both").calls == 1
    assert roll_up(60) == 0


def test_where_nothing_is_to_be_filled_nothing_is_written(
    cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    """It would wait for whoever writes just then."""
    long_ago(make_generation(cast.owner).calls.get(), 10)
    while roll_up():
        pass
    with CaptureQueriesContext(connection) as captured:
        assert roll_up() == 0
    assert all(query["sql"].startswith("SELECT") for query in captured)


def test_a_change_spoils_day_and_week(cast: Cast, make_generation: Callable[..., Generation]) -> None:
    call = long_ago(make_generation(cast.owner).calls.get())
    while roll_up():
        pass
    before = day_of(call).stamp
    assert call.cancel()
    assert not day_of(call).filled
    assert day_of(call).stamp != before
    assert not Span.objects.get(unit="week", start=monday(day_of(call).start)).filled
    assert Span.objects.filter(filled=False).count() == 2
    assert roll_up(60) == 2
    assert Tally.objects.get(span=day_of(call), by="").state == "cancelled"


def test_what_counts_for_nothing_spoils_nothing(cast: Cast, make_generation: Callable[..., Generation]) -> None:
    call = long_ago(make_generation(cast.owner).calls.get())
    while roll_up():
        pass
    assert call._move(Q(), lease_until=timezone.now())
    assert call._move(Q(), not_before=timezone.now())
    assert day_of(call).filled
    fresh = make_generation(cast.owner).calls.get()
    fresh.cancel()
    assert not Span.objects.filter(start=timezone.localdate(), unit="day").exists()


def test_a_change_while_somebody_counts_is_not_lost(
    cast: Cast, make_generation: Callable[..., Generation], monkeypatch: Any
) -> None:
    """The call changes between the counting and the keeping of what was counted."""
    call = long_ago(make_generation(cast.owner).calls.get())

    def counting(*days: Any) -> Any:
        found = count(*days)
        call.cancel()
        return found

    monkeypatch.setattr("generator.worker.rollup.count", counting)
    day = timezone.localtime(call.created_at).date()
    assert not fill("day", day)
    assert not day_of(call).filled
    assert fill("day", day)
    assert day_of(call).filled


def test_another_time_zone_has_other_days(
    cast: Cast, make_generation: Callable[..., Generation], settings: Any
) -> None:
    long_ago(make_generation(cast.owner).calls.get(), 20)
    while roll_up():
        pass
    settings.TIME_ZONE = "Pacific/Auckland"
    timezone.get_default_timezone.cache_clear()
    try:
        roll_up(0)
        assert not Span.objects.filter(filled=True, zone="UTC").exists()
    finally:
        settings.TIME_ZONE = "UTC"
        timezone.get_default_timezone.cache_clear()


def test_after_a_change_of_the_time_zone_each_call_counts_once(
    cast: Cast, make_generation: Callable[..., Generation], settings: Any
) -> None:
    for number in range(3):
        long_ago(make_generation(cast.owner).calls.get(), 20 + number)
    try:
        for zone in ("UTC", "Pacific/Auckland", "America/Lima"):
            settings.TIME_ZONE = zone
            timezone.get_default_timezone.cache_clear()
            while roll_up():
                pass
            for unit in (Span.Unit.DAY, Span.Unit.WEEK):
                whole = Tally.objects.filter(span__unit=unit, span__filled=True, by=Tally.By.NOTHING)
                assert sum(whole.values_list("calls", flat=True)) == 3, (zone, unit)
            assert set(Span.objects.filter(filled=True).values_list("zone", flat=True)) == {zone}
    finally:
        settings.TIME_ZONE = "UTC"
        timezone.get_default_timezone.cache_clear()


def test_a_day_that_is_not_over_after_all_is_opened_again(
    cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    make_generation(cast.owner)
    Span.objects.create(unit="day", start=timezone.localdate() + timedelta(days=2), zone="UTC", filled=True)
    roll_up()
    assert not Span.objects.filter(filled=True).exists()


def test_buckets_are_as_narrow_as_they_say() -> None:
    for number in range(1, 20000):
        seconds = number / 50
        assert abs(middle(bucket(seconds)) / seconds - 1) <= ACCURACY + 1e-9
    assert bucket(-3) == bucket(0) == 0
