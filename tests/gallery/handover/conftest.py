"""Olga has left, and Max is asked to take her pictures over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.account.leave import leave
from gallery.handover.offers import Offer
from gallery.models import Handover
from tests.conftest import Cast

Leaving = Callable[..., Handover]


@pytest.fixture
def left(cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]) -> Leaving:
    """Olga leaves and Max is asked; what waits for the commit happens."""

    def go(fallback: str = "delete") -> Handover:
        with django_capture_on_commit_callbacks(execute=True):
            leave(cast.owner, Offer(cast.member, fallback, "https://pictures.example.org/notices/"))
        return Handover.objects.open().get()

    return go


@pytest.fixture
def max_(cast: Cast, client: Client) -> Client:
    """The browser of whoever is asked."""
    client.force_login(cast.member)
    return client
