"""Nobody floods the others: who does a lot in a short time is told how long to wait, and what was typed stays."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from gallery.models import Comment, Rating, Report
from generator import brakes
from generator.models import Generation
from tests.conftest import Cast, markup

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _two_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brakes, "RATES", dict.fromkeys(brakes.RATES, "2/d"))


@pytest.fixture
def member(cast: Cast, client: Client) -> Client:
    client.force_login(cast.member)
    return client


def wish(client: Client) -> Any:
    form = {"prompt": "A fox in the snow", "model": "flux", "ratio": "1:1", "count": "1", "visibility": "shared"}
    return client.post("/create/", form | {"token": uuid4().hex})


def test_wishes_in_a_row_are_braked_and_the_prompt_stays(member: Client, cast: Cast) -> None:
    assert [wish(member).status_code for _ in range(3)] == [303, 303, 429]
    answer = wish(member)
    assert int(answer["Retry-After"]) > 0
    assert "That was a lot in a short time." in answer.content.decode()
    assert "A fox in the snow" in answer.content.decode()
    assert Generation.objects.count() == 2
    other = Client()
    other.force_login(cast.owner)
    assert wish(other).status_code == 303, "each person has a measure of their own"


def test_comments_in_a_row_are_braked_and_the_words_stay(member: Client, cast: Cast, make_image: Any) -> None:
    image = make_image(cast.owner, visibility="shared")
    address = f"/images/{image.pk}/comment/"

    def say(**more: Any) -> Any:
        return member.post(address, {"text": "Lovely fox", "token": uuid4().hex}, **more)

    assert [say().status_code for _ in range(3)] == [302, 302, 429]
    assert "Lovely fox</textarea>" in markup(say())
    assert int(say()["Retry-After"]) > 0
    scripted = say(**HTMX)
    assert scripted.status_code == 200, "htmx shows nothing else"
    assert "That was a lot in a short time." in scripted.content.decode()
    assert Comment.objects.count() == 2


def test_stars_in_a_row_are_braked(member: Client, cast: Cast, make_image: Any) -> None:
    image = make_image(cast.owner, visibility="shared")
    stars = [member.post(f"/images/{image.pk}/rate/", {"stars": stars}) for stars in (1, 2, 3)]
    assert [answer.status_code for answer in stars] == [302, 302, 429]
    assert "That was a lot in a short time." in stars[2].content.decode()
    assert Rating.objects.get().stars == 2


def test_reports_in_a_row_are_braked_and_the_words_stay(member: Client, cast: Cast, make_image: Any) -> None:
    images = [make_image(cast.owner, visibility="shared") for _ in range(3)]
    form = {"reason": "other", "text": "Look at its paws"}
    answers = [member.post(f"/images/{image.pk}/report/", form) for image in images]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "That was a lot in a short time." in markup(answers[2])
    assert "Look at its paws</textarea>" in markup(answers[2])
    assert Report.objects.count() == 2


def test_a_form_with_a_mistake_costs_nothing(member: Client, cast: Cast, make_image: Any) -> None:
    image = make_image(cast.owner, visibility="shared")
    for _ in range(4):
        assert member.post(f"/images/{image.pk}/comment/", {"text": "", "token": "t"}).status_code == 422
    assert member.post(f"/images/{image.pk}/comment/", {"text": "Hello", "token": "t"}).status_code == 302


@pytest.mark.parametrize(("seconds", "words"), [(1, "in a minute."), (60, "in a minute."), (61, "in 2 minutes.")])
def test_the_wait_is_said_in_minutes(seconds: int, words: str) -> None:
    assert brakes.sentence(seconds).endswith(words)
