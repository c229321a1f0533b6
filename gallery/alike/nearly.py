"""Which pictures look nearly the same. Who may see what is not decided here: `visible_to` is asked in each question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from generator.models import Image
from generator.models.bands import BANDS, bands, distance, values

# Fingerprints of one picture in two sizes or formats differ in a bit or two, those of variants in a few.
MOST_DIFFERING, MOST_DIFFERING_TWINS = 7, 3
# Skies and sheets of one colour have a band in common with very many.
MOST_OF_BAND, MOST_BESIDE = 2_000, 100
MOST_OWN = 10_000


def nearly(user: Any, image: Image, most: int) -> list[UUID]:
    """The pictures that this person may see that look nearly the same as this one, the nearest first.

    None is missing, unless more than MOST_OF_BAND pictures are the same in a quarter of it.
    """
    if image.fingerprint is None:
        return []
    every = Image.objects.order_by()
    near = [
        every.alias(band=band).filter(band__in=own).values("pk")[:MOST_OF_BAND]
        for band, own in bands(image.fingerprint)
    ]
    # In a union no part may have an end of its own, but what a part looks into may.
    first, *others = (every.filter(pk__in=some).values("pk") for some in near)
    found = Image.objects.visible_to(user).filter(pk__in=first.union(*others)).exclude(pk=image.pk)
    apart = [(distance(image.fingerprint, other), pk) for pk, other in found.values_list("pk", "fingerprint")]
    # Of those that are equally near the newest is first.
    apart.sort(key=lambda each: (each[0], -each[1].int))
    return [pk for differing, pk in apart[:most] if differing <= MOST_DIFFERING]


def twins(user: Any) -> list[list[UUID]]:
    """Among the newest MOST_OWN of one's own pictures those that look nearly the same, in groups of two and more.

    In each the newest is first, and the group with the newest picture comes first.
    """
    own = Image.objects.visible_to(user).filter(user=user, fingerprint__isnull=False).newest()
    return grouped(list(own.values_list("pk", "fingerprint")[:MOST_OWN]))


def grouped(pictures: Sequence[tuple[UUID, int]]) -> list[list[UUID]]:
    """Groups of more than one, in the order of `pictures` and of the first of each."""
    same: dict[int, list[UUID]] = defaultdict(list)
    for pk, fingerprint in pictures:
        same[fingerprint].append(pk)
    leaders = {fingerprint: fingerprint for fingerprint in same}
    # What differs in three bits of 64 is the same in one of four bands.
    for number in BANDS:
        beside: dict[int, list[int]] = defaultdict(list)
        for fingerprint in same:
            others = beside[values(fingerprint)[number]]
            for other in others[-MOST_BESIDE:]:
                if distance(fingerprint, other) <= MOST_DIFFERING_TWINS:
                    _join(leaders, fingerprint, other)
            others.append(fingerprint)
    groups: dict[int, list[UUID]] = defaultdict(list)
    for pk, fingerprint in pictures:
        groups[_leader(leaders, fingerprint)].append(pk)
    return [group for group in groups.values() if len(group) > 1]


def _leader(leaders: dict[int, int], fingerprint: int) -> int:
    while leaders[fingerprint] != fingerprint:
        leaders[fingerprint] = fingerprint = leaders[leaders[fingerprint]]
    return fingerprint


def _join(leaders: dict[int, int], one: int, other: int) -> None:
    leaders[_leader(leaders, one)] = _leader(leaders, other)
