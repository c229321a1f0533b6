"""Limits and prices in the admin: administrators decide, the rest of the staff look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generator.models import Generation, Limit, Price
from tests.conftest import Cast

Make = Callable[..., Generation]
LIMITS, PRICES = "/admin/generator/limit/", "/admin/generator/price/"


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    client.force_login(cast.admin)
    return client


def add(client: Client, **values: Any) -> Any:
    return client.post(LIMITS + "add/", {"what": "pictures/day", "amount": "10", **values})


def test_the_list_shows_what_is_used_of_each(ada: Client, cast: Cast, make_generation: Make) -> None:
    Limit.objects.create(what="pictures/day", amount=10, each=True)
    Limit.objects.create(what="in flight", amount=3, user=cast.member)
    make_generation(cast.owner, count=4)
    text = ada.get(LIMITS).content.decode()
    for cell in ("each member", "olga", '<td class="field-left">6</td>', "as calls end"):
        assert cell in text
    assert ada.get(LIMITS + "?q=nobody").status_code == 200


def test_when_it_resets_is_told_in_the_zone_of_the_instance(ada: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    Limit.objects.create(what="pictures/day", amount=10)
    assert ", 00:00</td>" in ada.get(LIMITS).content.decode()


def test_an_empty_list_is_a_page(ada: Client) -> None:
    assert ada.get(LIMITS).status_code == ada.get(PRICES).status_code == 200


def test_more_limits_take_no_more_queries(ada: Client, cast: Cast) -> None:
    counts = []
    for number in (1, 11):
        for place in range(number):
            Limit.objects.create(what="pictures/day", amount=1, group=Group.objects.create(name=f"{number}-{place}"))
        ada.get(LIMITS)
        with CaptureQueriesContext(connection) as queries:
            ada.get(LIMITS)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_administrator_sets_changes_and_removes_a_limit(ada: Client, cast: Cast) -> None:
    assert add(ada, user=str(cast.owner.pk)).status_code == 302
    limit = Limit.objects.get()
    assert (limit.user, limit.amount, limit.each) == (cast.owner, 10, False)
    changed = {"what": "pictures/day", "amount": "5", "user": str(cast.owner.pk)}
    assert ada.post(f"{LIMITS}{limit.pk}/change/", changed).status_code == 302
    limit.refresh_from_db()
    assert limit.amount == 5
    assert ada.post(f"{LIMITS}{limit.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Limit.objects.exists()


def test_nonsense_is_refused_in_a_sentence(ada: Client, cast: Cast) -> None:
    group = Group.objects.create(name="school")
    Limit.objects.create(what="pictures/day", amount=1)
    for values, said in (
        ({"user": cast.owner.pk, "group": group.pk}, "not for two of them"),
        ({"user": cast.owner.pk, "each": "on"}, "for groups and for everyone"),
        ({}, "There is such a limit for these people already"),
        ({"amount": "1.5", "each": "on"}, "Only money has fractions"),
        ({"amount": "", "each": "on"}, "This field is required"),
    ):
        answer = add(ada, **values)
        assert answer.status_code == 200
        assert said in answer.content.decode()
    assert Limit.objects.count() == 1


def test_an_administrator_sets_a_price_once_a_day(ada: Client) -> None:
    values = {"valid_from": "2026-01-01", "per_call": "0", "per_picture": "0.0125", "per_unit": "0"}
    assert ada.post(PRICES + "add/", {"model": "flux", **values}).status_code == 302
    assert "already exists" in ada.post(PRICES + "add/", {"model": "flux", **values}).content.decode()
    assert ada.post(PRICES + "add/", {"model": "", **values}).status_code == 302
    assert "In EUR." in ada.get(PRICES + "add/").content.decode()
    assert "every other model" in ada.get(PRICES).content.decode()
    assert Price.objects.count() == 2


def test_staff_look_and_do_not_touch(client: Client, cast: Cast) -> None:
    limit = Limit.objects.create(what="pictures/day", amount=1)
    price = Price.objects.create(valid_from="2026-01-01")
    client.force_login(cast.moderator)
    for place, row in ((LIMITS, limit), (PRICES, price)):
        assert client.get(place).status_code == 200
        assert client.get(f"{place}{row.pk}/change/").status_code == 200
        assert client.get(place + "add/").status_code == 403
        assert client.post(f"{place}{row.pk}/change/", {"amount": "9"}).status_code == 403
        assert client.post(f"{place}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    client.force_login(cast.member)
    assert client.get(LIMITS).status_code == 302
