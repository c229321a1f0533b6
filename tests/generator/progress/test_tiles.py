"""Places in the queue, usual times, and the words for each state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generator.models import Call, Generation, Image, Provider
from generator.models.failure_words import Failure
from generator.progress.shown import Shown, seen_generations, show
from generator.progress.tiles import Progress, Tile, pace, places, usual_waits
from tests.conftest import BROKEN, REFUSED, Cast

Make = Callable[..., Generation]


def tile_of(call: Call) -> Tile:
    return Progress([call]).tile(call)


def finish(call: Call, seconds: float) -> None:
    now = timezone.now()
    Call.objects.filter(pk=call.pk).update(
        state=Call.State.SUCCEEDED, sent_at=now - timedelta(seconds=seconds), received_at=now
    )


# Places


def test_alone_ones_calls_go_one_after_the_other(cast: Cast, make_generation: Make) -> None:
    calls = make_generation(cast.owner, count=4).calls.all()
    ahead = places({cast.owner.pk})
    assert [ahead[call.pk] for call in calls] == [0, 1, 2, 3]


def test_people_take_turns_so_a_long_queue_of_one_does_not_hold_up_another(cast: Cast, make_generation: Make) -> None:
    for _ in range(5):
        make_generation(cast.member, count=4)
    make_generation(cast.stranger)
    calls = make_generation(cast.owner, count=3).calls.all()
    ahead = places({cast.owner.pk})
    assert [ahead[call.pk] for call in calls] == [0 + 1 + 1, 1 + 2 + 1, 2 + 3 + 1]


def test_calls_that_are_no_longer_queued_are_not_waited_for(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.member).calls.get().claim(30)
    make_generation(cast.member).calls.get().cancel()
    call = make_generation(cast.owner).calls.get()
    assert places({cast.owner.pk}) == {call.pk: 0}


def test_places_take_two_queries_however_many_wait(
    cast: Cast, make_generation: Make, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for person in (cast.owner, cast.member, cast.stranger):
        make_generation(person, count=4)
    with django_assert_num_queries(2):
        places({cast.owner.pk, cast.member.pk})


# Usual times


def test_the_usual_time_is_the_median_of_the_models_last_successes(cast: Cast, make_generation: Make) -> None:
    for seconds in (1, 2, 30):
        finish(make_generation(cast.owner).calls.get(), seconds)
    finish(make_generation(cast.owner, model="slow").calls.get(), 90)
    assert usual_waits() == {"flux": pytest.approx(2), "slow": pytest.approx(90)}


def test_only_the_last_twenty_count(cast: Cast, make_generation: Make) -> None:
    for seconds in [500] * 25 + [5] * 20:
        finish(make_generation(cast.owner).calls.get(), seconds)
    assert usual_waits()["flux"] == pytest.approx(5)


def test_a_late_reply_without_times_does_not_count(cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    Call.objects.filter(pk=call.pk).update(state=Call.State.SUCCEEDED)
    assert usual_waits() == {}


def test_usual_times_are_read_once_a_minute(
    cast: Cast, make_generation: Make, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    finish(make_generation(cast.owner).calls.get(), 4)
    with django_assert_num_queries(1):
        assert usual_waits() == usual_waits()


# Tiles


def test_the_bar_nears_its_end_and_never_stands_still(cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    shares = [Tile(call, usual=20, elapsed=seconds).share for seconds in (0, 10, 20, 40, 80)]
    assert shares == [0, 55, 80, 96, 100]
    assert Tile(call, elapsed=10).share is None


def test_a_generating_call_tells_elapsed_and_usual_time(cast: Cast, make_generation: Make) -> None:
    finish(make_generation(cast.owner).calls.get(), 8)
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    Call.objects.filter(pk=call.pk).update(sent_at=timezone.now() - timedelta(seconds=4))
    call.refresh_from_db()
    tile = tile_of(call)
    assert tile.elapsed == pytest.approx(4, abs=1)
    assert tile.usual == pytest.approx(8)


@pytest.mark.parametrize(("kind", "held"), [("rate", "rate"), ("unreachable", "unreachable"), ("", "rate")])
def test_a_call_that_was_put_back_tells_why_and_how_long(
    cast: Cast, make_generation: Make, kind: str, held: str
) -> None:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    call.put_back(timezone.now() + timedelta(seconds=25), Failure(kind, "timeout"))
    tile = tile_of(call)
    assert tile.held == held
    assert 20 < tile.wait <= 25


def test_a_pause_holds_every_queued_call_back(cast: Cast, make_generation: Make, settings: Any) -> None:
    settings.ONLYSQ_API_KEY = "sq-1"
    call = make_generation(cast.owner).calls.get()
    Provider.objects.current().wait(20)
    assert (tile_of(call).held, 15 < tile_of(call).wait <= 20) == ("rate", True)
    Provider.objects.current().refuse_key("sq-1")
    assert (tile_of(call).held, tile_of(call).wait) == ("key", 0)
    Provider.objects.current().resume()
    assert tile_of(call).held == ""


def test_a_version_changes_with_what_is_seen_and_not_with_time(cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    queued = tile_of(call).version
    assert tile_of(call).version == queued
    call.claim(30)
    sending = tile_of(call).version
    assert sending != queued
    assert Tile(call, elapsed=99).version == sending


def test_a_failure_is_named_by_its_kind(cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    call.fail(REFUSED)
    assert Tile(call).title == "Refused by the provider"
    call.error_kind = "something new"
    assert Tile(call).title == "Failed"


def test_a_running_call_takes_a_place_for_each_picture_and_a_failure_takes_one(
    cast: Cast, make_generation: Make
) -> None:
    call = make_generation(cast.owner, width=640, height=480, count=4).calls.get()
    assert len(Tile(call).places) == 4
    call.cancel()
    assert len(Tile(call).places) == 1


def shown(person: Any) -> Shown:
    (found,) = show(person, seen_generations(person))
    return found


def test_a_generation_counts_what_is_ready(cast: Cast, make_image: Callable[..., Image]) -> None:
    image = make_image(cast.owner)
    assert (shown(cast.owner).ready, shown(cast.owner).total, shown(cast.owner).is_running) == (1, 1, False)
    Call.objects.filter(pk=image.call_id).update(count=4, error_kind="partial", error="One of four.")
    assert (shown(cast.owner).ready, shown(cast.owner).total) == (1, 4)


def test_pictures_in_the_trash_are_not_shown(cast: Cast, make_image: Callable[..., Image]) -> None:
    make_image(cast.owner).trash()
    assert shown(cast.owner).tiles[0].images == []


def test_a_call_that_was_sent_again_or_put_away_is_no_tile(cast: Cast, make_generation: Make) -> None:
    first, second = make_generation(cast.owner, count=2).calls.all()
    for call in (first, second):
        call.claim(30)
        call.fail(BROKEN)
    again = first.try_again()
    second.dismiss()
    assert [tile.call for tile in shown(cast.owner).tiles] == [again]


@pytest.mark.parametrize(
    ("mine", "all_", "watches", "seconds"), [(1, 5, False, 1), (0, 5, False, 15), (0, 5, True, 1), (0, 0, False, 0)]
)
def test_pages_ask_as_often_as_their_reader_waits(mine: int, all_: int, watches: bool, seconds: int) -> None:
    assert pace({"queue_mine": mine, "queue_all": all_}, watches=watches) == seconds


@pytest.mark.parametrize("state", ["failed", "unknown", "cancelled"])
def test_what_has_ended_has_the_shape_that_was_asked_for(
    state: str, cast: Cast, make_generation: Make, client: Client
) -> None:
    generation = make_generation(cast.owner, ratio="16:9", count=2)
    Call.objects.filter(pk=generation.calls.earliest("pk").pk).update(state=state, error="A long story. " * 35)
    client.force_login(cast.owner)
    page = client.get(generation.get_absolute_url()).content.decode()
    assert page.count('class="slot ar-178"') == 2
    assert page.count(f'class="tile tile-ended ar-178" data-state="{state}"') == 1


def test_the_note_about_missing_pictures_has_their_shape(cast: Cast, make_image: Any, client: Client) -> None:
    image = make_image(cast.owner)
    Call.objects.filter(pk=image.call_id).update(error_kind="partial", error="One is missing.")
    client.force_login(cast.owner)
    page = client.get(image.generation.get_absolute_url()).content.decode()
    assert 'class="tile tile-ended ar-100" data-state="unknown"' in page
