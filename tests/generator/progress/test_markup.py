"""Tiles in every state, with markup in whatever people and the API can say: it stays text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from generator.models import Call, Generation, Image
from tests.conftest import Cast, markup

EVIL = "\"'><script>alert(1)</script>&lt;{{ 7*7 }}{% x %}"
ENDED = ["failed", "unknown", "cancelled"]
STATES = ["queued", "sending", "received", "succeeded", *ENDED]


@pytest.fixture
def spoilt(cast: Cast, make_image: Callable[..., Image], make_generation: Callable[..., Generation]) -> list[Call]:
    """A call of the owner's in each state, and one that brought a picture, with markup in every text of theirs."""
    make_image(cast.owner)
    for _ in STATES:
        make_generation(cast.owner, width=640, height=480, count=2)
    Generation.objects.update(prompt=EVIL, model=EVIL, visibility="private")
    Generation.objects.exclude(ratio="").update(ratio="1:1")
    now = timezone.now()
    for state, call in zip(STATES, Call.objects.filter(images=None).order_by("pk"), strict=True):
        Call.objects.filter(pk=call.pk).update(
            state=state, sent_at=now, finished_at=now, http_status=500, not_before=now + timedelta(hours=1)
        )
    said = {"error_kind": EVIL[:12], "error": EVIL, "reply_id": EVIL, "reply_model": EVIL, "lease": EVIL}
    Call.objects.update(**said)
    Image.objects.update(placeholder=EVIL, visibility="private")
    for name in ("username", "first_name", "last_name"):
        setattr(cast.owner, name, EVIL[:30])
    cast.owner.save()
    return list(Call.objects.all())


def _check(answer: Any) -> str:
    content = str(answer.content.decode())
    assert "<script>alert" not in content
    assert "\"'>" not in content
    assert "49" not in content.partition("alert(1)")[2][:60]
    assert "&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;{{ 7*7 }}{% x %}" in content
    return markup(answer)


def test_on_the_page_that_asks_for_pictures(client: Client, cast: Cast, spoilt: list[Call]) -> None:
    client.force_login(cast.owner)
    page = _check(client.get("/create/?before=ffffffff-ffff-7fff-bfff-ffffffffffff"))
    for state in STATES:
        assert f'data-state="{state}" role="group"' in page


@pytest.mark.parametrize("person", ["owner", "admin"])
def test_on_the_pages_of_what_was_asked_for(client: Client, cast: Cast, spoilt: list[Call], person: str) -> None:
    client.force_login(getattr(cast, person))
    for call in spoilt:
        _check(client.get(f"/generations/{call.generation_id}/"))


def test_in_the_news(client: Client, cast: Cast, spoilt: list[Call]) -> None:
    client.force_login(cast.owner)
    seen = [f"{call.pk.hex}:000000" for call in spoilt]
    text = _check(client.get("/live/", {"known": "", "seen": seen}, headers={"HX-Current-URL": "http://testserver/"}))
    assert text.count('role="group"') == len(spoilt)
    Call.objects.filter(state="failed").update(dismissed_at=timezone.now())
    _check(client.get("/live/", {"known": "", "seen": seen}))
