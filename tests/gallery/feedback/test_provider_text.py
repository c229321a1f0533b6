"""The prepared text for the provider of the image API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from gallery.feedback.provider_text import prepared_text
from generator.models import Call, Image
from tests.conftest import Cast

MakeImage = Callable[..., Image]


def test_it_holds_the_receipt_and_the_persons_words(cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    Call.objects.update(reply_created=datetime(2025, 7, 30, 12, 0, 6, tzinfo=UTC))
    image = Image.objects.get(pk=image.pk)
    assert prepared_text(image, " Six fingers.\n").splitlines() == [
        "Reply id: imagen_" + "a" * 48,
        "API user: 7",
        "Model: flux",
        "Created: 2025-07-30 12:00:06 UTC",
        "Size: 64x48",
        "Ratio: 1:1",
        "Elapsed time: 3.2 s",
        "",
        "Six fingers.",
    ]


def test_it_leaves_out_what_the_api_did_not_say(cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    Call.objects.update(reply_id="", api_user=None, elapsed_time=None, received_at=None, reply_model="")
    text = prepared_text(Image.objects.get(pk=image.pk))
    assert text == "Model: flux\nSize: 64x48\nRatio: 1:1"


def test_the_shared_keys_user_zero_is_said(cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    Call.objects.update(api_user=0)
    assert "API user: 0" in prepared_text(Image.objects.get(pk=image.pk))


def test_the_page_works_without_a_script(client: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    client.force_login(cast.member)
    page = client.get(f"/images/{image.pk}/provider-feedback/?words=Six+fingers.").content.decode()
    assert "Elapsed time: 3.2 s\n\nSix fingers.</textarea>" in page
    assert "Nothing is sent anywhere." in page


def test_it_never_holds_the_key(client: Client, cast: Cast, make_image: MakeImage, settings: Any) -> None:
    settings.ONLYSQ_API_KEY = "sq-very-secret"
    image = make_image(cast.owner)
    client.force_login(cast.owner)
    assert "sq-very-secret" not in client.get(f"/images/{image.pk}/provider-feedback/").content.decode()


def test_too_many_words_are_explained(client: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner)
    client.force_login(cast.owner)
    page = client.get(f"/images/{image.pk}/provider-feedback/", {"words": "x" * 2001}).content.decode()
    assert "at most 2000 characters" in page


def test_it_is_for_those_who_may_see_the_picture(client: Client, cast: Cast, make_image: MakeImage) -> None:
    image = make_image(cast.owner, visibility="private")
    address = f"/images/{image.pk}/provider-feedback/"
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    client.force_login(cast.stranger)
    assert client.get(address).status_code == 404


def test_the_text_costs_no_query_of_its_own(
    cast: Cast, make_image: MakeImage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_image(cast.owner)
    image = Image.objects.select_related("call", "generation").get()
    with django_assert_num_queries(0):
        prepared_text(image)
