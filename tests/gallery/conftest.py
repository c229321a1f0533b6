"""Browsers of people who are signed in."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.conftest import Cast


@pytest.fixture
def member(cast: Cast, client: Client) -> Client:
    """That of a member who sees what is shared."""
    client.force_login(cast.member)
    return client


@pytest.fixture
def owner(cast: Cast, client: Client) -> Client:
    """The owner's: of the pictures that a test makes, if it says nothing else."""
    client.force_login(cast.owner)
    return client
