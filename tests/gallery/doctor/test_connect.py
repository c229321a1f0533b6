"""How practice becomes the real thing, as admins read it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from generator.models import Call
from tests.conftest import Cast

PAGE = "/connect-api/"


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    client.force_login(cast.admin)
    return client


def text(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


@pytest.mark.parametrize("page", ["/", "/admin/"])
def test_practice_leads_admins_to_what_to_set(page: str, ada: Client, settings: Any) -> None:
    settings.SANDBOX = True
    assert f'<a href="{PAGE}">Connect the API</a>' in text(ada, page)
    settings.SANDBOX = False
    assert PAGE not in text(ada, page)


@pytest.mark.parametrize("role", ["member", "moderator"])
def test_practice_is_said_to_others_without_a_way_that_is_not_theirs(
    role: str, client: Client, cast: Cast, settings: Any
) -> None:
    settings.SANDBOX = True
    client.force_login(getattr(cast, role))
    found = text(client, "/")
    assert "Practice mode: the sandbox draws the pictures." in found
    assert PAGE not in found


def test_it_says_what_to_set_and_what_changes(ada: Client, settings: Any) -> None:
    settings.SANDBOX = True
    found = text(ada, PAGE)
    for said in ("ONLYSQ_API_KEY=your-key", "make run", "docker compose up -d", "What changes then"):
        assert said in found
    assert "right now" not in found


@pytest.mark.parametrize(("number", "said"), [(1, "1 call waits right now"), (2, "2 calls wait right now")])
def test_what_waits_would_be_sent_and_paid_for(
    number: int, said: str, ada: Client, settings: Any, make_generation: Any, cast: Cast
) -> None:
    settings.SANDBOX = True
    for _ in range(number):
        make_generation(cast.member)
    assert Call.objects.filter(state=Call.State.QUEUED).count() == number
    assert said in text(ada, PAGE)


@pytest.mark.parametrize(("key", "said"), [("sq-secret", "with a key"), ("", "without a key")])
def test_once_connected_it_names_the_api_and_never_the_key(key: str, said: str, ada: Client, settings: Any) -> None:
    settings.SANDBOX, settings.ONLYSQ_API_KEY = False, key
    settings.ONLYSQ_API_URL = "https://api.example.org:8443/imagen"
    found = text(ada, PAGE)
    assert f"The API at <strong>api.example.org:8443</strong> is connected, {said}." in found
    assert "sq-secret" not in found
    assert "What changes then" not in found
