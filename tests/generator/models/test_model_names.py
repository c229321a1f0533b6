"""One name for each model."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from generator.create.choices import offered_models
from generator.models import Call, Provider
from generator.models.model_names import model_name, named
from tests.conftest import Cast


@pytest.fixture
def listed(db: None) -> None:
    rows = [
        {"id": "flux", "name": "Flux One", "available": True},
        {"id": "dall-e", "name": "Painter", "available": True},
        {"id": "gpt-image", "name": "Painter", "available": True},
        {"id": "plain", "available": True},
    ]
    Provider.objects.current().learn_models(rows)
    caches["process"].clear()


def test_a_model_is_called_as_the_api_calls_it_or_else_by_its_id(listed: None) -> None:
    assert [model_name(id_) for id_ in ("flux", "plain", "unknown", "")] == ["Flux One", "plain", "unknown", ""]


def test_models_with_the_same_name_are_told_apart(listed: None) -> None:
    assert model_name("dall-e") == "Painter (dall-e)"
    assert model_name("gpt-image") == "Painter (gpt-image)"


def test_a_list_that_was_never_read_names_nothing(db: None) -> None:
    Provider.objects.all().delete()
    caches["process"].clear()
    assert model_name("flux") == "flux"
    assert named([]) == {}


def test_however_many_are_named_it_costs_one_query(listed: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert {model_name("flux") for _ in range(20)} == {"Flux One"}


def test_every_page_and_file_has_the_same_name(listed: None, client: Client, cast: Cast, make_image: Any) -> None:
    assert offered_models()[0].name == "Flux One"
    image = make_image(cast.admin, visibility="public")
    Call.objects.filter(pk=image.call_id).update(reply_model="flux")
    client.force_login(cast.admin)
    places = [
        "/create/", image.get_absolute_url(), image.generation.get_absolute_url(), "/usage/", "/usage/me/",
        "/usage/ledger/", "/usage/ledger.csv", "/usage/table.csv", "/admin/generator/call/",
        "/admin/generator/generation/", f"/admin/generator/call/{image.call_id}/change/",
    ]  # fmt: skip
    for place in places:
        answer = client.get(place)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        assert b"Flux One" in content, place
