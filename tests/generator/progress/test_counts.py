"""The badge in the header."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator.models import Generation
from generator.progress.counts import running_counts
from tests.conftest import Cast


def test_running_calls_are_counted_for_me_and_for_all(cast: Cast, make_generation: Callable[..., Generation]) -> None:
    assert running_counts(cast.member) == {"queue_mine": 0, "queue_all": 0}
    make_generation(cast.owner, count=3)
    make_generation(cast.member)
    assert running_counts(cast.member) == {"queue_mine": 1, "queue_all": 4}
    assert running_counts(cast.owner) == {"queue_mine": 3, "queue_all": 4}
    assert running_counts(cast.stranger) == {"queue_mine": 0, "queue_all": 4}


def test_it_is_one_query(cast: Cast, django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        running_counts(cast.member)
