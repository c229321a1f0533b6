"""What a call costs: the price table, the estimate before and the figure after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generator.create.estimates import Estimate, estimates
from generator.models import Call, Generation, Image, Price
from generator.models.accounting.price import rounded
from generator.models.failure_words import Failure
from tests.conftest import Cast

Make = Callable[..., Generation]
TODAY = date(2026, 5, 20)


def price(model: str = "", valid_from: date = date(2020, 1, 1), **amounts: str) -> Price:
    return Price.objects.create(
        model=model, valid_from=valid_from, **{f"per_{name}": Decimal(amount) for name, amount in amounts.items()}
    )


def sent(call: Call) -> Call:
    """On its way to the API and back."""
    assert call.claim(30)
    assert call.mark_sent()
    assert call.receive(200)
    return call


# The table


def test_a_models_own_latest_price_comes_first(db: None) -> None:
    old, new = price("flux", date(2026, 1, 1)), price("flux", date(2026, 5, 20))
    price("flux", date(2026, 5, 21))
    general = price("", date(2026, 5, 19))
    assert Price.objects.at("flux", TODAY) == new
    assert Price.objects.at("flux", TODAY - timedelta(days=1)) == old
    assert Price.objects.at("other", TODAY) == general
    assert Price.objects.at("other", date(2026, 5, 18)) is None
    assert Price.objects.valid_on(TODAY) == {"flux": new, "": general}


@pytest.mark.parametrize(
    ("amount", "kept"), [("0.00005", "0.0001"), ("0.00004999", "0.0000"), ("1.00015", "1.0002"), ("2", "2.0000")]
)
def test_money_has_four_places_and_halves_go_up(amount: str, kept: str) -> None:
    assert str(rounded(Decimal(amount))) == kept


def test_a_call_costs_per_call_per_picture_and_per_unit() -> None:
    found = Price(per_call=Decimal("0.01"), per_picture=Decimal("0.02"), per_unit=Decimal("0.00001"))
    assert found.cost(4, 152) == Decimal("0.0915")
    assert not found.is_free
    assert Price().is_free


def test_no_usage_the_api_may_report_costs_more_than_the_ledger_can_hold(cast: Cast, make_generation: Make) -> None:
    price(unit="999999")
    call = sent(make_generation(cast.owner).calls.get())
    assert call.succeed(usage=10**12)
    call.refresh_from_db()
    assert call.cost == Decimal("99999999.9999")


def test_usage_below_nothing_gives_nobody_room(cast: Cast, make_generation: Make) -> None:
    call = sent(make_generation(cast.owner).calls.get())
    assert call.succeed(usage=-500)
    call.refresh_from_db()
    assert (call.units, call.usage) == (0, -500)


# Reserved and settled


def test_without_a_price_there_is_no_money(client: Client, cast: Cast, make_image: Callable[..., Image]) -> None:
    image = make_image(cast.owner)
    assert image.call.cost is None
    client.force_login(cast.owner)
    pages = [image.get_absolute_url(), image.generation.get_absolute_url(), "/create/"]
    for text in (client.get(page).content.decode() for page in pages):
        assert "EUR" not in text
        assert "Cost" not in text


def test_the_price_of_the_day_it_was_made_holds(cast: Cast, make_generation: Make, settings: Any) -> None:
    """Made late in the evening of the 19th, in Berlin; the price of the 20th came at midnight."""
    settings.TIME_ZONE = "Europe/Berlin"
    price("", date(2026, 5, 19), call="1")
    price("", date(2026, 5, 20), call="2")
    call = sent(make_generation(cast.owner).calls.get())
    Call.objects.filter(pk=call.pk).update(created_at="2026-05-19T21:59:59Z")
    call.refresh_from_db()
    call.succeed()
    assert call.cost == Decimal(1)


def test_what_came_is_charged_and_not_what_was_asked(cast: Cast, make_generation: Make) -> None:
    price(call="0.1", picture="0.2", unit="0.001")
    call = make_generation(cast.owner, width=64, height=64, count=4).calls.get()
    assert (call.pictures, call.cost, call.settled_at) == (4, Decimal("0.9"), None)
    sent(call).succeed(3, usage=100)
    call.refresh_from_db()
    assert (call.pictures, call.units, call.cost) == (3, 100, Decimal("0.8000"))
    assert call.settled_at


@pytest.mark.parametrize(("kind", "cost"), [("refused", "0"), ("provider", "0"), ("unreadable", "0.105")])
def test_a_failure_is_charged_only_if_a_whole_reply_came(
    cast: Cast, make_generation: Make, kind: str, cost: str
) -> None:
    price(call="0.1", picture="0.2", unit="0.001")
    call = sent(make_generation(cast.owner).calls.get())
    call.fail(Failure(kind, "status"), usage=5)
    call.refresh_from_db()
    assert (call.pictures, call.units, call.cost) == (0, 5, Decimal(cost))


# The estimate


def test_an_estimate_follows_the_latest_calls_of_the_model(cast: Cast, make_generation: Make) -> None:
    price(unit="0.001")
    for usage in (100, 200):
        sent(make_generation(cast.owner, width=64, height=64, count=2).calls.get()).succeed(usage=usage)
    caches["process"].clear()
    call = make_generation(cast.owner, width=64, height=64, count=4).calls.get()
    assert (call.units, call.cost) == (300, Decimal("0.3"))
    other = make_generation(cast.owner, model="other").calls.get()
    assert (other.units, other.cost) == (0, Decimal(0))


def test_an_estimate_says_pictures_and_money_for_each_dialect(db: None) -> None:
    price(call="0.05", picture="0.0125")
    price("flux", picture="1")
    found = estimates(["flux", "tiny"], [[1], [1, 1]])
    assert found["flux"] == [Estimate(1, Decimal(1)), Estimate(2, Decimal(2))]
    assert [str(each) for each in found["flux"]] == ["1 picture, about 1.00 EUR", "2 pictures, about 2.00 EUR"]
    assert [str(each) for each in found["tiny"]] == ["1 picture, about 0.0625 EUR", "2 pictures, about 0.125 EUR"]
    assert [each.about for each in estimates(["tiny"], [[2]])["tiny"]] == ["about 0.075 EUR"]


def test_an_estimate_without_a_price_counts_pictures(db: None, settings: Any) -> None:
    assert estimates(["flux"], [[1], [1, 1]]) == {"flux": [Estimate(1), Estimate(2)]}
    assert [(str(each), each.about) for each in (Estimate(1), Estimate(2))] == [("1 picture", ""), ("2 pictures", "")]
    price("other", picture="1")
    assert estimates(["flux"], [[1]]) == {"flux": [Estimate(1)]}


def test_what_costs_nothing_says_so(db: None) -> None:
    price()
    (found,) = estimates(["flux"], [[1]])["flux"]
    assert (str(found), found.about) == ("1 picture, about 0.00 EUR", "about 0.00 EUR")


def test_the_form_says_what_is_chosen_and_has_the_rest_ready(client: Client, cast: Cast, settings: Any) -> None:
    price("flux", picture="0.02")
    settings.CURRENCY = "CHF"
    client.force_login(cast.owner)
    text = client.get("/create/").content.decode()
    assert '<p class="estimate hint" data-estimate aria-live="polite">1 picture, about 0.02 CHF</p>' in text
    assert "2 pictures, about 0.04 CHF|3 pictures" in text
    bad = client.post("/create/", {"prompt": "", "model": "nope", "count": "99"})
    assert bad.status_code == 422
    assert 'aria-live="polite"></p>' in bad.content.decode()


def test_each_model_says_what_it_costs_for_each_number_of_pictures(client: Client, cast: Cast) -> None:
    client.force_login(cast.owner)
    assert 'class="costs"' not in client.get("/create/").content.decode()
    price(picture="0.02")
    text = client.get("/create/").content.decode()
    assert "<span>about 0.02 EUR</span><span>about 0.04 EUR</span>" in text
    assert "About what they cost stands with each model." in text


def test_more_models_take_no_more_queries(client: Client, cast: Cast, settings: Any) -> None:
    client.force_login(cast.owner)
    price(picture="1")
    client.get("/create/")
    counts = []
    for models in (["flux"], [f"model-{n}" for n in range(11)]):
        settings.ONLYSQ_MODELS = models
        for name in models:
            Price.objects.get_or_create(model=name, valid_from=timezone.now().date())
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/create/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_cost_is_on_the_picture_and_in_the_ledger(
    client: Client, cast: Cast, make_image: Callable[..., Image]
) -> None:
    image = make_image(cast.owner)
    Call.objects.filter(pk=image.call_id).update(cost="0.1250", pictures=2, settled_at=timezone.now())
    client.force_login(cast.owner)
    assert "0.125 EUR" in client.get(image.get_absolute_url()).content.decode()
    assert "0.125 EUR" in client.get(image.generation.get_absolute_url()).content.decode()
