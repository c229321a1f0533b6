"""Which pictures look nearly the same. Who may see what is not decided here: `visible_to` is asked in each question."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from generator.models import Image
from generator.models.bands import BANDS, bands, distance, of_band

Key = TypeVar("Key")

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


def twins(user: Any) -> list[list[str]]:
    """Among the newest MOST_OWN of one's own pictures those that look nearly the same, in groups of two and more.

    In each the newest is first, and the group with the newest picture comes first. Keys are as the database writes
    them: to make ids of all of them would take longer than to read them.
    """
    return grouped(list(own_looks(user)[:MOST_OWN]))


def own_looks(user: Any) -> QuerySet[Image, tuple[str, int]]:
    """Key and fingerprint of one's own pictures, the newest first; read from an index alone."""
    own = Image.objects.editable_by(user).filter(fingerprint__isnull=False).newest()
    return own.values_list(Cast("pk", CharField()), "fingerprint")


def grouped(pictures: Sequence[tuple[Key, int]]) -> list[list[Key]]:
    """Groups of more than one, in the order of `pictures` and of the first of each."""
    same = Counter(fingerprint for _, fingerprint in pictures)
    # Of those that are nearly the same as another one, which leads on to the one that stands for their group.
    leaders: dict[int, int] = {}
    # What differs in three bits of 64 is the same in one of four bands.
    for number in BANDS:
        of_each = of_band(number, same)
        several = {value for value, times in Counter(of_each).items() if times > 1}
        beside: dict[int, list[int]] = defaultdict(list)
        for fingerprint, value in zip(same, of_each, strict=True):
            if value not in several:
                continue
            others = beside[value]
            for other in others[-MOST_BESIDE:]:
                if distance(fingerprint, other) <= MOST_DIFFERING_TWINS:
                    _join(leaders, fingerprint, other)
            others.append(fingerprint)
    groups: dict[int, list[Key]] = defaultdict(list)
    for key, fingerprint in pictures:
        if fingerprint in leaders or same[fingerprint] > 1:
            groups[_leader(leaders, fingerprint)].append(key)
    return list(groups.values())


def _leader(leaders: dict[int, int], fingerprint: int) -> int:
    while (above := leaders.get(fingerprint, fingerprint)) != fingerprint:
        leaders[fingerprint] = fingerprint = leaders[above]
    return fingerprint


def _join(leaders: dict[int, int], one: int, other: int) -> None:
    leader, follower = _leader(leaders, other), _leader(leaders, one)
    leaders[leader] = leader
    leaders[follower] = leader
