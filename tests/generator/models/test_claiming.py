"""Whose turn it is: fair between people, within the API's limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from gallery.models import User
from generator.models import Call, Event, Generation, Provider
from tests.conftest import Cast
from tests.parallel import at_once, shared  # noqa: F401 - a fixture

Make = Callable[..., Generation]


def claim(concurrency: int = 10, per_minute: int = 0, key: str = "k") -> Call | None:
    return next(iter(claim_some(1, concurrency, per_minute, key)), None)


def claim_some(most: int, concurrency: int = 10, per_minute: int = 0, key: str = "k") -> list[Call]:
    return Call.claim_next(key, concurrency, per_minute, 30, most)


def test_nothing_queued_is_nothing_claimed(db: None) -> None:
    assert claim() is None


def test_the_oldest_call_goes_first(cast: Cast, make_generation: Make) -> None:
    first = make_generation(cast.owner)
    make_generation(cast.member)

    call = claim()

    assert call is not None
    assert call.generation == first


def test_who_waits_with_nothing_running_goes_before_who_has_calls_running(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner, count=4)
    make_generation(cast.member, count=2)

    order = [call.generation.user.username for call in iter(claim, None)]

    assert order == ["olga", "max", "olga", "max", "olga", "olga"]


@pytest.mark.parametrize("most", [1, 2, 3, 6])
def test_those_that_are_claimed_together_are_those_that_would_be_one_by_one(
    most: int, cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner, count=4)
    make_generation(cast.member, count=2)

    order = [call.user.username for calls in iter(lambda: claim_some(most), []) for call in calls]

    assert order == ["olga", "max", "olga", "max", "olga", "olga"]


@pytest.mark.parametrize(("limits", "claimed"), [({"concurrency": 3}, [2, 1, 0]), ({"per_minute": 1}, [1, 0, 0])])
def test_of_those_that_are_claimed_together_none_is_beyond_a_limit(
    limits: dict[str, int], claimed: list[int], cast: Cast, make_generation: Make
) -> None:
    make_generation(cast.owner, count=4)
    assert [len(claim_some(2, **limits)) for _ in range(3)] == claimed


def test_a_claim_of_many_that_breaks_off_has_claimed_none(
    cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_generation(cast.owner, count=4)
    plain, left = Call.claim, [True, True]

    def claim(call: Call, lease: float) -> bool:
        if not left:
            raise OperationalError("the connection is closed")
        return left.pop() and plain(call, lease)

    monkeypatch.setattr(Call, "claim", claim)
    with pytest.raises(OperationalError):
        claim_some(4)
    assert set(Call.objects.values_list("state", "lease")) == {(Call.State.QUEUED, "")}


def test_a_call_that_changes_what_a_day_adds_up_to_is_the_last_one_of_its_claim(
    cast: Cast, make_generation: Make
) -> None:
    """Else this claim, which holds the day, and somebody who cancels the next call would wait for one another."""
    old = make_generation(cast.owner, count=2).calls
    old.update(created_at=timezone.now() - timedelta(days=1))
    make_generation(cast.owner, count=2)
    assert [len(claim_some(4)) for _ in range(4)] == [1, 1, 2, 0]


def test_of_two_who_claim_at_once_each_has_calls_of_its_own_and_both_together_keep_to_the_limit(
    shared: None,  # noqa: F811 - the fixture
    make_generation: Make,
) -> None:
    for name in ("olga", "max"):
        person = User.objects.create_user(name)
        for _ in range(2):
            make_generation(person, count=4)
    claimed: list[Any] = []

    def claim_all() -> None:
        while calls := claim_some(3):
            claimed.extend(call.pk for call in calls)

    at_once(claim_all, claim_all)

    assert len(claimed) == len(set(claimed)) == 10
    assert set(Call.objects.filter(state=Call.State.SENDING).values_list("pk", flat=True)) == set(claimed)
    assert set(Event.objects.filter(what=Event.What.CLAIMED).values_list("call", flat=True)) == set(claimed)
    assert Event.objects.filter(what=Event.What.CLAIMED).count() == 10


def test_people_take_turns_also_where_calls_go_out_one_at_a_time(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner, count=4)
    make_generation(cast.member, count=2)
    make_generation(cast.stranger)

    order = []
    while call := claim(concurrency=1):
        order.append(call.user.username)
        call.receive(200)

    assert order == ["olga", "max", "sam", "olga", "max", "olga", "olga"]


def test_turns_of_long_ago_and_of_a_clock_that_was_set_back_count_no_more(cast: Cast, make_generation: Make) -> None:
    now = timezone.now()
    for person, taken in ((cast.member, now + timedelta(hours=1)), (cast.owner, now - timedelta(hours=2))):
        make_generation(person)
        Call.objects.filter(user=person).update(state=Call.State.SUCCEEDED, claimed_at=taken)
    make_generation(cast.member)
    make_generation(cast.owner)

    assert [call.user.username for call in iter(claim, None)] == ["max", "olga"]


def test_a_call_that_was_put_back_for_days_can_still_be_claimed(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    Call.objects.update(tries=32_767)  # the most that the column holds

    call = claim()

    assert call is not None
    assert call.tries == 32_767


def test_concurrency_is_never_exceeded(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner, count=4)
    assert [claim(concurrency=2) is not None for _ in range(3)] == [True, True, False]


def test_a_place_is_free_again_once_the_reply_is_on_disk(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner, count=2)
    first = claim(concurrency=1)
    assert first is not None
    first.receive(200)
    assert claim(concurrency=1) is not None


def test_the_rate_holds_over_any_minute(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner, count=4)
    first = claim(per_minute=2)
    assert claim(per_minute=2) is not None
    assert claim(per_minute=2) is None

    assert first is not None
    Call.objects.filter(pk=first.pk).update(claimed_at=timezone.now() - timedelta(seconds=61))
    assert claim(per_minute=2) is not None


def test_a_call_waits_for_its_time(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    Call.objects.update(not_before=timezone.now() + timedelta(seconds=20))
    assert claim() is None
    Call.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert claim() is not None


def test_a_rate_pause_holds_everybody_for_its_time(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    provider = Provider.objects.current()
    provider.wait(25)
    assert claim() is None
    Provider.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    assert claim() is not None


def test_a_shorter_pause_never_shortens_a_longer_one(db: None) -> None:
    provider = Provider.objects.current()
    provider.wait(100)
    provider.wait(1)
    provider.refresh_from_db()
    assert provider.paused_until is not None
    assert provider.paused_until > timezone.now() + timedelta(seconds=90)


def test_a_refused_key_pauses_everybody_until_the_key_changes(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    Provider.objects.current().refuse_key("bad")
    assert claim(key="bad") is None
    assert claim(key="good") is not None


def test_a_refused_key_outlasts_a_rate_pause(db: None, settings: Any) -> None:
    settings.ONLYSQ_API_KEY = "bad"
    provider = Provider.objects.current()
    provider.refuse_key("bad")
    provider.wait(5)
    provider.refresh_from_db()
    assert provider.pause == Provider.Pause.KEY
    assert str(provider) == "key refused"


def test_a_key_that_was_replaced_hinders_no_rate_pause(cast: Cast, make_generation: Make, settings: Any) -> None:
    settings.ONLYSQ_API_KEY = "good"
    make_generation(cast.owner)
    Provider.objects.current().refuse_key("bad")
    Provider.objects.current().wait(25)
    assert claim(key="good") is None
    Provider.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    assert claim(key="good") is not None


def test_resuming_ends_a_pause(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    provider = Provider.objects.current()
    provider.refuse_key("k")
    provider.resume()
    assert claim() is not None


def test_the_key_is_kept_as_a_fingerprint_only(db: None) -> None:
    provider = Provider.objects.current()
    provider.refuse_key("sq-secret")
    provider.refresh_from_db()
    assert "secret" not in provider.key_digest
    assert len(provider.key_digest) == 16


def test_an_empty_model_list_keeps_the_last_good_one(db: None) -> None:
    provider = Provider.objects.current()
    provider.learn_models([{"id": "flux", "name": "Flux", "available": True}])
    provider.learn_models([])
    provider.refresh_from_db()
    assert [model["id"] for model in provider.models_list] == ["flux"]


@pytest.mark.parametrize(
    ("asked", "calls"), [({"count": 4}, [1, 1, 1, 1]), ({"width": 512, "height": 512, "count": 4}, [4])]
)
def test_each_dialect_needs_its_number_of_calls(
    cast: Cast, make_generation: Make, asked: dict[str, int], calls: list[int]
) -> None:
    generation = make_generation(cast.owner, **asked)
    assert [call.count for call in generation.calls.all()] == calls


def test_the_same_token_is_one_generation(cast: Cast, make_generation: Make) -> None:
    first = make_generation(cast.owner, token="t", count=2)
    again = make_generation(cast.owner, token="t", count=2)
    other = make_generation(cast.member, token="t")

    assert first == again
    assert first != other
    assert Call.objects.filter(generation=first).count() == 2


def test_people_see_their_own_generations_and_staff_all(cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    seen = {person.username: Generation.objects.all().visible_to(person).count() for person in vars(cast).values()}
    assert seen == {"olga": 1, "max": 0, "sam": 0, "mo": 1, "ada": 1}


def test_the_shape_of_what_was_asked_for_is_known(cast: Cast, make_generation: Make) -> None:
    assert make_generation(cast.owner, ratio="16:9").aspect == pytest.approx(16 / 9)
    assert make_generation(cast.owner, width=100, height=200).aspect == 0.5
