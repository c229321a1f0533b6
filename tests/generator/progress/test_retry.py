"""What a person may do about a call, and the races that can happen on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django_q.models import OrmQ

from generator.models import Call, Generation, Image
from tests.conftest import BROKEN, SILENT, Cast

Make = Callable[..., Generation]


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    client.force_login(cast.owner)
    return client


@pytest.fixture
def queued(cast: Cast, make_generation: Make) -> Call:
    return make_generation(cast.owner).calls.get()


@pytest.fixture
def failed(queued: Call) -> Call:
    queued.claim(30)
    queued.fail(BROKEN)
    return queued


def act(client: Client, action: str, call: Call, back: str = "") -> tuple[str, str]:
    """Where the answer leads, and what it says."""
    answer = client.post(f"/calls/{call.pk}/{action}/", {"next": back})
    assert answer.status_code == 303
    *_, message = get_messages(answer.wsgi_request)
    return answer["Location"], str(message)


def test_a_queued_call_can_be_cancelled(olga: Client, queued: Call) -> None:
    place, said = act(olga, "cancel", queued, "/create/")
    assert (place, said) == (f"/create/#g-{queued.generation_id}", "Cancelled. Nothing was sent.")
    queued.refresh_from_db()
    assert queued.state == Call.State.CANCELLED


def test_a_call_that_has_left_meanwhile_goes_on(olga: Client, queued: Call) -> None:
    queued.claim(30)
    assert "Too late" in act(olga, "cancel", queued)[1]
    queued.refresh_from_db()
    assert queued.state == Call.State.SENDING


def test_trying_again_makes_a_new_call_and_wakes_a_worker(
    olga: Client, failed: Call, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert act(olga, "retry", failed)[1] == "Trying again."
    again = failed.generation.calls.get(number=2)
    assert (again.retry_of, again.state) == (failed, Call.State.QUEUED)
    assert OrmQ.objects.count() == 1


def test_a_second_click_makes_no_second_call(
    olga: Client, failed: Call, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        act(olga, "retry", failed)
        assert "already" in act(olga, "retry", failed)[1]
    assert failed.generation.calls.count() == 2
    assert len(callbacks) == 1


def test_a_failure_can_be_put_away_once(olga: Client, failed: Call) -> None:
    assert "Put away" in act(olga, "dismiss", failed)[1]
    assert "nothing" in act(olga, "dismiss", failed)[1]
    assert failed.generation.current_calls() == []
    assert "put away" in olga.get(failed.generation.get_absolute_url()).content.decode()


@pytest.mark.parametrize("action", ["retry", "dismiss"])
def test_a_reply_that_comes_after_a_person_has_decided_is_shown_all_the_same(
    olga: Client, cast: Cast, make_image: Callable[..., Image], action: str
) -> None:
    image = make_image(cast.owner)
    Call.objects.update(state=Call.State.SENDING)
    call = image.call
    assert call.lose(SILENT)
    act(olga, action, call)
    assert call not in call.generation.current_calls()

    assert call.receive(None)
    assert call.generation.current_calls()[0] == call
    assert call.succeed(1)
    assert f"/images/{image.pk}/" in olga.get(call.generation.get_absolute_url()).content.decode()
    assert "Send again" not in olga.get(call.generation.get_absolute_url()).content.decode()


@pytest.mark.parametrize("action", ["cancel", "retry", "dismiss"])
def test_others_calls_do_not_exist(client: Client, cast: Cast, failed: Call, action: str) -> None:
    client.force_login(cast.stranger)
    assert client.post(f"/calls/{failed.pk}/{action}/").status_code == 404
    assert failed.generation.calls.count() == 1


@pytest.mark.parametrize("action", ["cancel", "retry", "dismiss"])
def test_whoever_was_signed_out_meanwhile_is_led_to_the_form(client: Client, failed: Call, action: str) -> None:
    answer = client.post(f"/calls/{failed.pk}/{action}/")
    assert answer["Location"] == "/accounts/login/?next=/create/"


@pytest.mark.parametrize("action", ["cancel", "retry", "dismiss"])
def test_a_link_alone_does_nothing(olga: Client, failed: Call, action: str) -> None:
    assert olga.get(f"/calls/{failed.pk}/{action}/").status_code == 405


@pytest.mark.parametrize("action", ["cancel", "retry", "dismiss"])
def test_another_sites_form_does_nothing(cast: Cast, failed: Call, action: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    assert client.post(f"/calls/{failed.pk}/{action}/").status_code == 403


@pytest.mark.parametrize("back", ["", "https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_it_leads_back_to_ourselves_only(olga: Client, queued: Call, back: str) -> None:
    generation = queued.generation
    assert act(olga, "cancel", queued, back)[0] == f"/generations/{generation.pk}/#g-{generation.pk}"


def test_staff_may_act_for_others(client: Client, cast: Cast, queued: Call) -> None:
    client.force_login(cast.moderator)
    assert act(client, "cancel", queued)[1] == "Cancelled. Nothing was sent."


@pytest.mark.parametrize(("action", "event"), [("retry", "tried again"), ("dismiss", "put away")])
def test_what_staff_do_for_others_is_in_the_audit_log_once(
    client: Client, cast: Cast, failed: Call, action: str, event: str
) -> None:
    client.force_login(cast.moderator)
    for _ in range(2):
        act(client, action, failed)
    line = LogEntry.objects.get(object_pk=str(failed.pk))
    assert (line.actor, line.additional_data) == (cast.moderator, {"event": event, "writer": cast.owner.pk})


def test_what_members_do_about_their_own_calls_is_not(olga: Client, failed: Call) -> None:
    for action in ("retry", "dismiss"):
        act(olga, action, failed)
    act(olga, "cancel", failed.generation.calls.get(number=2))
    assert not LogEntry.objects.filter(content_type__model="call").exists()
