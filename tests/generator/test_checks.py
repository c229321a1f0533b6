"""A setting that cannot work is a sentence at start-up."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

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


@pytest.mark.parametrize(
    ("url", "is_risky"),
    [
        ("http://api.example.org/ai/imagen", True),
        ("http://93.184.215.14/ai/imagen", True),
        ("http://[2606:4700::1111]:8080/", True),
        ("https://api.example.org/ai/imagen", False),
        ("http://127.0.0.1:8100/ai/imagen", False),
        ("http://[::1]:8100/", False),
        ("http://10.1.2.3/", False),
        ("http://192.168.0.7/", False),
        ("http://100.64.0.1/", False),
        ("http://[fd00::1]/", False),
        ("http://localhost:8100/", False),
        ("http://gateway:8100/", False),
        ("http://api.internal/", False),
    ],
)
def test_a_key_on_its_way_to_others_in_the_open_is_warned_of(settings: Any, url: str, is_risky: bool) -> None:
    settings.ONLYSQ_API_URL, settings.ONLYSQ_API_KEY = url, "sq-0123456789"
    assert problems(checks.key_is_sent_over_https) == ["generator.W001"] * is_risky
    settings.ONLYSQ_API_KEY = ""
    assert problems(checks.key_is_sent_over_https) == []


def test_it_is_one_of_the_checks_that_the_doctor_runs(settings: Any) -> None:
    settings.ONLYSQ_API_URL, settings.ONLYSQ_API_KEY = "http://api.example.org/ai/imagen", "sq-0123456789"
    assert "generator.W001" in [message.id for message in run_checks()]
