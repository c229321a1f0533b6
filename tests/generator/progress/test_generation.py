"""One generation's own page, with its ledger."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generator.models import Generation, Image
from generator.models.generation import Visibility
from tests.conftest import BROKEN, SILENT, Cast

Make = Callable[..., Generation]


@pytest.fixture
def generation(cast: Cast, make_generation: Make) -> Generation:
    """Its first call failed and was sent again; the second was put away."""
    made = make_generation(cast.owner, prompt="A blue\nheron", count=2)
    first, second = made.calls.all()
    first.claim(30)
    first.mark_sent()
    first.receive(500)
    first.fail(BROKEN, reply_id="imagen_x", usage=7, elapsed_time=1.5)
    first.try_again()
    second.cancel()
    second.dismiss()
    return made


def test_it_works(client: Client, cast: Cast, generation: Generation) -> None:
    client.force_login(cast.owner)
    text = client.get(f"/generations/{generation.pk}/").content.decode()
    assert "A blue\nheron" in text
    assert "sent again as call 3" in text
    assert "put away" in text
    for fact in ("The API failed (HTTP 500).", "imagen_x", "500", "1.5 s", "Whole reply on disk"):
        assert fact in text
    assert '<meta http-equiv="refresh"' in text


def test_staff_may_see_it_and_nobody_else(client: Client, cast: Cast, generation: Generation) -> None:
    address = f"/generations/{generation.pk}/"
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    for person, status in ((cast.moderator, 200), (cast.member, 404), (cast.stranger, 404)):
        client.force_login(person)
        assert client.get(address).status_code == status
    assert client.get(f"/generations/{uuid4()}/").status_code == 404


def test_editing_is_offered_to_its_owner_only(client: Client, cast: Cast, generation: Generation) -> None:
    for person, offered in ((cast.owner, True), (cast.moderator, False)):
        client.force_login(person)
        text = client.get(f"/generations/{generation.pk}/").content.decode()
        assert (f"?edit={generation.pk}" in text) is offered


@pytest.mark.parametrize(("visibility", "linked"), [(Visibility.SHARED, True), (Visibility.PRIVATE, False)])
def test_a_remix_names_its_source_only_to_who_may_see_that(
    client: Client,
    cast: Cast,
    make_generation: Make,
    make_image: Callable[..., Image],
    visibility: Visibility,
    linked: bool,
) -> None:
    parent = make_image(cast.member, visibility=visibility)
    client.force_login(cast.owner)
    text = client.get(make_generation(cast.owner, parent=parent).get_absolute_url()).content.decode()
    assert (f"/images/{parent.pk}/" in text) is linked


def test_thrown_away_pictures_are_pointed_to(client: Client, cast: Cast, make_image: Callable[..., Image]) -> None:
    image = make_image(cast.owner)
    image.trash()
    client.force_login(cast.owner)
    text = client.get(image.generation.get_absolute_url()).content.decode()
    assert "What was thrown away lies in the" in text


def test_pictures_that_are_missing_are_told(client: Client, cast: Cast, make_image: Callable[..., Image]) -> None:
    call = make_image(cast.owner).call
    type(call).objects.filter(pk=call.pk).update(count=4, error_kind="partial", error="1 of 4 could be read.")
    client.force_login(cast.owner)
    text = client.get(call.generation.get_absolute_url()).content.decode()
    assert "Some pictures are missing" in text
    assert "data-image=" in text


def test_an_unknown_outcome_leaves_the_choice_to_a_person(client: Client, cast: Cast, make_generation: Make) -> None:
    call = make_generation(cast.owner).calls.get()
    call.claim(30)
    call.lose(SILENT)
    client.force_login(cast.owner)
    text = client.get(call.generation.get_absolute_url()).content.decode()
    for words in ("Outcome unknown", "It may have been charged.", "Send again", "Leave it"):
        assert words in text


def test_more_calls_take_no_more_queries(client: Client, cast: Cast, generation: Generation) -> None:
    client.force_login(cast.owner)
    address = f"/generations/{generation.pk}/"
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    for _ in range(5):
        last = generation.calls.order_by("-number")[0]
        last.claim(30)
        last.fail(BROKEN)
        last.try_again()
    with CaptureQueriesContext(connection) as after:
        client.get(address)
    assert len(after) == len(before)
