"""Everything members said about pictures, for the provider of the image API."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery.exports import safe_cell
from gallery.models import Comment, Rating, Report
from gallery.moderation import provider_report
from generator.models import Call, Image
from tests.conftest import Cast

MakeImage = Callable[..., Image]
PATH = "/inbox/provider-feedback/"


def fetch(client: Client, form: str, query: str = "") -> str:
    answer = client.get(f"{PATH}{form}/{query}")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode("utf-8-sig")


@pytest.fixture
def talked(cast: Cast, make_image: MakeImage) -> dict[str, Image]:
    """One picture that was rated, one commented, one reported (and trashed), and one that nobody speaks of."""
    images = {name: make_image(cast.owner, prompt=f"The {name} one") for name in ("rated", "said", "reported", "quiet")}
    Rating.objects.create(image=images["rated"], user=cast.member, stars=2)
    Comment.objects.create(image=images["said"], user=cast.owner, text="=six fingers", token=uuid4().hex)
    Report.objects.create(image=images["reported"], user=cast.stranger, reason="offensive", text="Blood.")
    images["reported"].withhold("removed_at")
    return images


def shown(page: str, images: dict[str, Image]) -> set[str]:
    return {name for name, image in images.items() if str(image.pk) in page}


def test_the_texts_hold_the_receipt_and_what_was_said(mo: Client, talked: dict[str, Image]) -> None:
    page = mo.get(PATH).content.decode()
    assert shown(page, talked) == {"rated", "said", "reported"}
    for line in ("Reply id: imagen_", "API user: 7", "Rated 2 of 5.", "Reported: Offensive or upsetting. Blood."):
        assert line in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?model=flux", {"rated", "said", "reported"}), ("?model=other", set()),
        ("?stars=1-2", {"rated"}), ("?stars=4-5", set()),
        ("?reason=offensive", {"reported"}), ("?reason=rights", set()),
        ("?member=MAX", {"rated"}), ("?member=nobody", set()),
        ("?since={tomorrow}", set()), ("?until={yesterday}", set()),
        ("?since={yesterday}&until={tomorrow}", {"rated", "said", "reported"}),
    ],
)  # fmt: skip
def test_it_is_filtered(mo: Client, talked: dict[str, Image], query: str, expected: set[str]) -> None:
    today = timezone.localdate()
    query = query.format(tomorrow=today + timedelta(days=1), yesterday=today - timedelta(days=1))
    assert shown(mo.get(PATH + query).content.decode(), talked) == expected
    rows = json.loads(fetch(mo, "json", query))
    assert {row["picture"] for row in rows} == {str(talked[name].pk) for name in expected}


def test_the_exports_hold_the_same_rows(mo: Client, talked: dict[str, Image]) -> None:
    rows = list(csv.DictReader(io.StringIO(fetch(mo, "csv"))))
    objects = json.loads(fetch(mo, "json"))
    assert [row["picture"] for row in rows] == [row["picture"] for row in objects]
    assert {row["reply_id"] for row in rows} == {"imagen_" + "a" * 48}
    assert {row["api_user"] for row in objects} == {7}
    texts = fetch(mo, "txt")
    assert all(row["text"] in texts for row in objects)


def test_a_trashed_comment_is_no_feedback(mo: Client, talked: dict[str, Image]) -> None:
    Comment.objects.update(state="trashed")
    assert shown(mo.get(PATH).content.decode(), talked) == {"rated", "reported"}


def test_no_member_is_named(mo: Client, talked: dict[str, Image]) -> None:
    text = fetch(mo, "json")
    assert not any(name in text for name in ("olga", "max", "sam"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff20"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


def test_numbers_and_plain_words_stay_as_they_are() -> None:
    assert [safe_cell(value) for value in (-3, 2.5, "word", "", None)] == [-3, 2.5, "word", "", ""]


def test_a_model_that_calls_itself_a_formula_is_disarmed(mo: Client, talked: dict[str, Image]) -> None:
    Call.objects.update(reply_model="=cmd()")
    assert {row["model"] for row in csv.DictReader(io.StringIO(fetch(mo, "csv")))} == {"'=cmd()"}
    assert {row["model"] for row in json.loads(fetch(mo, "json"))} == {"=cmd()"}


@pytest.mark.parametrize("query", ["?since=1850-01-01", "?stars=9", "?until=yesterday"])
def test_nonsense_is_explained(mo: Client, query: str) -> None:
    answer = mo.get(PATH + query)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert mo.get(f"{PATH}csv/{query}").status_code == 422


def test_without_feedback_there_is_a_page_and_an_empty_list(mo: Client) -> None:
    assert "Nobody has said anything yet" in mo.get(PATH).content.decode()
    assert json.loads(fetch(mo, "json")) == []
    assert mo.get(f"{PATH}pdf/").status_code == 404


def test_older_ones_are_a_page_further_within_the_filter(
    mo: Client, cast: Cast, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_report, "PAGE_SIZE", 2)
    images = {str(number): make_image(cast.owner) for number in range(3)}
    for image in images.values():
        Rating.objects.create(image=image, user=cast.member, stars=4)
    page = mo.get(f"{PATH}?model=flux&before=nonsense").content.decode()
    assert shown(page, images) == {"1", "2"}
    assert f'href="{PATH}csv/?model=flux" download' in page.replace("before=nonsense", "").replace("&amp;", "")
    further = unescape(page.partition('rel="next" href="')[2].partition('"')[0])
    assert further.startswith("?model=flux&before=")
    assert shown(mo.get(PATH + further).content.decode(), images) == {"0"}


def test_members_find_nothing(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    assert client.get(PATH).status_code == client.get(f"{PATH}csv/").status_code == 404


def test_ten_more_cost_no_more_queries(mo: Client, cast: Cast, make_image: MakeImage) -> None:
    def count(read: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            read()
        return len(queries)

    def fill(number: int) -> None:
        for _ in range(number):
            Rating.objects.create(image=make_image(cast.owner), user=cast.member, stars=4)

    reads = [lambda: mo.get(PATH), lambda: fetch(mo, "csv")]
    fill(1)
    mo.get(PATH)
    before = [count(read) for read in reads]
    fill(10)
    assert [count(read) for read in reads] == before


def test_the_models_on_offer_are_suggested(mo: Client) -> None:
    page = mo.get("/inbox/provider-feedback/").content.decode()
    assert 'list="offered-models"' in page
    assert '<option value="flux">' in page
