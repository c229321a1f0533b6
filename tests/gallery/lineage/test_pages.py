"""The page of a family, and what the page of a picture says of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.lineage import relatives
from generator.models import Image
from tests.conftest import Cast, markup

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
SECRET = "a secret word"


def page(client: Client, image: Image, path: str = "family/") -> str:
    answer = client.get(f"{image.get_absolute_url()}{path}")
    assert answer.status_code == 200
    return markup(answer)


def statements(client: Client, image: Image, path: str = "family/") -> int:
    with CaptureQueriesContext(connection) as captured:
        page(client, image, path)
    return len(captured)


def test_each_step_says_whose_it_is_and_what_was_changed(member: Client, cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner, prompt="a cat on a roof")
    second = make_image(cast.member, prompt="a red cat on a roof", model="turbo", parent=first)
    make_image(cast.stranger, prompt="a red cat on a roof", model="turbo", parent=second)
    content = page(member, second)
    assert "3 pictures, each with what was changed" in content
    assert re.findall(r"by (olga|max|sam)</a>", content) == ["olga", "max", "sam"]
    assert '<ins><span class="visually-hidden">Put in:</span>red</ins>' in content
    assert "Model:<del>flux</del>→<ins>turbo</ins>" in content
    assert content.count("The same prompt with the same settings.") == 1
    assert content.count("You came from here") == 1
    assert content.count('aria-current="true"') == 1


def test_from_every_picture_one_can_go_on(member: Client, client: Client, cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner, visibility="public")
    own = make_image(cast.member, parent=first, visibility="public")
    content = page(member, first)
    assert all(f'href="/create/?remix={image.pk}"' in content for image in (first, own))
    assert re.findall(r"\?edit=([\w-]+)", content) == [str(own.generation_id)]
    assert "/create/" not in page(Client(), first).partition("<main")[2]


def test_lists_are_nested_as_the_steps_are(member: Client, cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner)
    for _ in range(2):
        source = first
        for _ in range(3):
            source = make_image(cast.owner, parent=source)
    tree = page(member, source).partition('<ul class="kin"')[2].partition("</main>")[0]
    for tag, before in (("ul", 1), ("li", 0), ("details", 0), ("div", 0)):
        assert len(re.findall(rf"<{tag}[ >]", tree)) + before == tree.count(f"</{tag}>")
    assert tree.count("<details") == 1
    assert "6 pictures were made from here" in tree


def test_a_large_family_is_folded_but_for_the_way_to_the_picture(member: Client, cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner)
    branches = [[make_image(cast.owner, parent=first)] for _ in range(2)]
    for branch in branches:
        branch += [make_image(cast.owner, parent=branch[0]) for _ in range(16)]
    content = page(member, branches[0][3])
    assert content.count('<details class="kin-ways" open>') == 2
    assert content.count('<details class="kin-ways">') == 1


def test_nothing_of_a_picture_that_one_may_not_see_is_told(member: Client, cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner, prompt="a cat")
    hidden = make_image(cast.owner, prompt=f"a cat, {SECRET}", parent=first, visibility="private")
    last = make_image(cast.owner, prompt="a cat and a dog", parent=hidden)
    thrown = make_image(cast.owner, prompt=SECRET, parent=first)
    thrown.trash()
    for image in (first, last):
        content = page(member, image)
        assert SECRET not in content
        assert str(hidden.pk) not in content
        assert str(thrown.pk) not in content
        assert "Nothing that you may see was made from this yet" in content
        assert "not here any more" not in content
        assert "Made from" not in page(member, image, "")


def test_who_made_it_is_told_that_what_it_was_made_from_is_gone(member: Client, cast: Cast, make_image: Make) -> None:
    source = make_image(cast.owner)
    image = make_image(cast.member, parent=source)
    source.show_to("private")
    assert "What this picture was made from is not here any more" in page(member, image)


def test_prompts_are_text_whatever_they_hold(member: Client, cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner, prompt="<script>alert(1)</script> \u202eabc")
    second = make_image(cast.owner, prompt="<script>alert(2)</script> \u202edef", parent=first)
    third = make_image(cast.owner, prompt="</del></ul><img src=x> " * 1_400, parent=second)
    content = page(member, third)
    assert "<script>alert" not in content
    assert "<img src=x>" not in content
    assert "Only the first 6000 characters of these prompts were compared" in content
    assert len(content) < 60_000


def test_several_pictures_of_one_prompt_are_one_step(member: Client, cast: Cast, make_image: Make) -> None:
    first, sibling = make_image(cast.owner), make_image(cast.owner)
    Image.objects.filter(pk=sibling.pk).update(generation=first.generation, call=first.call, index=1)
    make_image(cast.owner, parent=sibling)
    content = page(member, first)
    assert "of picture 2" in content
    assert 'title="Remix picture 2"' in content
    assert content.count("kin-card") == 2


def test_the_page_of_a_picture_shows_what_it_was_made_from_and_what_was_made_from_it(
    member: Client, cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_image(cast.owner)
    second = make_image(cast.owner, parent=first)
    children = [make_image(cast.member, parent=second) for _ in range(3)]
    make_image(cast.stranger, parent=second, visibility="private")
    content = page(member, second, "")
    assert f'href="/images/{second.pk}/family/"' in content
    source, _, made = content.partition('id="source-title"')[2].partition('id="made-title"')
    assert f'data-image="{first.pk}"' in source
    assert "Made from this (3)" in made
    found = re.findall(r'data-image="([\w-]+)"', made)
    assert found == [str(each.pk) for each in reversed(children)]
    monkeypatch.setattr(relatives, "MOST", 2)
    relatives._made_from.cache_clear()
    assert "Made from this (the newest 2)" in page(member, second, "")
    relatives._made_from.cache_clear()


def test_visitors_are_told_of_public_pictures_alone(client: Client, cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner, visibility="public")
    shown = make_image(cast.owner, parent=first, visibility="public")
    shared = make_image(cast.owner, parent=first)
    for path in ("", "family/"):
        content = page(client, first, path)
        assert str(shown.pk) in content
        assert str(shared.pk) not in content


@pytest.mark.parametrize("path", ["", "family/"])
def test_statements_do_not_grow(path: str, member: Client, cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner)
    image = make_image(cast.owner, parent=first)
    make_image(cast.owner, parent=image)
    statements(member, image, path)
    few = statements(member, image, path)
    for _ in range(10):
        source = make_image(cast.owner, parent=image)
        make_image(cast.owner, parent=source)
    assert statements(member, image, path) == few
