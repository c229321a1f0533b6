"""A kept reply is paid for: its owner or staff have it stored again, and staff may take its bytes along."""

from __future__ import annotations

import base64
import json
import re
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
from generator.worker.ingest import complete
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


def test_on_a_phone_where_buttons_have_no_words_none_looks_like_the_one_that_pays_again(
    kept: Call, cast: Cast, client: Client
) -> None:
    client.force_login(cast.owner)
    page = client.get("/create/").content.decode()
    forms = {
        what: re.search(rf'action="/calls/{kept.pk}/{what}/".*?#(\w+)"', page, re.S)
        for what in ("store-again", "retry")
    }
    assert {what: found and found[1] for what, found in forms.items()} == {"store-again": "store", "retry": "retry"}


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


def test_members_do_not_choose_it_in_the_administration(client: Client, cast: Cast, kept: Call) -> None:
    client.force_login(cast.owner)
    client.post(f"/admin/generator/call/{kept.pk}/store-again/")
    assert Call.objects.get().state == State.FAILED


def test_its_owner_chooses_it(client: Client, cast: Cast, kept: Call) -> None:
    client.force_login(cast.owner)
    page, action = f"/generations/{kept.generation_id}/", f"/calls/{kept.pk}/store-again/"
    assert f'action="{action}"' in client.get(page).content.decode()
    answer = client.post(action, follow=True).content.decode()
    assert "The reply that was paid for is read once more. Nothing is sent." in answer
    assert action not in answer
    assert Call.objects.get().state == State.RECEIVED
    assert "There is no reply to store again" in client.post(action, follow=True).content.decode()
    client.force_login(cast.member)
    assert client.post(action).status_code == 404


def test_of_a_failure_that_was_put_away_it_is_chosen_in_the_ledger(client: Client, cast: Cast, kept: Call) -> None:
    assert kept.dismiss()
    client.force_login(cast.owner)
    assert client.get(f"/generations/{kept.generation_id}/").content.decode().count("store-again/") == 1


def test_nothing_is_offered_once_the_reply_is_gone(client: Client, cast: Cast, kept: Call, spool: Spool) -> None:
    spool.remove(str(kept.pk))
    client.force_login(cast.owner)
    assert "store-again" not in client.get(f"/generations/{kept.generation_id}/").content.decode()
    client.force_login(cast.moderator)
    page = client.get(f"/admin/generator/call/{kept.pk}/change/").content.decode()
    assert "store-again" not in page
    assert "/reply/" not in page
    assert client.get(f"/admin/generator/call/{kept.pk}/reply/").status_code == 404


def reply_of(call: Call, spool: Spool, *pictures: bytes) -> None:
    """Received, and looked into."""
    with spool.writer(str(call.pk)) as sink:
        sink.write(json.dumps({"usage": 9, "files": [base64.b64encode(data).decode() for data in pictures]}).encode())
    call.receive(200)
    call.release()
    tasks.work()
    call.refresh_from_db()


def test_what_a_setting_has_refused_is_stored_once_it_allows_it(
    cast: Cast, make_generation: Callable[..., Generation], spool: Spool, settings: Any
) -> None:
    settings.MAX_PIXELS = 100
    call = sent(make_generation(cast.owner).calls.get())
    reply_of(call, spool, draw(20, 20))
    assert (call.state, call.error_reason) == (State.FAILED, "pixels")
    settings.MAX_PIXELS = 1000
    assert tasks.store_again(call)
    tasks.work()
    call.refresh_from_db()
    assert (call.state, call.images.count(), spool.has(str(call.pk))) == (State.SUCCEEDED, 1, False)


@pytest.fixture
def partial(cast: Cast, make_generation: Callable[..., Generation], spool: Spool, settings: Any) -> Call:
    """Of two pictures the first is here, and the second one larger than is allowed."""
    settings.MAX_PIXELS = 100
    call = sent(make_generation(cast.owner, ratio="", width=64, height=64, count=2).calls.get())
    reply_of(call, spool, draw(8, 8), draw(20, 20))
    assert (call.state, call.error_kind, call.pictures) == (State.SUCCEEDED, "partial", 1)
    return call


