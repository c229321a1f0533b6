"""A reported picture, a new comment, and staff who look at them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from gallery.models import Comment, Report
from generator.models import Image
from tests.conftest import Cast
from tests.gallery.people.conftest import at_once

__all__ = ["at_once"]


@pytest.fixture
def image(cast: Cast, make_image: Callable[..., Image]) -> Image:
    return make_image(cast.owner, prompt="A quiet harbour")


@pytest.fixture
def report(cast: Cast, image: Image) -> Report:
    """Max asks staff to look at a picture of Olga's."""
    return Report.objects.create(image=image, user=cast.member, reason="privacy", text="That is my door.")


@pytest.fixture
def say(cast: Cast, image: Image) -> Callable[..., Comment]:
    """Max says something under it."""

    def make(text: str = "What a harbour!") -> Comment:
        return Comment.objects.create(image=image, user=cast.member, text=text, token=uuid4().hex)

    return make


@pytest.fixture
def mo(client: Client, cast: Cast) -> Client:
    client.force_login(cast.moderator)
    return client
