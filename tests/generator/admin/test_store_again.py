"""A reply that brought its workers down is paid for: staff have it stored again."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django_q.models import OrmQ

from generator.models import Call, Event, Generation, Price
from generator.models.failure_words import KEPT, Failure
from generator.replies.spool import Spool
from generator.worker import tasks
from tests.conftest import Cast, draw
from tests.generator.models.accounting.limiting import levels, limit, sent

State = Call.State


@pytest.fixture
def kept(cast: Cast, make_generation: Callable[..., Generation], spool: Spool) -> Call:
    """Olga's, for whom it was sent and its reply received, and given up."""
    call = sent(make_generation(cast.owner).calls.get())
    with spool.writer(str(call.pk)) as sink:
        sink.write(b'{"usage": 9, "files": ["%s"]}' % base64.b64encode(draw(8, 8)))
    call.receive(200)
    call.release()
    Call.objects.filter(pk=call.pk).update(ingests=3)
    call.refresh_from_db()
    assert call.fail(Failure(KEPT, "workers"))
    return call


def test_it_becomes_pictures_at_no_further_cost(kept: Call, spool: Spool) -> None:
    assert tasks.store_again(kept)
    assert OrmQ.objects.count() == 1, "a worker is woken"
    tasks.work()
    kept.refresh_from_db()
    assert (kept.state, kept.ingests, kept.tries, kept.error_message) == (State.SUCCEEDED, 1, 1, "")
    assert kept.images.count() == 1
    assert not spool.has(str(kept.pk))
    told = [event.what for event in kept.events.all()][-4:]
    assert told == [Event.What.FAILED, Event.What.AGAIN, Event.What.TAKEN_UP, Event.What.SUCCEEDED]


def test_it_is_reserved_until_it_is_stored_and_then_settled(kept: Call, cast: Cast) -> None:
    Price.objects.create(valid_from="2020-01-01", per_call="1", per_picture="0.5")
    limit("pictures/day", 5, each=True)
    assert levels(cast.owner) == ["your pictures today: 0 of 5"]
    tasks.store_again(kept)
    assert levels(cast.owner) == ["your pictures today: 1 of 5 (1 under way)"]
    assert Call.objects.get(pk=kept.pk).cost == Decimal("1.5")
    tasks.work()
    kept.refresh_from_db()
    assert levels(cast.owner) == ["your pictures today: 1 of 5"]
    assert (kept.pictures, kept.units, kept.cost) == (1, 9, Decimal("1.5"))


def test_only_once_and_only_what_is_still_there(kept: Call, spool: Spool) -> None:
    late = Call.objects.get(pk=kept.pk)
    assert tasks.store_again(kept)
    assert not tasks.store_again(late)
    assert Event.objects.filter(what=Event.What.AGAIN).count() == 1
    Call.objects.update(state=State.FAILED, error_kind=KEPT)
    spool.remove(str(kept.pk))
    assert not tasks.store_again(late)
    assert Call.objects.get().state == State.FAILED


@pytest.mark.parametrize("kind", ["refused", "quota"])
def test_another_failure_stays_one(kept: Call, kind: str) -> None:
    Call.objects.update(error_kind=kind)
    assert not tasks.store_again(Call.objects.get())
    assert Call.objects.get().state == State.FAILED


def test_a_reply_that_vanishes_in_between_leaves_its_outcome_unknown(kept: Call, spool: Spool) -> None:
    assert tasks.store_again(kept)
    spool.remove(str(kept.pk))
    tasks.work()
    assert Call.objects.get().state == State.UNKNOWN


def choose(client: Client, *calls: Call) -> str:
    data = {"action": "store_again", "_selected_action": [call.pk for call in calls], "index": 0}
    return str(client.post("/admin/generator/call/", data, follow=True).content.decode())


def test_staff_choose_it_on_the_ledger(client: Client, cast: Cast, kept: Call, make_image: Any) -> None:
    other = make_image(cast.owner).call
    client.force_login(cast.moderator)
    assert "To be stored again: 1." in choose(client, kept, other)
    assert Call.objects.get(pk=kept.pk).state == State.RECEIVED
    assert "There is no reply to store again" in choose(client, kept, other)


def test_staff_choose_it_on_the_calls_page(client: Client, cast: Cast, kept: Call) -> None:
    client.force_login(cast.moderator)
    page, action = f"/admin/generator/call/{kept.pk}/change/", f"/admin/generator/call/{kept.pk}/store-again/"
    assert f'action="{action}"' in client.get(page).content.decode()
    client.get(action)
    assert Call.objects.get(pk=kept.pk).may_be_stored_again, "looking does nothing"
    answer = client.post(action, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "To be stored again: 1." in answer.content.decode()
    assert action not in answer.content.decode()
    assert "Kept reply to be stored again" in answer.content.decode()


def test_who_did_it_is_in_the_audit_log(client: Client, cast: Cast, kept: Call) -> None:
    client.force_login(cast.moderator)
    choose(client, kept)
    entry = LogEntry.objects.get(object_pk=str(kept.pk))
    assert entry.actor == cast.moderator
    client.force_login(cast.admin)
    page = client.get("/audit/?what=pictures&who=mo").content.decode()
    assert "had a kept reply to" in page
    assert '/u/olga/">olga</a> stored again' in page


def test_members_do_not_choose_it(client: Client, cast: Cast, kept: Call) -> None:
    client.force_login(cast.owner)
    client.post(f"/admin/generator/call/{kept.pk}/store-again/")
    assert Call.objects.get().state == State.FAILED
