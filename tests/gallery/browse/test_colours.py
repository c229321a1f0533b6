"""Colours lead to the pictures that are made of them, and are never told by a swatch alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from gallery.browse.colours import NAMES, colours_beside
from gallery.browse.listing import Listing
from gallery.search import index
from generator.imaging.palette import COLOURS
from generator.models import Image
from tests.conftest import Cast, markup

Make = Callable[..., Image]


def test_every_colour_has_a_name_and_a_swatch() -> None:
    assert list(NAMES) == list(COLOURS)
    sheet = Path(settings.BASE_DIR, "static/css/search.css").read_text()
    swatches = re.findall(r"\.swatch-(\w+) \{\s+--swatch: (#[0-9a-f]{6});", sheet)
    assert swatches == [(name, f"#{first:06x}") for name, (first, *_) in COLOURS.items()]


def test_a_colour_is_asked_for_as_well_and_taken_off_again() -> None:
    beside = {colour.key: colour for colour in colours_beside(Listing("mine", q="fox colour:red", order="oldest"))}
    assert beside["teal"].address == "/mine/?q=fox+colour%3Ared+colour%3Ateal&order=oldest"
    assert (beside["red"].address, beside["red"].is_asked) == ("/mine/?q=fox&order=oldest", True)
    assert [colour.key for colour in beside.values() if colour.is_asked] == ["red"]
    others = colours_beside(Listing(q="-colour:red colour:teal OR colour:blue"))
    assert not any(colour.is_asked for colour in others)


@pytest.mark.django_db
def test_the_page_of_a_picture_leads_to_its_colours(cast: Cast, client: Client, make_image: Make) -> None:
    image = make_image(cast.owner, colours="teal sand", visibility="public")
    visitor = markup(client.get(image.get_absolute_url()))
    assert '<span class="swatch swatch-teal"></span>Teal</span>' in visitor
    assert "The same colours" not in visitor
    client.force_login(cast.member)
    page = markup(client.get(image.get_absolute_url()))
    assert '<a class="colour" href="/?q=colour%3Ateal"><span class="swatch swatch-teal"></span>Teal</a>' in page
    assert 'href="/?q=colour%3Ateal+colour%3Asand"' in page
    Image.objects.update(colours=None)
    assert "swatch" not in markup(client.get(image.get_absolute_url()))


@pytest.mark.django_db
def test_what_was_found_by_a_colour_says_so_with_swatch_and_name(cast: Cast, client: Client, make_image: Make) -> None:
    for colours in ("teal sand", "sand"):
        make_image(cast.owner, colours=colours)
    index.add_older(10)
    client.force_login(cast.member)
    page = markup(client.get("/", {"q": "colour:teal OR colour:red"}))
    assert "1 picture" in page
    chip = '<span class="swatch swatch-teal"></span><span class="swatch swatch-red"></span>'
    assert f'{chip}<span class="chip-key">colour:</span>teal OR colour:red' in page
    assert 'aria-current="true"><span class="swatch swatch-teal"></span>Teal' in markup(
        client.get("/search/", {"q": "colour:teal"})
    )
