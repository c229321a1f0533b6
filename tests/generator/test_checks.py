"""A setting that cannot work is a sentence at start-up."""

from __future__ import annotations

from typing import Any

import pytest

from generator import checks


def problems(check: Any) -> list[str]:
    return [message.id for message in check(None)]


def test_the_defaults_are_in_order() -> None:
    found = [checks.clocks_are_in_order, checks.queue_delivers_once]
    assert [problems(check) for check in found] == [[], []]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("ONLYSQ_CONNECT_TIMEOUT", 200), ("ONLYSQ_READ_TIMEOUT", 300), ("ONLYSQ_TOTAL_TIMEOUT", 400)],
)
def test_a_clock_longer_than_the_next_one_is_an_error(settings: Any, setting: str, value: int) -> None:
    setattr(settings, setting, value)
    assert problems(checks.clocks_are_in_order) == ["generator.E001"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"retry": 400}, "generator.E002"),
        ({"queue_limit": 1000}, "generator.E002"),
        ({"max_attempts": 0}, "generator.E003"),
        ({"ack_failures": False}, "generator.E003"),
    ],
)
def test_a_queue_that_would_deliver_twice_is_an_error(settings: Any, change: dict[str, Any], problem: str) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | change
    assert problems(checks.queue_delivers_once) == [problem]
