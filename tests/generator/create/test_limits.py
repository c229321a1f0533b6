"""Limits on the pages: meters, warning and refusal beside the form, and staff settling what nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from generator.models import Call, Generation, Limit
from tests.conftest import SILENT, Cast, markup

Make = Callable[..., Generation]
What = Limit.What


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    client.force_login(cast.owner)
    return client


@pytest.fixture
def lost(cast: Cast, make_generation: Make) -> Call:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    call.lose(SILENT)
    return call


def ask(client: Client, **changed: Any) -> Any:
    asked = {"prompt": "A cat", "model": "flux", "count": "1", "visibility": "private", "ratio": "9:16"}
    return client.post("/create/", asked | {"token": uuid4().hex} | changed)


def said(answer: Any) -> str:
    *_, message = get_messages(answer.wsgi_request)
    return str(message)


def test_without_limits_nothing_is_said(olga: Client) -> None:
    text = olga.get("/create/").content.decode()
    assert "meter-lines" not in text
    assert "meters.css" not in text


def test_the_meters_are_told_in_words(olga: Client, cast: Cast, make_generation: Make) -> None:
    Limit.objects.create(what=What.PICTURES_DAY, amount=10, each=True)
    make_generation(cast.owner, count=1)
    text = olga.get("/create/").content.decode()
    assert "Your pictures today: 1 of 10 (1 under way), resets at midnight" in text
    assert "Nearly used up" not in text
    assert "Limit of" not in text


def test_from_eighty_per_cent_on_there_is_a_warning(olga: Client, cast: Cast, make_generation: Make) -> None:
    Limit.objects.create(what=What.PICTURES_DAY, amount=5, each=True)
    make_generation(cast.owner, count=4)
    assert "Nearly used up" in olga.get("/create/").content.decode()
    make_generation(cast.owner, count=1)
    assert "<strong>Used up</strong>" in olga.get("/create/").content.decode()


def test_staff_see_whose_limit_it_is(client: Client, cast: Cast) -> None:
    school = Group.objects.create(name="school")
    school.user_set.add(cast.moderator)  # type: ignore[attr-defined]
    Limit.objects.create(what=What.PICTURES_DAY, amount=0, group=school, each=True)
    client.force_login(cast.moderator)
    assert "Limit of each member of school" in client.get("/create/").content.decode()
    assert "This is the limit of each member of school." in ask(client).content.decode()


def test_a_refusal_loses_nothing_that_was_typed(
    olga: Client, cast: Cast, make_generation: Make, django_capture_on_commit_callbacks: Any
) -> None:
    make_generation(cast.member)
    Limit.objects.create(what=What.PICTURES_MONTH, amount=4)
    with django_capture_on_commit_callbacks() as callbacks:
        answer = ask(olga, prompt="Keep <me>", count="4")
    text = answer.content.decode()
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 31 * 86400 + 3600
    assert "Not enough left for 4: everyone\u2019s pictures this month, 1 of 4 (1 under way)." in text
    assert "Keep &lt;me&gt;" in text
    form = answer.context["form"]
    assert [form[name].value() for name in ("count", "ratio", "visibility")] == ["4", "9:16", "private"]
    assert (Generation.objects.count(), Call.objects.count(), OrmQ.objects.count()) == (1, 1, 0)
    assert callbacks == []


@pytest.mark.parametrize("amount", [0, 2])
@pytest.mark.parametrize("what", [What.IN_FLIGHT, What.PICTURES_DAY])
def test_where_waiting_is_no_help_no_time_is_named(olga: Client, what: str, amount: int) -> None:
    Limit.objects.create(what=what, amount=amount)
    answer = ask(olga, count="4")
    assert answer.status_code == 429
    assert "Retry-After" not in answer
    refused = f" is {amount}, and this would take 4. For more, ask an administrator."
    assert refused in answer.content.decode().partition("The limit on everyone\u2019s ")[2]


def test_a_submission_that_was_accepted_is_accepted_again(olga: Client) -> None:
    Limit.objects.create(what=What.PICTURES_DAY, amount=1)
    places = {ask(olga, token="same")["Location"] for _ in range(2)}
    assert len(places) == 1
    assert ask(olga).status_code == 429


def test_ten_more_limits_take_no_more_queries(olga: Client, cast: Cast) -> None:
    counts = []
    for number in (1, 11):
        for place in range(number):
            made = Group.objects.create(name=f"{number}-{place}")
            made.user_set.add(cast.owner)  # type: ignore[attr-defined]
            Limit.objects.create(what=What.PICTURES_DAY, amount=10, group=made)
        olga.get("/create/")
        with CaptureQueriesContext(connection) as queries:
            assert olga.get("/create/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_sending_again_is_refused_in_a_sentence(olga: Client, lost: Call) -> None:
    Limit.objects.create(what=What.PICTURES_DAY, amount=1)
    answer = olga.post(f"/calls/{lost.pk}/retry/")
    assert answer.status_code == 303
    assert said(answer).startswith("Used up: everyone\u2019s pictures today, 1 of 1")
    assert lost.generation.calls.count() == 1


def test_staff_settle_a_call_as_not_charged(client: Client, cast: Cast, lost: Call) -> None:
    client.force_login(cast.moderator)
    page = lost.generation.get_absolute_url()
    assert "Settle as not charged" in client.get(page).content.decode()
    answer = client.post(f"/calls/{lost.pk}/not-charged/")
    assert answer.status_code == 303
    assert "no longer counts" in said(answer)
    text = client.get(page).content.decode()
    assert "Settled as not charged" in text  # in the history
    assert 'id="settle-' not in text
    assert "nothing to settle" in said(client.post(f"/calls/{lost.pk}/not-charged/"))
    line = LogEntry.objects.get(object_pk=str(lost.pk))
    assert (line.actor, line.additional_data) == (cast.moderator, {"event": "settled", "writer": lost.user_id})


def test_nobody_else_settles_it(olga: Client, lost: Call) -> None:
    assert "Settle as not charged" not in olga.get(lost.generation.get_absolute_url()).content.decode()
    assert olga.post(f"/calls/{lost.pk}/not-charged/").status_code == 404
    assert olga.get(f"/calls/{lost.pk}/not-charged/").status_code == 405
    lost.refresh_from_db()
    assert lost.settled_at is None


def test_the_ledger_says_what_is_reserved(olga: Client, lost: Call) -> None:
    text = markup(olga.get(lost.generation.get_absolute_url()))
    assert '1 picture, 0 units<span class="tag">reserved</span>' in text
    lost.dismiss()
    assert "reserved</span>" not in olga.get(lost.generation.get_absolute_url()).content.decode()
