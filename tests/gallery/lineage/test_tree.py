"""The family of a picture, held against one that is drawn by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery.lineage import kinship
from gallery.lineage.tree import Family, family_of
from gallery.models import User
from generator.models import Generation, Image
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
SEEN = ("private", "shared", "public", "link", "trashed", "hidden")
PEOPLE = ("owner", "member", "moderator", "nobody")


def grow(make_image: Make, people: list[User], drawn: list[tuple[int, int, int, str]]) -> list[Image]:
    """For each (place of the parent, owner, how many, seen): pictures of one generation, made from an earlier one."""
    images: list[Image] = []
    for parent, owner, siblings, seen in drawn:
        source = images[parent % len(images)] if images and parent >= 0 else None
        first = None
        for index in range(siblings):
            how: dict[str, Any] = {"visibility": seen} if seen not in ("trashed", "hidden") else {}
            image = make_image(people[owner], parent=source, **how)
            if first:
                image.generation = first.generation
                image.call, image.index = first.call, index
                image.save(update_fields=["generation", "call", "index"])
            first = first or image
            images.append(image)
        if seen in ("trashed", "hidden") and first:
            moment = {"trashed_at" if seen == "trashed" else "hidden_at": first.created_at}
            Image.objects.filter(pk=first.pk).update(**moment)
    return images


def truth(user: Any, image: Image) -> dict[UUID, UUID | None]:
    """Of each picture of the family the one it was made from, found by walking through all that there are."""
    every = {each.pk: each for each in Image.objects.select_related("generation")}
    seen = {*Image.objects.visible_to(user).values_list("pk", flat=True), image.pk}
    source = {pk: each.generation.parent_id for pk, each in every.items()}
    family, waiting = set(), [image.pk]
    while waiting:
        if (pk := waiting.pop()) in family:
            continue
        family.add(pk)
        near = {other for other in seen if source[other] == pk or every[other].generation_id == every[pk].generation_id}
        waiting += [*near, *([source[pk]] if source[pk] in seen else [])]
    return {pk: source[pk] if source[pk] in family else None for pk in family}


def told(family: Family) -> dict[UUID, UUID | None]:
    return {
        picture.pk: row.step.before.pictures[row.step.place - 1].pk if row.step.before else None
        for row in family.rows
        for picture in row.step.pictures
    }


drawings = st.lists(
    st.tuples(st.integers(-1, 30), st.integers(0, 1), st.integers(1, 3), st.sampled_from(SEEN)), min_size=1, max_size=9
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(drawn=drawings, chosen=st.integers(0, 30), who=st.sampled_from(PEOPLE))
def test_of_any_tree_each_person_is_told_what_they_may_see_and_no_more(
    cast: Cast, make_image: Make, drawn: list[tuple[int, int, int, str]], chosen: int, who: str
) -> None:
    Image.objects.all().delete()
    Generation.objects.update(parent=None)
    images = grow(make_image, [cast.owner, cast.member], drawn)
    user = getattr(cast, who, AnonymousUser())
    image = images[chosen % len(images)]
    image.refresh_from_db()
    found = family_of(user, image)
    assert told(found) == truth(user, image)
    assert found.is_whole
    assert len(found.pictures) == len(told(found))


def test_lists_end_where_they_began(cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner)
    left, right = make_image(cast.owner, parent=first), make_image(cast.owner, parent=first)
    make_image(cast.owner, parent=left)
    make_image(cast.owner, parent=right)
    rows = family_of(cast.owner, left).rows
    assert [len(row.step.steps) for row in rows] == [2, 1, 0, 1, 0]
    assert [len(row.ends) for row in rows] == [0, 0, 1, 0, 2]
    assert [row.step.following for row in rows] == [4, 1, 0, 1, 0]


def test_what_was_made_from_a_picture_that_one_may_not_see_is_no_kin(cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner)
    between = make_image(cast.owner, parent=first, visibility="private")
    last = make_image(cast.owner, parent=between)
    assert len(family_of(cast.owner, first).pictures) == 3
    assert [picture.pk for picture in family_of(cast.member, first).pictures] == [first.pk]
    assert [picture.pk for picture in family_of(cast.member, last).pictures] == [last.pk]


@pytest.mark.parametrize(("who", "is_told"), [("owner", True), ("member", False), ("admin", False)])
def test_only_who_made_it_is_told_that_what_it_was_made_from_is_not_there(
    who: str, is_told: bool, cast: Cast, make_image: Make
) -> None:
    source = make_image(cast.member)
    image = make_image(cast.owner, parent=source)
    assert not family_of(cast.owner, image).has_lost
    source.show_to("private")
    assert family_of(getattr(cast, who), image).has_lost is (is_told and who != "member")
    source.trash()
    assert family_of(cast.owner, image).has_lost
    source.delete()
    image.generation.refresh_from_db()
    found = family_of(cast.owner, image)
    assert len(found.pictures) == 1
    assert not found.has_lost  # nothing tells any more that there was one


def test_a_circle_that_hands_have_drawn_ends(cast: Cast, make_image: Make) -> None:
    images = [make_image(cast.owner) for _ in range(3)]
    for image, source in zip(images, [*images[1:], images[0]], strict=True):
        Generation.objects.filter(pk=image.generation_id).update(parent=source)
    for image in images:
        image.generation.refresh_from_db()
        assert {picture.pk for picture in family_of(cast.owner, image).pictures} == {each.pk for each in images}
    Generation.objects.filter(pk=images[0].generation_id).update(parent=images[0])
    assert images[0].pk in {picture.pk for picture in family_of(cast.owner, images[0]).pictures}


def test_of_a_family_that_is_too_large_the_nearest_are_told(
    cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinship, "MOST", 6)
    monkeypatch.setattr(kinship, "MOST_BELOW", 3)
    first = make_image(cast.owner)
    others = [make_image(cast.owner, parent=first) for _ in range(9)]
    last = make_image(cast.owner, parent=others[-1])
    below = make_image(cast.owner, parent=last)
    found = family_of(cast.owner, last)
    kept = {picture.pk for picture in found.pictures}
    assert not found.is_whole
    assert len(kept) == 6
    assert {first.pk, others[-1].pk, last.pk, below.pk} <= kept


def test_a_chain_is_followed_as_far_as_a_page_can_nest(
    cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinship, "FARTHEST", 3)
    chain = [make_image(cast.owner)]
    for _ in range(9):
        chain.append(make_image(cast.owner, parent=chain[-1]))
    found = family_of(cast.owner, chain[5])
    assert [picture.pk for picture in found.pictures] == [each.pk for each in chain[2:9]]
    assert not found.is_whole


def test_statements_do_not_grow_with_the_family(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            family_of(cast.owner, image)
        return len(captured)

    alone = count()
    for _ in range(10):
        make_image(cast.owner, parent=image)
    assert count() == alone == 2


def test_what_staff_have_hidden_has_a_family_for_them(cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner)
    image = make_image(cast.owner, parent=first)
    child = make_image(cast.owner, parent=image)
    image.withhold("hidden_at")
    image.refresh_from_db()
    assert {picture.pk for picture in family_of(cast.moderator, image).pictures} == {first.pk, image.pk, child.pk}
    assert {picture.pk for picture in family_of(cast.moderator, first).pictures} == {first.pk}


@pytest.mark.parametrize(("model", "told_as"), [("flux", []), ("turbo", [("Model", "flux", "turbo")])])
def test_settings_that_changed_are_told_with_what_they_were(
    model: str, told_as: list[tuple[str, str, str]], cast: Cast, make_image: Make
) -> None:
    first = make_image(cast.owner, model="flux")
    second = make_image(cast.owner, model=model, parent=first)
    step = family_of(cast.owner, second).rows[1].step
    assert step.changes == told_as
    assert step.is_same_again is (model == "flux")


def test_a_shape_is_told_in_either_dialect(cast: Cast, make_image: Make) -> None:
    first = make_image(cast.owner)
    second = make_image(cast.owner, parent=first)
    Generation.objects.filter(pk=second.generation_id).update(ratio="", width=640, height=480)
    step = family_of(cast.owner, second).rows[1].step
    assert step.changes == [("Shape", "1:1", "640 \N{MULTIPLICATION SIGN} 480")]
