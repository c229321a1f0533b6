"""Remembered addresses are those that `reverse()` gives."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.urls import get_script_prefix, reverse, set_script_prefix
from uuid6 import uuid7

from generator.models.addresses import address, pattern

ADDRESSES = [
    ("explore",),
    ("image", uuid4()),
    ("image", uuid7()),
    ("thumb", uuid4(), 320),
    ("thumb", UUID(int=0), 0),
    ("member", "olga"),
    ("member", "a/b 100 % \u00c4?"),
    ("admin:generator_image_changelist",),
]


@pytest.fixture(params=["/", "/vitrine/", "/100%25/"])
def _prefix(request: pytest.FixtureRequest) -> Iterator[None]:
    before = get_script_prefix()
    set_script_prefix(request.param)
    yield
    set_script_prefix(before)


@pytest.mark.usefixtures("_prefix")
@pytest.mark.parametrize(("name", "args"), [(name, args) for name, *args in ADDRESSES])
def test_an_address_is_that_of_django(name: str, args: list[UUID | int | str]) -> None:
    for _ in range(2):
        assert address(name, *args) == reverse(name, args=args)


def test_a_pattern_is_filled_in_with_ids() -> None:
    one = uuid4()
    assert pattern("thumb", UUID, int) % (one, 640) == reverse("thumb", args=[one, 640])