def test_missing_pictures_are_added_to_those_that_came(
    client: Client, cast: Cast, partial: Call, spool: Spool, settings: Any
) -> None:
    before = partial.images.get()
    before.show_to("private")
    client.force_login(cast.owner)
    assert "store-again/" in client.get(f"/generations/{partial.generation_id}/").content.decode()
    settings.MAX_PIXELS = 1000
    client.post(f"/calls/{partial.pk}/store-again/")
    assert OrmQ.objects.count() == 1
    tasks.add_missing(str(partial.pk))
    partial.refresh_from_db()
    assert (partial.state, partial.error_message, partial.pictures, partial.usage) == (State.SUCCEEDED, "", 2, 9)
    assert [(image.index, image.visibility) for image in partial.images.order_by("index")] == [
        (0, "private"), (1, partial.generation.visibility),
    ]  # fmt: skip
    assert not spool.has(str(partial.pk))
    assert not tasks.store_again(partial)
    tasks.add_missing(str(partial.pk))


def test_what_cannot_be_read_even_then_stays_as_it_is(partial: Call, spool: Spool, settings: Any) -> None:
    assert tasks.store_again(partial)
    tasks.add_missing(str(partial.pk))
    assert Call.objects.get().failure == partial.failure
    assert spool.has(str(partial.pk))
    settings.MAX_PIXELS = 1000
    spool.path(str(partial.pk)).write_bytes(b"no JSON")
    tasks.add_missing(str(partial.pk))
    assert Call.objects.get().failure == partial.failure


def test_a_picture_that_was_deleted_does_not_come_back(partial: Call, settings: Any) -> None:
    partial.images.all().delete()
    settings.MAX_PIXELS = 1000
    tasks.add_missing(str(partial.pk))
    assert [image.index for image in partial.images.all()] == [1]


def test_of_a_call_of_0_1_0_nobody_knows_which_was_deleted(partial: Call, settings: Any) -> None:
    Call.objects.update(error_values={"count": 1, "sent": 2})
    partial.images.all().delete()
    settings.MAX_PIXELS = 1000
    tasks.add_missing(str(partial.pk))
    assert partial.images.count() == 0


def test_two_at_the_same_time_add_it_once(partial: Call, spool: Spool, settings: Any) -> None:
    settings.MAX_PIXELS = 1000
    late = Call.objects.get()
    assert complete(partial, spool)
    assert not complete(late, spool)
    assert partial.images.count() == 2


def test_a_disk_that_is_full_leaves_it_for_another_time(
    partial: Call, spool: Spool, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "Full")

    settings.MAX_PIXELS = 1000
    monkeypatch.setattr("generator.worker.ingest.render_all", full)
    tasks.add_missing(str(partial.pk))
    assert Call.objects.get().failure == partial.failure
    assert spool.has(str(partial.pk))


def test_staff_take_the_bytes_along_without_the_key(
    client: Client, cast: Cast, kept: Call, spool: Spool, settings: Any
) -> None:
    settings.ONLYSQ_API_KEY = "sq-0123456789"
    spool.path(str(kept.pk)).write_bytes(b'{"a": "\xff sq-0123456789", "files": [')
    client.force_login(cast.moderator)
    address = f"/admin/generator/call/{kept.pk}/reply/"
    assert f'href="{address}"' in client.get(f"/admin/generator/call/{kept.pk}/change/").content.decode()
    answer = client.get(address)
    assert b"".join(answer) == b'{"a": "\xff ***", "files": ['
    assert answer["Content-Disposition"] == f'attachment; filename="{kept.pk}.reply"'
    entry = LogEntry.objects.get(object_pk=str(kept.pk))
    assert (entry.actor, entry.additional_data["event"]) == (cast.moderator, "took a reply")
    client.force_login(cast.owner)
    assert client.get(address).status_code in (302, 403, 404)
