"""Answers at the same moment, each on a connection of its own: one wins, and the pictures are whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery.account.leave import leave
from gallery.handover import offers
from gallery.handover.offers import Offer
from gallery.models import Handover, OfferedPicture, User
from gallery.people.roles import deactivate
from generator.models import Image
from tests.parallel import at_once, shared  # noqa: F401 - a fixture


class Won:
    """What an answer that counts is told as."""


@pytest.fixture
def asked(shared: None, make_image: Callable[..., Image]) -> tuple[Handover, User]:  # noqa: F811 - the fixture
    """Olga's three pictures are offered to Max."""
    olga, heir = (User.objects.create_user(name) for name in ("olga", "max"))
    for colour in ("teal", "red", "blue"):
        make_image(olga, colour=colour, visibility="public")
    User.objects.create_superuser("ada")
    leave(olga, Offer(heir, "delete", "/notices/"))
    return Handover.objects.get(), heir


def told(answer: Callable[..., bool], *args: Any) -> Callable[[], Won | None]:
    return lambda: Won() if answer(*args) else None


def is_whole(heir: User) -> bool:
    """All pictures are theirs and shown as before, or all are gone."""
    offers.delete_given_up()
    left = list(Image.objects.values_list("user", "visibility"))
    return left in ([], [(heir.pk, "public")] * 3) and not OfferedPicture.objects.exists()


def test_of_ten_presses_one_counts(asked: tuple[Handover, User]) -> None:
    handover, heir = asked
    assert at_once(*[told(offers.accept, handover, heir)] * 10) == {"Won": 1, "NoneType": 9}
    assert Image.objects.filter(user=heir, visibility="public").count() == 3


def test_of_two_browsers_that_disagree_one_counts(asked: tuple[Handover, User]) -> None:
    handover, heir = asked
    answers = [told(offers.accept, handover, heir), told(offers.decline, handover, heir)] * 3
    assert at_once(*answers)["Won"] == 1
    assert is_whole(heir)
    handover.refresh_from_db()
    assert Image.objects.exists() == (handover.state == "accepted")


def test_an_answer_at_the_last_moment_and_the_end_do_not_mix(asked: tuple[Handover, User]) -> None:
    handover, heir = asked
    at_once(told(offers.accept, handover, heir), lambda: offers.end(handover))
    assert is_whole(heir)


def test_whoever_leaves_while_they_accept_leaves_nothing_behind(asked: tuple[Handover, User]) -> None:
    handover, heir = asked
    at_once(told(offers.accept, handover, heir), lambda: leave(heir, None))
    offers.end_those_that_are_over()
    offers.delete_given_up()
    assert not Image.objects.exists()
    assert not OfferedPicture.objects.exists()


def test_whoever_is_deactivated_while_they_accept_has_accepted_or_not(asked: tuple[Handover, User]) -> None:
    handover, heir = asked
    at_once(told(offers.accept, handover, heir), lambda: deactivate(User.objects.get(pk=heir.pk)))
    offers.end_those_that_are_over()
    assert is_whole(heir)
