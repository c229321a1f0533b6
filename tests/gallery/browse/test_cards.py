"""Remembered cards are what the template makes, with the proofs of whoever looks, and of nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils.translation import override
from markupsafe import Markup

from gallery.browse import cards
from gallery.browse import tiles as tiles_room
from gallery.browse.cards import Place, card
from gallery.browse.stacks import Stack
from gallery.browse.tiles import Picture, Tile, tiles
from generator.models import Image
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
_PROOF = re.compile(r"\?p=(\d+-[\w-]{20})")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cards._remembered.cache_clear()
    tiles_room._face.cache_clear()


@pytest.fixture
def picture(cast: Cast, make_image: Callable[..., Image]) -> Picture:
    return Picture.of(make_image(cast.owner, prompt="100 % quiet %s harbour"))


def tile_of(picture: Picture, person: Any, browser: str = "one", **more: Any) -> Tile:
    request: Any = RequestFactory().get("/")
    request.user, request.COOKIES = person, {settings.SESSION_COOKIE_NAME: browser}
    (tile,) = tiles(request, [picture], **more)
    return tile


@pytest.mark.parametrize(
    "place",
    [Place(), Place(Stack(2, "2 pictures", "/?open=1")), Place(Stack(3, "3 %s", "/"), is_open=True), Place(under="1")],
)
@pytest.mark.parametrize(
    "changed", [{}, {"width": 40}, {"width": 9000}, {"is_transparent": True}, {"visibility": "public"}]
)
def test_they_are_what_the_template_makes(cast: Cast, picture: Picture, changed: dict[str, Any], place: Place) -> None:
    tile = tile_of(picture._replace(**changed), cast.owner)
    for _ in range(2):
        assert card(tile, place, "<b>") == cards._render(tile, place).replace(cards._HEART, "<b>")
    assert cards._remembered.cache_info().hits == 1


def test_each_browser_has_its_own_proofs(cast: Cast, picture: Picture) -> None:
    ours, theirs = (tile_of(picture, cast.owner, browser) for browser in ("one", "two"))
    found = [_PROOF.findall(card(tile)) for tile in (ours, theirs, ours)]
    assert cards._remembered.cache_info().misses == 1
    assert found[0] == found[2]
    assert len(found[0]) == len(ours.proofs) + 1
    assert {*found[0]} == {*ours.proofs}
    assert not {*found[0]} & {*found[1]}


def test_what_is_remembered_holds_no_proof(cast: Cast, picture: Picture) -> None:
    tile = tile_of(picture, cast.owner)
    made = cards._remembered(tile.face, tile.pattern, Place(), len(tile.proofs))
    assert not any(proof in made.markup for proof in tile.proofs)
    assert "?p=%s" in made.markup


def test_whatever_a_card_shows_another_one_is_made_when_it_changes(cast: Cast, picture: Picture) -> None:
    changes: dict[str, Any] = {
        "placeholder": "data:new", "visibility": "private", "access_version": 7, "prompt": "loud", "first_name": "Ol",
    }  # fmt: skip
    seen = {card(tile_of(picture, cast.owner))}
    for name, value in changes.items():
        seen.add(card(tile_of(picture._replace(**{name: value}), cast.owner)))
    seen.add(card(tile_of(picture, cast.owner, within="?in=mine")))
    assert len(seen) == len(changes) + 2
    with override("de"):
        card(tile_of(picture, cast.owner))
    assert cards._remembered.cache_info().misses == len(changes) + 3


def test_what_is_marked_is_not_remembered_nor_taken_for_what_is_typed(cast: Cast, picture: Picture) -> None:
    typed = "<mark>cat</mark>"
    shown = picture._replace(prompt=typed)
    marked = card(tile_of(shown, cast.owner, caption=Markup))
    assert typed in marked
    plain = card(tile_of(shown, cast.owner))
    assert typed not in plain
    assert typed in card(tile_of(shown, cast.owner, caption=Markup))
    assert cards._remembered.cache_info().currsize == 1


def test_while_templates_are_worked_on_nothing_is_remembered(cast: Cast, picture: Picture, settings: Any) -> None:
    settings.DEBUG = True
    tile = tile_of(picture, cast.owner)
    assert cards.cards([tile]) == cards.cards([tile]) == card(tile)
    assert cards._remembered.cache_info().currsize == 0


def test_a_page_shows_them(cast: Cast, client: Client, make_image: Callable[..., Image]) -> None:
    image = make_image(cast.owner)
    client.force_login(cast.member)
    first, second = (client.get("/").content.decode() for _ in range(2))
    assert f'data-image="{image.pk}"' in first
    assert _PROOF.findall(first) == _PROOF.findall(second) != []
    assert cards._remembered.cache_info().hits == 1
