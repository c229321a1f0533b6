"""News for pages that show something running."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generator.models import Call, Generation, Image, Provider
from generator.models.failure_words import Failure
from generator.progress.tiles import Progress
from tests.conftest import BROKEN, Cast, markup

Make = Callable[..., Generation]
# The package's name of the same spelling is the view.
live: Any = import_module("generator.progress.live")


@pytest.fixture(autouse=True)
def _answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "WAIT_SECONDS", 0)


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    client.force_login(cast.owner)
    return client


def seen(*calls: Call) -> list[str]:
    """What the page says it shows of these calls, as they are now."""
    progress = Progress([Call.objects.select_related("generation", "retry").get(pk=call.pk) for call in calls])
    return [f"{call.pk.hex}:{progress.tile(call).version}" for call in progress.calls]


def news(client: Client, known: str = "", shows: list[str] | None = None, headers: dict[str, str] | None = None) -> Any:
    return client.get("/live/", {"known": known, "seen": shows or []}, headers=headers)


def test_nothing_new_is_an_empty_answer(olga: Client, cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    answer = news(olga, "1-1-1", seen(call))
    assert (answer.status_code, answer.content) == (204, b"")
    assert "no-store" in answer["Cache-Control"]


def test_only_the_changed_tile_comes_back(olga: Client, cast: Cast, make_generation: Make) -> None:
    first, second = make_generation(cast.owner, count=2).calls.all()
    first.claim(30)
    shows = seen(first, second)
    second.claim(30)
    answer = news(olga, "2-2-1", shows)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="call-{second.pk}"' in text
    assert f'id="call-{first.pk}"' not in text
    assert 'hx-swap-oob="outerHTML"' in text
    assert "0 of 2 ready" in text


def test_the_first_question_brings_the_badge(olga: Client, cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner)
    make_generation(cast.member, count=2)
    text = news(olga).content.decode()
    assert "1 / 3" in text
    assert "known=1-3-1" in text
    assert "every 1s" in text


def test_after_news_it_asks_again_soon(olga: Client, cast: Cast, make_generation: Make) -> None:
    """A question waits for news: in the pause between two a picture would lie there unseen."""
    make_generation(cast.owner)
    assert 'hx-trigger="wake, load delay:200ms, every 1s"' in markup(news(olga))


def test_while_only_others_wait_it_asks_rarely(olga: Client, cast: Cast, make_generation: Make) -> None:
    make_generation(cast.member)
    assert 'hx-trigger="wake, every 15s"' in markup(news(olga))
    assert news(olga, "0-1-15").status_code == 204


def test_once_nothing_runs_the_page_stops_asking(olga: Client, cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    shows = seen(call)
    call.claim(30)
    call.fail(BROKEN)
    answer = news(olga, "1-1-1", shows)
    text = answer.content.decode()
    assert answer.status_code == 286
    assert "The API failed (HTTP 500)." in text
    assert "every" not in text
    assert "0 of 1 pictures ready. Provider failed." in text


def test_a_picture_takes_the_place_of_its_tile(
    olga: Client, cast: Cast, make_image: Callable[..., Image], make_generation: Make
) -> None:
    image = make_image(cast.owner)
    make_generation(cast.owner)
    answer = news(olga, shows=[f"{image.call_id.hex}:000000"])
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'data-image="{image.pk}"' in text
    assert f"{image.call_id.hex}:" not in text
    assert '<p id="live-said" hx-swap-oob="innerHTML">1 of 1 pictures ready.</p>' in text


def test_a_call_that_was_sent_again_elsewhere_brings_the_whole_generation(
    olga: Client, cast: Cast, make_generation: Make
) -> None:
    call = make_generation(cast.owner).calls.get()
    shows = seen(call)
    call.claim(30)
    call.fail(BROKEN)
    again = call.try_again()
    assert again is not None
    text = news(olga, shows=shows).content.decode()
    assert f'id="g-{call.generation_id}"' in text
    assert f'id="call-{again.pk}"' in text


def test_a_moving_queue_is_news(olga: Client, cast: Cast, make_generation: Make) -> None:
    ahead = make_generation(cast.member).calls.get()
    call = make_generation(cast.owner).calls.get()
    shows = seen(call)
    ahead.claim(30)
    text = news(olga, "1-2-1", shows).content.decode()
    assert "Next in line" in text


@pytest.mark.parametrize(("pause", "words"), [("key", "The API refused the key"), ("rate", "because the API asked")])
def test_a_pause_is_told(olga: Client, cast: Cast, make_generation: Make, pause: str, words: str) -> None:
    call = make_generation(cast.owner).calls.get()
    shows = seen(call)
    provider = Provider.objects.current()
    if pause == "key":
        provider.refuse_key("")
    else:
        provider.wait(20)
    assert words in news(olga, "1-1-1", shows).content.decode()


def test_an_api_out_of_reach_is_told(olga: Client, cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    shows = seen(call)
    call.claim(30)
    call.put_back(timezone.now() + timedelta(seconds=8), Failure("unreachable", "dns"))
    assert "Next try in" in news(olga, "1-1-1", shows).content.decode()


def test_others_calls_are_never_told(olga: Client, cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.member, prompt="A secret").calls.get()
    shows = [f"{call.pk.hex}:000000"]
    text = news(olga, shows=shows).content.decode()
    assert "A secret" not in text
    assert call.pk.hex not in text


def test_staff_watching_somebodys_generation_get_its_news(client: Client, cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    client.force_login(cast.admin)
    text = news(client, shows=[f"{call.pk.hex}:000000"]).content.decode()
    assert f'id="call-{call.pk}"' in text
    assert "every 1s" in text


def test_nonsense_is_ignored(olga: Client) -> None:
    assert news(olga, "x", ["", "x", "0" * 32, "zz:zz", "%00"] * 100).status_code == 286


def test_after_signing_out_a_page_stops_asking(client: Client, db: None) -> None:
    answer = news(client, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (286, b"")
    assert news(client)["Location"] == "/accounts/login/?next=/create/"


def test_buttons_lead_back_to_the_page_that_asked(olga: Client, cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    shows = [f"{call.pk.hex}:000000"]
    ours = news(olga, shows=shows, headers={"HX-Current-URL": "http://testserver/create/?before=1#g-2"})
    assert 'name="next" value="/create/?before=1"' in ours.content.decode()
    theirs = news(olga, shows=shows, headers={"HX-Current-URL": "https://elsewhere.example/create/"})
    assert 'name="next" value=""' in theirs.content.decode()


@pytest.mark.parametrize(("is_new", "most"), [(False, 8), (True, 13)])
def test_the_number_of_queries_is_constant_and_small(
    olga: Client,
    cast: Cast,
    make_generation: Make,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    is_new: bool,
    most: int,
) -> None:
    Provider.objects.current()
    calls = [call for _ in range(10) for call in make_generation(cast.owner, count=4).calls.all()]
    for person in (cast.member, cast.stranger):
        make_generation(person, count=4)
    calls[0].claim(30)
    shows = [f"{call.pk.hex}:000000" for call in calls] if is_new else seen(*calls)
    with django_assert_max_num_queries(most):
        answer = news(olga, "40-48-1", shows)
    assert answer.status_code == (200 if is_new else 204)


def test_every_page_has_the_badge(olga: Client, cast: Cast, make_generation: Make) -> None:
    make_generation(cast.owner, count=3)
    text = olga.get("/create/").content.decode()
    assert "3 / 3" in text
    assert 'hx-trigger="wake, load, every 1s"' in " ".join(text.split())


@pytest.mark.django_db
def test_a_page_whose_call_ends_while_it_is_drawn_asks_at_once(olga: Client, cast: Cast, make_generation: Make) -> None:
    """The tiles are read before the badge: without asking, the page would show them running for ever."""
    call = make_generation(cast.owner).calls.get()

    def end_before_the_badge(execute: Any, sql: str, *rest: Any) -> Any:
        if "queue_mine" in sql:
            Call.objects.filter(pk=call.pk).update(state=Call.State.CANCELLED)
        return execute(sql, *rest)

    with connection.execute_wrapper(end_before_the_badge):
        page = olga.get("/create/").content.decode()
    assert "Queued" in page
    assert 'hx-trigger="wake, load"' in " ".join(page.split())


def test_nobody_signed_in_has_no_badge(client: Client, db: None) -> None:
    answer = client.get("/accounts/login/")
    assert answer.status_code == 200
    assert "queue-badge" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_question_waits_a_moment_for_news(
    olga: Client, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Needs real commits: the news come from another connection."""
    monkeypatch.setattr(live, "WAIT_SECONDS", 60)
    call = make_generation(cast.owner).calls.get()
    shows = seen(call)

    def claim() -> None:
        call.claim(30)
        connection.close()

    threading.Timer(0.2, claim).start()
    started = time.monotonic()
    answer = news(olga, "1-1-1", shows)
    assert answer.status_code == 200
    assert f'id="call-{call.pk}"' in answer.content.decode()
    assert time.monotonic() - started < 30


def test_without_a_place_to_wait_the_answer_comes_at_once(
    olga: Client, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "WAIT_SECONDS", 10)
    monkeypatch.setattr(live, "_may_wait", threading.BoundedSemaphore(1))
    call = make_generation(cast.owner).calls.get()
    with live._may_wait:
        assert news(olga, "1-1-1", seen(call)).status_code == 204


def test_nobody_waits_for_calls_that_are_over(
    olga: Client, cast: Cast, make_generation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "WAIT_SECONDS", 10)
    call = make_generation(cast.owner).calls.get()
    call.cancel()
    make_generation(cast.owner)
    assert news(olga, "1-1-15", seen(call)).status_code in (200, 204)
