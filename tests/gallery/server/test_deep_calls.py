"""Calls that go deep ask the system for memory once, not with each turn of a loop."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Any

from gallery.server.deep_calls import with_room

TURNS, DEPTH = 50, 300


def pages_at(depth: int) -> int:
    """How many pages of memory the system hands out while a loop runs so deep."""
    return pages_at(depth - 1) if depth else _pages_of_a_loop()


def _pages_of_a_loop() -> int:
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for turn in range(TURNS):
        _leaf(turn)
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def _leaf(turn: int) -> list[int]:
    return [turn, turn, turn, turn, turn, turn, turn, turn]


def _at_each_depth() -> list[int]:
    return [pages_at(depth) for depth in range(DEPTH)]


def test_no_loop_asks_for_memory_with_each_turn_however_deep_it_is():
    assert max(with_room(_at_each_depth)) < TURNS


def test_arguments_and_answers_pass_through():
    assert with_room(divmod, 7, 2) == (3, 1)


def test_words_pass_through():
    said: Callable[..., Any] = dict
    assert with_room(said, a=1) == {"a": 1}
