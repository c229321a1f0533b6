"""Bytes: types, headers, healing, and what is sent when a file is gone."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image as Pillow

from generator import store
from generator.models import Image

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(cast: Any, client: Client) -> Client:
    client.force_login(cast.member)
    return client


@pytest.fixture
def image(cast: Any, make_image: Any) -> Any:
    return make_image(cast.owner, width=800, height=400, prompt='A "teal" square: <b>/../x')


def content(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_original_is_the_apis_own_bytes_as_the_type_they_are(member: Client, image: Image, folders: Any) -> None:
    response = member.get(f"/images/{image.pk}/original/")
    assert response["Content-Type"] == "image/png"
    assert content(response) == (folders.media / image.file.name).read_bytes()
    assert "attachment" not in response.get("Content-Disposition", "")


@pytest.mark.parametrize("place", ["original/", "download/"])
def test_an_original_that_lies_elsewhere_is_sent_by_the_site(
    member: Client, image: Image, folders: Any, settings: Any, bucket: None, place: str
) -> None:
    """A proxy can send only what lies on its own disk, such as the thumbnails."""
    settings.ACCEL_PREFIX = "/media"
    original = folders.media / image.file.name
    expected = original.read_bytes()
    store.publish(original, image.file.name)
    assert content(member.get(f"/images/{image.pk}/{place}")) == expected
    assert member.get(f"/images/{image.pk}/thumbs/320/")["X-Accel-Redirect"] == f"/media/{image.thumb_name(320)}"
    store.remove_now([image.file.name])
    assert member.get(f"/images/{image.pk}/{place}").status_code == 404


@pytest.mark.parametrize("place", ["original/", "download/", "thumbs/320/"])
def test_bytes_can_do_nothing_and_stay_in_ones_own_browser(member: Client, image: Image, place: str) -> None:
    response = member.get(f"/images/{image.pk}/{place}")
    content(response)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "public" not in response.get("Cache-Control", "")


def test_a_thumbnail_may_be_kept_and_is_not_sent_twice(member: Client, image: Image) -> None:
    address = f"/images/{image.pk}/thumbs/320/"
    response = member.get(address)
    content(response)
    assert response["Cache-Control"] == "private, max-age=604800, immutable"
    again = member.get(address, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_download_has_a_readable_and_harmless_name(member: Client, image: Image) -> None:
    response = member.get(f"/images/{image.pk}/download/")
    content(response)
    name = f"a-teal-square-b-x-{image.pk.hex[-6:]}.png"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_missing_thumbnail_heals(member: Client, image: Image, folders: Any) -> None:
    path = folders.media / image.thumb_name(320)
    assert not path.exists()
    response = member.get(f"/images/{image.pk}/thumbs/320/")
    assert response["Content-Type"] == "image/webp"
    assert Pillow.open(io.BytesIO(content(response))).size == (320, 160)
    assert path.is_file()


def test_a_thumbnail_that_a_power_cut_left_empty_heals(member: Client, image: Image, folders: Any) -> None:
    path = folders.media / image.thumb_name(320)
    path.parent.mkdir(parents=True)
    path.touch()
    assert Pillow.open(io.BytesIO(content(member.get(f"/images/{image.pk}/thumbs/320/")))).size == (320, 160)


def test_only_the_known_widths_are_made(member: Client, image: Image) -> None:
    assert member.get(f"/images/{image.pk}/thumbs/321/").status_code == 404


@pytest.mark.parametrize("place", ["original/", "thumbs/320/"])
def test_a_missing_original_becomes_a_drawing_of_its_shape(
    member: Client, image: Image, folders: Any, place: str
) -> None:
    (folders.media / image.file.name).unlink()
    response = member.get(f"/images/{image.pk}/{place}")
    assert response.status_code == 404
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cache-Control"] == "no-store"
    assert b'viewBox="0 0 800 400"' in content(response)


def test_a_damaged_original_becomes_a_drawing_where_a_thumbnail_should_be(
    member: Client, image: Image, folders: Any
) -> None:
    (folders.media / image.file.name).write_bytes(b"no picture at all")
    response = member.get(f"/images/{image.pk}/thumbs/320/")
    assert response.status_code == 404
    assert response["Content-Type"] == "image/svg+xml"


def test_a_thumbnail_outlives_its_original(member: Client, image: Image, folders: Any) -> None:
    content(member.get(f"/images/{image.pk}/thumbs/320/"))
    (folders.media / image.file.name).unlink()
    response = member.get(f"/images/{image.pk}/thumbs/320/")
    content(response)
    assert response.status_code == 200


def test_a_missing_original_cannot_be_downloaded(member: Client, image: Image, folders: Any) -> None:
    (folders.media / image.file.name).unlink()
    response = member.get(f"/images/{image.pk}/download/")
    assert response.status_code == 404
    assert "An empty frame" in response.content.decode()


def test_in_the_trash_its_owner_sees_the_thumbnail_and_nobody_the_bytes(
    member: Client, cast: Any, image: Image
) -> None:
    image.trash()
    owner = Client()
    owner.force_login(cast.owner)
    response = owner.get(f"/images/{image.pk}/thumbs/320/")
    content(response)
    assert response.status_code == 200
    assert owner.get(f"/images/{image.pk}/original/").status_code == 404
    assert member.get(f"/images/{image.pk}/thumbs/320/").status_code == 404
