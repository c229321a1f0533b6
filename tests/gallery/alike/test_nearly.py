"""Which pictures look nearly the same: all that do, the nearest first, and none that one may not see."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from gallery.alike.nearly import grouped, nearly, own_looks, twins
from generator.models import Image
from generator.models.bands import bands, distance
from generator.models.generation import Visibility
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
LOOKS = 0x0F1E_2D3C_4B5A_6978


def flipped(bits: int, value: int = LOOKS) -> int:
    """The value with so many bits changed, spread over all of it."""
    for place in range(bits):
        value ^= 1 << place * 61 % 63
    return value


def test_the_nearest_come_first_and_then_the_newest(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner, fingerprint=LOOKS)
    wide = [make_image(cast.owner, fingerprint=flipped(bits)) for bits in (7, 1, 8, 1, 0, 30)]
    assert nearly(cast.owner, image, 10) == [wide[place].pk for place in (4, 3, 1, 0)]
    assert nearly(cast.owner, image, 2) == [wide[4].pk, wide[3].pk]


def test_one_that_nobody_has_looked_at_is_like_no_other(cast: Cast, make_image: Make) -> None:
    image, other = (make_image(cast.owner, fingerprint=None) for _ in range(2))
    assert nearly(cast.owner, image, 10) == nearly(cast.owner, other, 10) == []


def test_all_are_found_that_a_look_at_each_would_find(cast: Cast, make_image: Make) -> None:
    chance = random.Random(7)
    images = [make_image(cast.owner, fingerprint=chance.getrandbits(64) - 2**63) for _ in range(12)]
    for number in range(36):
        looks = images[number % 12].fingerprint
        for place in chance.sample(range(63), chance.randrange(10)):
            looks ^= 1 << place
        images.append(make_image(cast.owner, fingerprint=looks))
    for image in images:
        found = set(nearly(cast.owner, image, 100))
        wanted = {
            other.pk for other in images if other is not image and distance(image.fingerprint, other.fingerprint) <= 7
        }
        assert found == wanted


@pytest.mark.parametrize("visibility", Visibility.values)
def test_nobody_finds_what_they_may_not_see(cast: Cast, make_image: Make, visibility: str) -> None:
    image = make_image(cast.owner, fingerprint=LOOKS, visibility="public")
    make_image(cast.owner, fingerprint=LOOKS, visibility=visibility)
    for person in (cast.owner, cast.member, cast.moderator, cast.admin, AnonymousUser()):
        seen = Image.objects.visible_to(person).exclude(pk=image.pk)
        assert nearly(person, image, 10) == list(seen.values_list("pk", flat=True))


def test_what_was_thrown_away_or_hidden_is_not_found(cast: Cast, make_image: Make) -> None:
    image, thrown = (make_image(cast.owner, fingerprint=LOOKS) for _ in range(2))
    thrown.trash()
    assert nearly(cast.owner, image, 10) == []
    assert twins(cast.owner) == []


def test_it_takes_one_query(cast: Cast, make_image: Make, django_assert_num_queries: Any) -> None:
    image = make_image(cast.owner, fingerprint=LOOKS)
    for bits in range(6):
        make_image(cast.owner, fingerprint=flipped(bits))
    with django_assert_num_queries(1):
        assert len(nearly(cast.member, image, 10)) == 6


def test_the_bands_are_found_by_their_indexes(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner, fingerprint=LOOKS)
    (band, near), *_ = bands(image.fingerprint)
    plan = Image.objects.order_by().alias(band=band).filter(band__in=near).values("pk").explain()
    assert "image_looks_0" in plan or "Seq Scan" in plan  # PostgreSQL reads a small table from end to end


def test_twins_are_in_groups_with_the_newest_first(cast: Cast, make_image: Make) -> None:
    looks = [LOOKS, 5, flipped(2), ~LOOKS, flipped(5), flipped(20)]
    one, _, two, _, far, _ = (make_image(cast.owner, fingerprint=each) for each in looks)
    same = [make_image(cast.owner, fingerprint=5) for _ in range(2)]
    make_image(cast.member, fingerprint=LOOKS)
    groups = [[UUID(key) for key in group] for group in twins(cast.owner)]
    assert [len(group) for group in groups] == [3, 3]
    assert groups[0][:2] == [same[1].pk, same[0].pk]
    assert groups[1] == [far.pk, two.pk, one.pk], "each is near the next one"


def test_very_many_with_a_band_in_common_take_no_longer_each() -> None:
    """One look at each pair would be fifty million."""
    pictures = [(number, number << 20) for number in range(10_000)]
    assert len(grouped(pictures)) < len(pictures)


def test_all_twins_are_found_that_a_look_at_each_pair_would_find() -> None:
    chance = random.Random(3)
    looks = [chance.getrandbits(64) - 2**63 for _ in range(40)]
    for number in range(160):
        looks.append(looks[number] ^ sum(1 << place for place in chance.sample(range(63), chance.randrange(6))))
    leaders = list(range(len(looks)))
    for one, looks_of_one in enumerate(looks):
        for other in range(one):
            if distance(looks_of_one, looks[other]) <= 3:
                was, now = leaders[one], leaders[other]
                leaders = [now if leader == was else leader for leader in leaders]
    wanted: dict[int, list[int]] = {}
    for number, leader in enumerate(leaders):
        wanted.setdefault(leader, []).append(number)
    assert grouped(list(enumerate(looks))) == [group for group in wanted.values() if len(group) > 1]


def test_ones_own_looks_are_read_from_their_index(cast: Cast, make_image: Make) -> None:
    make_image(cast.owner, fingerprint=LOOKS)
    plan = own_looks(cast.owner).explain()
    assert "image_user_looks" in plan or connection.vendor == "postgresql"  # which takes any index of a small table
