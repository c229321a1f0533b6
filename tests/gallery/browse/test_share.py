"""What a share link shows, and to whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from generator.models import Image

pytestmark = pytest.mark.django_db

PLACES = ["", "original/", "thumbs/320/"]


@pytest.fixture
def shared(cast: Any, make_image: Any) -> Any:
    return make_image(cast.owner, visibility="link", prompt="A teal square", thumbs=True)


def status(client: Client, address: str) -> int:
    response = client.get(address)
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


@pytest.mark.parametrize("place", PLACES)
def test_whoever_has_the_link_sees_the_picture(client: Client, shared: Image, place: str) -> None:
    assert status(client, f"/share/{shared.link}/{place}") == 200


def test_the_page_keeps_the_groups_business_to_the_group(client: Client, shared: Image) -> None:
    response = client.get(f"/share/{shared.link}/")
    content = response.content.decode()
    assert "A teal square" in content
    assert shared.call.reply_id not in content
    assert str(shared.pk) not in content
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"


def test_the_page_shows_copies_and_offers_the_original(client: Client, shared: Image) -> None:
    content = client.get(f"/share/{shared.link}/").content.decode()
    assert f"/share/{shared.link}/thumbs/320/ 64w" in content
    assert "Full size" in content
    assert "data-until-shown" in content


def test_an_original_that_browsers_do_not_know_and_a_damaged_one_are_said_to_be_so(
    client: Client, shared: Image
) -> None:
    Image.objects.update(format=Image.Format.JPEG2000, is_damaged=True, is_transparent=True)
    content = client.get(f"/share/{shared.link}/").content.decode()
    assert "Full size" not in content
    assert f'download="a-teal-square-{shared.pk.hex[-6:]}.jp2"' in content
    assert "This picture is damaged" in content
    assert "data-until-shown" not in content


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("visibility", ["private", "shared"])
def test_a_link_opens_nothing_that_is_not_shared_by_link(
    client: Client, shared: Image, place: str, visibility: str
) -> None:
    Image.objects.update(visibility=visibility)
    assert status(client, f"/share/{shared.link}/{place}") == 404


@pytest.mark.parametrize("place", PLACES)
def test_a_link_to_the_trash_opens_nothing(client: Client, shared: Image, place: str) -> None:
    shared.trash()
    assert status(client, f"/share/{shared.link}/{place}") == 404


@pytest.mark.parametrize("place", PLACES)
def test_a_guessed_link_is_a_404(client: Client, shared: Image, place: str) -> None:
    assert status(client, f"/share/{shared.link[:-1]}/{place}") == 404


def test_a_link_opens_only_its_own_picture(client: Client, shared: Image, cast: Any, make_image: Any) -> None:
    other = make_image(cast.owner, visibility="link", thumbs=True)
    content = client.get(f"/share/{shared.link}/").content.decode()
    assert other.link not in content
    assert status(client, f"/images/{shared.pk}/thumbs/320/") == 302


def test_a_member_sees_a_public_picture_under_its_link_too(client: Client, shared: Image, cast: Any) -> None:
    Image.objects.update(visibility="public")
    client.force_login(cast.stranger)
    assert status(client, f"/share/{shared.link}/") == 200
