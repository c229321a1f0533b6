"""A listing as ZIPs: what one may see of it, under readable names, in parts that can go on where they broke off."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from gallery.browse import downloads
from gallery.search import index, overtime
from generator import store
from generator.models import Image
from tests.conftest import Cast, Folders

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
ZIP = "/downloads/pictures.zip"


def content(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def headers(client: Client, address: str = ZIP, **more: str) -> Any:
    """Of an answer that is read to its end: before, it is one of the few that each member may have at once."""
    response = client.get(address, headers=more)
    content(response)
    return response.headers


def opened(client: Client, address: str = ZIP) -> zipfile.ZipFile:
    response = client.get(address)
    assert response["Content-Type"] == "application/zip"
    found = zipfile.ZipFile(io.BytesIO(content(response)))
    assert found.testzip() is None
    return found


def listed(found: zipfile.ZipFile) -> list[dict[str, Any]]:
    return list(json.loads(found.read("manifest.json"))["pictures"])


def test_it_holds_the_originals_of_what_one_may_see_and_what_is_known_of_them(
    member: Client, cast: Cast, make_image: Make, folders: Folders
) -> None:
    fox = make_image(cast.owner, prompt="A fox, über/all", visibility="shared")
    make_image(cast.owner, visibility="private")
    mine = make_image(cast.member, prompt="=1+1", visibility="private")
    found = opened(member)
    told = listed(found)
    assert [one["id"] for one in told] == [str(mine.pk), str(fox.pk)]
    assert set(found.namelist()) == {*(one["file"] for one in told), "manifest.json", "manifest.csv"}
    assert told[1]["file"] == f"pictures/a-fox-über-all-{fox.pk.hex[-6:]}.png"
    assert found.read(told[1]["file"]) == (folders.media / fox.file.name).read_bytes()
    assert (told[1]["prompt"], told[1]["model"], told[1]["by"]) == ("A fox, über/all", "flux", "olga")
    rows = [*csv.DictReader(io.StringIO(found.read("manifest.csv").decode("utf-8-sig")))]
    assert [row["id"] for row in rows] == [str(mine.pk), str(fox.pk)]
    assert rows[0]["prompt"] == "'=1+1"


def test_it_is_the_listing_that_is_asked_for_in_its_order(member: Client, cast: Cast, make_image: Make) -> None:
    foxes = [make_image(cast.owner, prompt=f"a fox {number}", visibility="shared") for number in range(3)]
    make_image(cast.owner, prompt="a hen", visibility="shared")
    make_image(cast.moderator, prompt="a fox", visibility="shared")
    index.add_older(10)
    told = listed(opened(member, f"{ZIP}?in=u/olga&q=fox&order=oldest"))
    assert [one["id"] for one in told] == [str(fox.pk) for fox in foxes]


def test_the_page_says_how_much_there_is_and_leads_to_every_part(
    member: Client, cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "PART", 2)
    monkeypatch.setattr(downloads, "PARTS", 2)
    images = [make_image(cast.owner, visibility="shared") for _ in range(5)]
    page = member.get("/downloads/").context
    assert [(part.first, part.last) for part in page["parts"]] == [(1, 2), (3, 4)]
    assert [part.bytes for part in page["parts"]] == [images[4].bytes + images[3].bytes] * 2
    last = member.get(f"/downloads/?{page['further']}").context
    assert [(part.number, part.first, part.last) for part in last["parts"]] == [(3, 5, 5)]
    assert not last["further"]
    parts = [*page["parts"], *last["parts"]]
    got = [one["id"] for part in parts for one in listed(opened(member, part.address))]
    assert got == [str(image.pk) for image in reversed(images)]
    name = headers(member, parts[2].address)["Content-Disposition"]
    assert name.startswith('attachment; filename="vitrine-')
    assert name.endswith('-3.zip"')


@pytest.mark.parametrize("asked", ["", "order=oldest", "order=rated", "order=random&seed=7", "in=favourites"])
def test_parts_of_any_order_hold_each_picture_once(
    asked: str, member: Client, cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "PART", 2)
    images = [make_image(cast.owner, visibility="shared") for _ in range(5)]
    for number, image in enumerate(images):
        member.post(f"/images/{image.pk}/rate/", {"stars": 1 + number % 3})
        member.post(f"/images/{image.pk}/favourite/", {"favourite": "yes"})
    parts = member.get(f"/downloads/?{asked}").context["parts"]
    got = [one["id"] for part in parts for one in listed(opened(member, part.address))]
    assert len(got) == 5
    assert {*got} == {str(image.pk) for image in images}


def test_what_is_asked_takes_as_many_queries_for_many(
    member: Client, cast: Cast, make_image: Make, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        make_image(cast.owner, visibility="shared")
    with django_assert_num_queries(4):  # session, member, places, pictures
        content(member.get(ZIP))


def test_a_download_goes_on_where_it_broke_off(member: Client, cast: Cast, make_image: Make) -> None:
    for _ in range(3):
        make_image(cast.owner, visibility="shared")
    first = member.get(ZIP)
    whole, etag = content(first), first["ETag"]
    assert first["Accept-Ranges"] == "bytes"
    assert first["Content-Length"] == str(len(whole))
    for asked, expected in {
        "bytes=0-": whole, "bytes=100-": whole[100:], "bytes=5-9": whole[5:10], "bytes=-7": whole[-7:],
        f"bytes=9-{10**12}": whole[9:], f"bytes=-{10**12}": whole,
    }.items():  # fmt: skip
        rest = member.get(ZIP, headers={"Range": asked, "If-Range": etag})
        assert (rest.status_code, content(rest)) == (206, expected), asked
        assert rest["Content-Length"] == str(len(expected))
        begin = len(whole) - len(expected) if asked != "bytes=5-9" else 5
        assert rest["Content-Range"] == f"bytes {begin}-{begin + len(expected) - 1}/{len(whole)}"


@pytest.mark.parametrize(
    "asked", ["bytes=9-5", "bytes=-", "bytes=0-1,4-5", "pages=1-2", "bytes=x-", "bytes=" + "9" * 40]
)
def test_a_range_that_makes_no_sense_gets_the_whole(asked: str, member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, visibility="shared")
    answer = member.get(ZIP, headers={"Range": asked})
    assert answer.status_code == 200
    assert zipfile.ZipFile(io.BytesIO(content(answer))).testzip() is None


@pytest.mark.parametrize("asked", [f"bytes={10**9}-", "bytes=-0"])
def test_beyond_its_end_there_is_nothing(asked: str, member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, visibility="shared")
    size = headers(member)["Content-Length"]
    answer = member.get(ZIP, headers={"Range": asked})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{size}")


def test_after_a_change_it_begins_anew(member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, visibility="shared")
    etag = headers(member)["ETag"]
    going_on = {"Range": "bytes=9-", "If-Range": etag}
    assert headers(member, **going_on)["Content-Range"].startswith("bytes 9-")
    make_image(cast.owner, visibility="shared")
    anew = headers(member, **going_on)
    assert "Content-Range" not in anew
    assert anew["ETag"] != etag


def test_a_file_that_is_gone_is_said_and_one_elsewhere_is_fetched(
    member: Client, cast: Cast, make_image: Make, folders: Folders, bucket: None
) -> None:
    there, gone = (make_image(cast.owner, visibility="shared") for _ in range(2))
    expected = (folders.media / there.file.name).read_bytes()
    store.publish(folders.media / there.file.name, there.file.name)
    found = opened(member)
    told = {one["id"]: one["file"] for one in listed(found)}
    assert told[str(gone.pk)] is None
    assert found.read(told[str(there.pk)]) == expected
    assert "Accept-Ranges" not in headers(member)


def test_names_differ_on_file_systems_that_know_no_capitals(
    member: Client, cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = (make_image(cast.owner, visibility="shared") for _ in range(2))
    names = {small.pk: "a.png", large.pk: "A.png"}
    monkeypatch.setattr(Image, "download_name", property(lambda image: names[image.pk]))
    first, second = (one["file"] for one in listed(opened(member)))
    assert first == "pictures/A.png"
    assert second == f"pictures/{small.pk.hex}-a.png"


def test_it_is_nobodys_liking(member: Client, cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner, visibility="shared")
    content(member.get(ZIP))
    image.refresh_from_db()
    assert image.downloads == 0


def test_there_may_be_nothing(member: Client) -> None:
    assert "Nothing to download" in member.get("/downloads/?q=unicorn").content.decode()
    assert member.get(f"{ZIP}?q=unicorn").status_code == 404


@pytest.mark.parametrize("address", ["/downloads/", ZIP])
def test_nobody_waits_for_what_takes_too_long(address: str, member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def too_long() -> Iterator[None]:
        raise overtime.OvertimeError
        yield

    monkeypatch.setattr(downloads, "limited", too_long)
    answer = member.get(address, {"q": "rated:4"})
    assert answer.status_code == 503
    assert "takes too long" in answer.content.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "All pictures that you may see"),
        ("in=mine", "All pictures of yours"),
        ("in=favourites", "All favourites of yours"),
        ("in=u/olga", "Pictures of olga that you may see"),
        ("q=fox", "What was found for"),
    ],
)
def test_the_page_says_which_pictures(asked: str, said: str, member: Client, cast: Cast) -> None:
    assert said in member.get(f"/downloads/?{asked}").content.decode()


def test_the_menu_of_a_listing_leads_there(member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, prompt="a fox", visibility="shared")
    index.add_older(10)
    assert 'href="/downloads/?q=fox"' in member.get("/?q=fox").content.decode()


@pytest.mark.parametrize("part", ["x", "-1", "9" * 30, "٣", ""])
def test_a_mangled_number_is_the_first(part: str, member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, visibility="shared")
    assert [one.number for one in member.get("/downloads/", {"part": part}).context["parts"]] == [1]
