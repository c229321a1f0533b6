"""What is offered to somebody who is still typing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from gallery.browse import box
from gallery.models import User
from gallery.search import index
from generator.imaging.palette import COLOURS
from generator.models import Image, Provider
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


def offered(client: Client, typed: str, **more: str) -> list[str]:
    answer = client.get("/search/suggestions/", {"q": typed, **more})
    assert answer.status_code == 200
    return [one.whole for one in answer.context["suggestions"]]


def test_words_that_occur_the_most_common_first(member: Client, cast: Cast, make_image: Make) -> None:
    for prompt in ("A forest", "Forest, and a fortress", "FOREST (old)"):
        make_image(cast.owner, prompt=prompt)
    assert offered(member, "for") == ["forest ", "fortress ", "colour:forest "]
    assert offered(member, "fox -for") == ["fox -forest ", "fox -fortress ", "fox -colour:forest "]
    assert offered(member, "f") == offered(member, "zz") == []


def test_no_word_of_what_one_may_not_see(member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, prompt="A forest", visibility="private")
    make_image(cast.owner, prompt="A fortress").trash()
    make_image(cast.owner, prompt="A fountain")
    assert offered(member, "fo") == ["fountain ", "colour:forest "]
    assert offered(member, "fo", **{"in": "mine"}) == ["colour:forest "]


def test_people_who_are_here(member: Client, cast: Cast) -> None:
    User.objects.create(username="Olivia Bell")
    User.objects.create(username="olga2", is_active=False)
    User.objects.filter(pk=cast.stranger.pk).update(username="oleg", first_name="Sam")
    assert offered(member, "by:o") == ['by:"Olivia Bell" ', "by:oleg ", "by:olga "]
    assert offered(member, "by:sa") == ["by:oleg "]
    assert offered(member, "red -by:olg") == ["red -by:olga "]
    assert offered(member, "olg") == ["by:olga "]


def test_models_by_id_or_name(member: Client) -> None:
    Provider.objects.current()
    Provider.objects.update(models_list=[{"id": "flux-2", "name": "Flux"}, {"id": "m1", "name": "Old Master"}])
    assert offered(member, "model:") == ["model:flux-2 ", "model:m1 "]
    assert offered(member, "mast") == ["model:m1 "]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("shape:", ["shape:wide ", "shape:tall ", "shape:square "]),
        ("fox seen:pu", ["fox seen:public "]),
        ("fox -colour:te", ["fox -colour:teal "]),
        ("color:bl", ["colour:black ", "colour:blue "]),
        ("zebra:x", []),
        ("id:00", []),
        ("before:20", []),
        ('"', []),
        ("%", []),
    ],
)
def test_values_of_facts(member: Client, typed: str, wanted: list[str]) -> None:
    assert offered(member, typed) == wanted


def test_all_colours_each_with_its_swatch(member: Client) -> None:
    assert len(offered(member, "colour:")) == len(COLOURS)
    page = member.get("/search/suggestions/", {"q": "colour:te"}).content.decode()
    assert '<span class="swatch swatch-teal"></span>' in page
    assert "colour:teal" in page


def test_ones_latest_searches_before_anything_is_typed(member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, width=90, prompt="A fox")
    index.add_older(1)
    for asked in ("shape:wide", "by:olga", "shape:wide", "by:nobody"):
        member.get("/", {"q": asked})
    member.get("/", {"q": "model:flux"}, headers={"HX-Request": "true"})
    assert offered(member, "") == ["shape:wide", "by:olga"]
    for number in range(box.MOST_RECENT + 2):
        member.get("/", {"q": f"shape:wide size:<{number + 1}mp"})
    assert len(offered(member, " ")) == box.MOST_RECENT
    member.logout()
    member.force_login(cast.member)
    assert offered(member, "") == []


def test_nothing_of_it_is_markup(member: Client, cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, width=90, prompt="A fox")
    index.add_older(1)
    member.get("/", {"q": 'by:olga "<b>x</b>" OR shape:wide -"<i>"'})
    User.objects.create(username='ola"><b>')
    for typed in ("", "by:ol", "<b>ol"):
        text = member.get("/search/suggestions/", {"q": typed}).content.decode()
        assert "<b>" not in text
        assert 'ola"' not in text


def test_visitors_are_offered_nothing(client: Client) -> None:
    assert client.get("/search/suggestions/", {"q": "by:o"}).status_code == 302
