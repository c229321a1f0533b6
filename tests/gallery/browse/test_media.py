"""Bytes: types, headers, and what is sent when a file is gone, which no page makes anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import PIL.Image
import pytest
from django.test import Client
from django_q.models import OrmQ

from generator import store
from generator.models import Image
from generator.worker import lost_thumbs
from tests.conftest import draw, lay_thumbs

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(cast: Any, client: Client) -> Client:
    client.force_login(cast.member)
    return client


@pytest.fixture
def image(cast: Any, make_image: Any) -> Any:
    return make_image(cast.owner, width=800, height=400, prompt='A "teal" square: <b>/../x', thumbs=True)


@pytest.fixture
def lost(image: Image, folders: Any) -> Image:
    """A picture of which no thumbnail is there."""
    shutil.rmtree(folders.media / "thumbs")
    return image


@pytest.fixture
def no_decoder(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on whoever opens a picture in this process fails."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a picture was opened in a process that answers requests")

    for name in ("open", "new", "frombytes"):
        monkeypatch.setattr(PIL.Image, name, refuse)
    monkeypatch.setattr(PIL.Image.core, "new", refuse)


def widths_there(image: Image) -> list[int]:
    return [width for width in image.thumb_widths if width not in store.lost_widths(image)]


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


@pytest.mark.parametrize("place", ["thumbs/320/", "thumbs/640/", "thumbs/16383/"])
def test_a_lost_thumbnail_is_made_by_a_worker_and_found_by_the_next_request(
    member: Client, lost: Image, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = member.get(f"/images/{lost.pk}/{place}")
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "5", "no-store")
    assert caplog.records == [], "it is no failure"
    assert response["Content-Type"] == "image/svg+xml"
    assert b'viewBox="0 0 800 400"' in content(response)
    assert widths_there(lost) == []
    lost_thumbs.heal_lost()
    assert widths_there(lost) == [320, 640, 1280]
    again = member.get(f"/images/{lost.pk}/{place}")
    assert content(again)[:4] == b"RIFF"


@pytest.mark.parametrize(
    ("asked", "there", "sent"), [(320, {640, 1280}, 640), (640, {320, 1280}, 1280), (1280, {320, 640}, 640)]
)
def test_meanwhile_another_copy_is_shown_and_not_kept(
    member: Client, image: Image, asked: int, there: set[int], sent: int
) -> None:
    store.remove_now([image.thumb_name(width) for width in image.thumb_widths if width not in there])
    response = member.get(f"/images/{image.pk}/thumbs/{asked}/")
    assert content(response) == store.thumb_path(image, sent).read_bytes()
    assert (response["Content-Type"], response["Cache-Control"]) == ("image/webp", "no-store")
    assert "ETag" not in response
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_after_an_upgrade_the_thumbnails_of_before_are_shown_until_there_are_new_ones(
    member: Client, lost: Image
) -> None:
    old = store.thumb_path(lost, 320).with_suffix(".jpg")
    old.parent.mkdir(parents=True)
    old.write_bytes(draw(form="JPEG"))
    response = member.get(f"/images/{lost.pk}/thumbs/320/")
    assert (response["Content-Type"], content(response)) == ("image/jpeg", draw(form="JPEG"))
    lost_thumbs.heal_lost()
    assert content(member.get(f"/images/{lost.pk}/thumbs/320/"))[:4] == b"RIFF"
    assert not old.exists()


def test_a_thumbnail_that_a_power_cut_left_empty_is_lost(member: Client, image: Image) -> None:
    store.thumb_path(image, 320).write_bytes(b"")
    content(member.get(f"/images/{image.pk}/thumbs/320/"))
    lost_thumbs.heal_lost()
    assert widths_there(image) == [320, 640, 1280]


def test_a_thousand_requests_for_a_lost_picture_are_one_task(member: Client, lost: Image) -> None:
    for width in [320, 640, 1280] * 5:
        assert member.get(f"/images/{lost.pk}/thumbs/{width}/").status_code == 503
    assert OrmQ.objects.count() == 1


def addresses(image: Image) -> Iterator[str]:
    own, shared = f"/images/{image.pk}/", f"/share/{image.link}/"
    for width in [320, 640, 1280, 16_383]:
        yield from (f"{own}thumbs/{width}/", f"{shared}thumbs/{width}/")
    yield from (own, f"{own}original/", f"{own}download/", shared, f"{shared}original/", "/")


@pytest.mark.parametrize("is_damaged", [True, False])
def test_no_address_has_a_picture_decoded_where_requests_are_answered(
    member: Client, lost: Image, no_decoder: None, folders: Any, is_damaged: bool
) -> None:
    Image.objects.update(visibility="public")
    if is_damaged:
        (folders.media / lost.file.name).write_bytes(b"no picture at all")
    answers = {address: member.get(address) for address in addresses(lost)}
    assert all(content(answer) for answer in answers.values())
    assert {answer.status_code for address, answer in answers.items() if "thumbs" in address} == {503}
    assert {answer.status_code for address, answer in answers.items() if "thumbs" not in address} == {200}
    assert widths_there(lost) == []


def test_only_the_known_widths_are_made(member: Client, image: Image) -> None:
    assert member.get(f"/images/{image.pk}/thumbs/321/").status_code == 404


@pytest.mark.parametrize("place", ["original/", "thumbs/320/"])
def test_a_missing_original_becomes_a_drawing_of_its_shape(
    member: Client, lost: Image, folders: Any, place: str
) -> None:
    (folders.media / lost.file.name).unlink()
    response = member.get(f"/images/{lost.pk}/{place}")
    assert response.status_code == 404
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cache-Control"] == "no-store"
    assert b'viewBox="0 0 800 400"' in content(response)
    assert not OrmQ.objects.exists()


def test_a_damaged_original_becomes_a_drawing_once_that_is_known(member: Client, lost: Image, folders: Any) -> None:
    (folders.media / lost.file.name).write_bytes(b"no picture at all")
    address = f"/images/{lost.pk}/thumbs/320/"
    assert member.get(address).status_code == 503
    lost_thumbs.heal_lost()
    response = member.get(address)
    assert (response.status_code, response["Content-Type"]) == (404, "image/svg+xml")
    assert "Retry-After" not in response


def test_a_copy_that_goes_while_it_is_looked_for_becomes_a_drawing(
    member: Client, lost: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "remaining_thumbs", lambda *_: [lost.thumb_name(640)])
    assert member.get(f"/images/{lost.pk}/thumbs/320/").status_code == 503


def test_a_thumbnail_outlives_its_original(member: Client, image: Image, folders: Any) -> None:
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
    lay_thumbs(image)
    owner = Client()
    owner.force_login(cast.owner)
    response = owner.get(f"/images/{image.pk}/thumbs/320/")
    content(response)
    assert response.status_code == 200
    assert owner.get(f"/images/{image.pk}/original/").status_code == 404
    assert member.get(f"/images/{image.pk}/thumbs/320/").status_code == 404
