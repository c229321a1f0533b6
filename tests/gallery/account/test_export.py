"""Everything of mine in one ZIP: complete, honest about what is missing, streamed."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.account.export import Portable
from gallery.models import Comment, Favourite, Rating, User
from generator import store
from generator.models import Call, Image
from generator.models.failure_words import Failure
from tests.conftest import Cast, Folders

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


def download(user: User) -> tuple[Any, zipfile.ZipFile, dict[str, Any]]:
    """The answer, the ZIP in it and the ZIP's JSON."""
    client = Client()
    client.force_login(user)
    response = client.get("/account/download/")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert int(response["Content-Length"]) == len(content)
    found = zipfile.ZipFile(io.BytesIO(content))
    assert found.testzip() is None
    return response, found, json.loads(found.read("metadata.json"))


def test_every_original_of_mine_is_in_it_untouched(cast: Cast, make_image: Make, folders: Folders) -> None:
    mine = [make_image(cast.owner, prompt="A fox, über/all", visibility=name) for name in ("private", "public")]
    thrown = make_image(cast.owner)
    thrown.trash()
    make_image(cast.member)
    response, found, data = download(cast.owner)
    assert response["Content-Type"] == "application/zip"
    assert 'attachment; filename="vitrine-' in response["Content-Disposition"]
    files = {row["id"]: row["file"] for row in data["pictures"]}
    assert set(files) == {str(image.pk) for image in (*mine, thrown)}
    assert set(found.namelist()) == {*files.values(), "metadata.json"}
    assert files[str(mine[0].pk)] == f"pictures/{mine[0].download_name}"
    assert files[str(thrown.pk)].startswith("trash/")
    for image in (*mine, thrown):
        assert found.read(files[str(image.pk)]) == (folders.media / image.file.name).read_bytes()


def test_originals_that_lie_elsewhere_are_fetched(cast: Cast, make_image: Make, folders: Folders, bucket: None) -> None:
    image, gone = make_image(cast.owner), make_image(cast.owner)
    content = (folders.media / image.file.name).read_bytes()
    store.publish(folders.media / image.file.name, image.file.name)
    _, found, data = download(cast.owner)
    files = {row["id"]: row["file"] for row in data["pictures"]}
    assert found.read(files[str(image.pk)]) == content
    assert files[str(gone.pk)] is None


def test_the_json_tells_all_that_is_known_about_mine(cast: Cast, make_image: Make) -> None:
    image, other = make_image(cast.owner, prompt="A fox"), make_image(cast.member, prompt="A hen")
    Rating.objects.create(image=other, user=cast.owner, stars=4)
    for person in (cast.owner, cast.member):
        Favourite.objects.create(image=other, user=person)
    Comment.objects.create(image=other, user=cast.owner, text="Schön", token="1")
    Comment.objects.create(image=image, user=cast.member, text="theirs", token="2")
    data = download(cast.owner)[2]
    assert data["member"][0]["username"] == "olga"
    assert [row["prompt"] for row in data["generations"]] == ["A fox"]
    (call,) = data["calls"]
    assert (call["state"], call["usage"], call["api_user"], call["elapsed_time"]) == ("succeeded", 152, 7, 3.2)
    assert call["reply_id"] == image.call.reply_id
    (picture,) = data["pictures"]
    assert (picture["prompt"], picture["visibility"], picture["missing"]) == ("A fox", "shared", False)
    assert picture["call_id"] == str(image.call_id)
    assert [(row["image_id"], row["stars"]) for row in data["ratings"]] == [(str(other.pk), 4)]
    assert [row["image_id"] for row in data["favourites"]] == [str(other.pk)]
    assert [row["text"] for row in data["comments"]] == ["Schön"]
    said = json.dumps(data)
    assert "theirs" not in said
    assert "password" not in said


def test_the_json_tells_in_words_what_went_wrong(cast: Cast, make_image: Make) -> None:
    old, new, fine = (make_image(cast.owner).call_id for _ in range(3))
    Call.objects.filter(pk=old).update(error_kind="silence", error="A sentence of release 0.1.0.")
    Call.objects.filter(pk=new).update(**Failure("fewer", "count", {"count": 1, "wanted": 3}).columns)
    told = {row["id"]: (row["error_kind"], row["error"]) for row in download(cast.owner)[2]["calls"]}
    assert told == {
        str(old): ("silence", "A sentence of release 0.1.0."),
        str(new): ("fewer", "The API sent 1 of 3 pictures."),
        str(fine): ("", ""),
    }


def test_a_file_that_is_gone_is_listed_as_missing(cast: Cast, make_image: Make, folders: Folders) -> None:
    gone, there = make_image(cast.owner), make_image(cast.owner)
    (folders.media / gone.file.name).unlink()
    _, found, data = download(cast.owner)
    rows = {row["id"]: (row["missing"], row["file"]) for row in data["pictures"]}
    assert rows == {str(gone.pk): (True, None), str(there.pk): (False, f"pictures/{there.download_name}")}
    assert len(found.namelist()) == 2


def test_a_file_that_goes_while_it_is_read_cuts_the_answer_off(cast: Cast, make_image: Make, folders: Folders) -> None:
    """What was promised cannot be kept any more, and a ZIP that only looks whole would be worse."""
    image = make_image(cast.owner)
    portable = Portable(cast.owner)
    (folders.media / image.file.name).unlink()
    with pytest.raises(FileNotFoundError):
        b"".join(portable)
    portable.close()


def test_names_are_unique(cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "download_name", "same.png")
    images = [make_image(cast.owner) for _ in range(3)]
    _, found, data = download(cast.owner)
    assert len({row["file"] for row in data["pictures"]}) == len(images)
    assert len(set(found.namelist())) == 4


def test_somebody_without_pictures_gets_a_zip_too(cast: Cast) -> None:
    _, found, data = download(cast.stranger)
    assert found.namelist() == ["metadata.json"]
    assert data["pictures"] == data["calls"] == []


def test_head_tells_the_size_and_leaves_no_file_open(cast: Cast, make_image: Make) -> None:
    make_image(cast.owner)
    client = Client()
    client.force_login(cast.owner)
    response = client.head("/account/download/")
    assert int(response["Content-Length"]) > 500
    assert b"".join(response.streaming_content) == b""  # type: ignore[attr-defined]


def test_it_is_never_whole_in_memory(cast: Cast, make_image: Make, folders: Folders) -> None:
    """Twelve pictures of 4 MiB: less than one of them is held at any time."""
    for _ in range(12):
        grow(folders.media / make_image(cast.owner).file.name)
    tracemalloc.start()
    portable = Portable(cast.owner)
    sent = sum(len(piece) for piece in portable)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    portable.close()
    assert sent == portable.size > 48 * 1024**2
    assert peak < 3 * 1024**2


def grow(path: Path) -> None:
    with path.open("ab") as handle:
        handle.truncate(4 * 1024**2)


def test_ten_more_pictures_cost_no_more_queries(cast: Cast, make_image: Make) -> None:
    make_image(cast.owner)
    download(cast.owner)
    with CaptureQueriesContext(connection) as few:
        download(cast.owner)
    for _ in range(10):
        make_image(cast.owner)
    with CaptureQueriesContext(connection) as many:
        download(cast.owner)
    assert len(many) == len(few) > 0
