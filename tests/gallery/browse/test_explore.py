"""The page of everybody's pictures."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.browse import listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def _pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)


def test_shows_the_newest_first(member: Client, cast: Any, make_image: Any) -> None:
    images = [make_image(cast.owner) for _ in range(3)]
    content = member.get("/").content.decode()
    places = [content.index(f"/images/{image.pk}/") for image in sorted(images, key=lambda image: image.pk)]
    assert places == sorted(places, reverse=True)


def test_a_tile_says_what_it_shows_and_keeps_its_place(member: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner, width=1600, height=900, prompt="A <red> fox")
    content = member.get("/").content.decode()
    assert 'alt="A &lt;red&gt; fox"' in content
    assert "by olga" in content
    assert '<li class="ar-178">' in content
    assert 'width="1600" height="900" loading="lazy"' in content
    assert re.search(rf"/images/{image.pk}/thumbs/320/\?p=0-[\w-]{{20}} 320w", content)
    assert image.placeholder in content


def test_only_another_visibility_than_the_usual_one_is_marked(member: Client, cast: Any, make_image: Any) -> None:
    make_image(cast.owner)
    assert "image-card-mark" not in member.get("/").content.decode()
    make_image(cast.owner, visibility="public")
    assert 'image-card-mark" title="Everyone"' in member.get("/").content.decode()


def test_only_its_owner_is_called_me(client: Client, cast: Any, make_image: Any) -> None:
    make_image(cast.owner, visibility="private")
    client.force_login(cast.owner)
    assert 'image-card-mark" title="Only me"' in client.get("/").content.decode()
    client.force_login(cast.admin)
    client.post("/admin/look/")
    assert 'image-card-mark" title="Only its owner"' in client.get("/admin/look/").content.decode()


def test_nothing_private_of_others_is_shown(member: Client, cast: Any, make_image: Any) -> None:
    hidden = [make_image(cast.owner, visibility=name) for name in ("private", "link")]
    content = member.get("/").content.decode()
    assert not any(str(image.pk) in content for image in hidden)


def test_an_empty_site_leads_to_the_form(member: Client) -> None:
    content = member.get("/").content.decode()
    assert "Nothing on the walls yet" in content
    assert 'href="/create/"' in content


@pytest.mark.usefixtures("_pages_of_two")
def test_older_is_a_plain_link_to_the_rest(member: Client, cast: Any, make_image: Any) -> None:
    images = sorted((make_image(cast.owner) for _ in range(3)), key=lambda image: image.pk, reverse=True)
    assert f'rel="next" href="?before={images[1].pk}"' in member.get("/").content.decode()
    rest = member.get("/", {"before": str(images[1].pk)}).content.decode()
    assert str(images[2].pk) in rest
    assert str(images[0].pk) not in rest
    assert 'rel="next"' not in rest


@pytest.mark.usefixtures("_pages_of_two")
def test_newer_is_a_plain_link_back(member: Client, cast: Any, make_image: Any) -> None:
    images = sorted((make_image(cast.owner) for _ in range(5)), key=lambda image: image.pk, reverse=True)
    first, last = member.get("/"), member.get("/", {"before": str(images[3].pk)})
    assert 'rel="prev"' not in first.content.decode()
    assert f'rel="prev" href="?after={images[4].pk}"' in last.content.decode()
    between = member.get("/", {"after": str(images[4].pk)})
    content = between.content.decode()
    assert [f"/images/{image.pk}/" in content for image in images] == [False, False, True, True, False]
    assert f'rel="prev" href="?after={images[2].pk}"' in content
    assert f'rel="next" href="?before={images[3].pk}"' in content
    assert first["Link"] == f'</?before={images[1].pk}>; rel="next"'
    assert between["Link"] == f'</?after={images[2].pk}>; rel="prev", </?before={images[3].pk}>; rel="next"'
    assert last["Link"] == f'</?after={images[4].pk}>; rel="prev"'


@pytest.mark.usefixtures("_pages_of_two")
def test_whoever_comes_back_to_the_head_gets_all_of_the_first_page(member: Client, cast: Any, make_image: Any) -> None:
    images = sorted((make_image(cast.owner) for _ in range(3)), key=lambda image: image.pk, reverse=True)
    for image in images:
        assert member.get("/", {"after": str(image.pk), "order": ""})["Location"] == "/"
    assert member.get("/", {"q": "shape:wide", "after": str(images[1].pk)})["Location"] == "/?q=shape%3Awide"


@pytest.mark.usefixtures("_pages_of_two")
def test_a_script_that_goes_back_gets_the_rows_and_the_way_further_back(
    member: Client, cast: Any, make_image: Any
) -> None:
    images = sorted((make_image(cast.owner) for _ in range(4)), key=lambda image: image.pk, reverse=True)
    asked = {"headers": {"HX-Request": "true"}}
    content = member.get("/", {"after": str(images[3].pk)}, **asked).content.decode()
    assert [str(image.pk) in content for image in images] == [False, True, True, False]
    assert 'id="newer" aria-label="Pictures before these"' in content
    assert f'rel="prev" href="?after={images[1].pk}"' in content
    assert 'id="older"' not in content
    head = member.get("/", {"after": str(images[1].pk)}, **asked).content.decode()
    assert head.count("data-image=") == 1
    assert 'id="newer"' in head
    assert 'rel="prev"' not in head


@pytest.mark.usefixtures("_pages_of_two")
def test_a_script_gets_only_the_rows_and_the_next_link(member: Client, cast: Any, make_image: Any) -> None:
    for _ in range(3):
        make_image(cast.owner)
    response = member.get("/", headers={"HX-Request": "true"})
    content = response.content.decode()
    assert "<html" not in content
    assert content.count("data-image=") == 2
    assert 'id="older" aria-label="More pictures" hx-swap-oob="true"' in content
    assert "HX-Request" in response["Vary"]


def test_beyond_the_oldest_there_is_a_way_back(member: Client) -> None:
    content = member.get("/", {"before": "00000000-0000-7000-8000-000000000000"}).content.decode()
    assert "That was the oldest one" in content


@pytest.mark.usefixtures("_pages_of_two")
def test_a_mangled_cursor_shows_the_first_page(member: Client, cast: Any, make_image: Any) -> None:
    images = [make_image(cast.owner) for _ in range(3)]
    content = member.get("/", {"before": "nonsense"}).content.decode()
    assert [str(image.pk) in content for image in images] == [False, True, True]


def test_whoever_is_not_signed_in_is_asked_to(client: Client) -> None:
    assert client.get("/")["Location"] == "/accounts/login/?next=/"


def test_ten_more_pictures_cost_no_more_queries(member: Client, cast: Any, make_image: Any) -> None:
    make_image(cast.owner)
    member.get("/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        member.get("/")
    for _ in range(10):
        make_image(cast.owner)
    with CaptureQueriesContext(connection) as many:
        member.get("/")
    assert len(many) == len(few) > 0
