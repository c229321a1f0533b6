"""Bells: a sleeper is woken at once, and nobody depends on it."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from django.db import transaction

from generator.worker import bells, tasks
from generator.worker.bells import Bell, Name, is_held, ring
from tests.conftest import Folders

LONG = 60.0


def heard(bell: Bell) -> bool:
    return bell.wait(0)


def test_a_sleeper_is_woken_by_its_own_bell_alone(folders: Folders) -> None:
    with Bell(Name.QUEUE) as queue, Bell(Name.WATCH) as watch:
        ring(Name.QUEUE)
        assert queue.wait(LONG)
        assert not heard(watch)
        assert not heard(queue), "once is enough"


def test_all_who_sleep_by_the_same_bell_are_woken(folders: Folders) -> None:
    with Bell(Name.QUEUE) as one, Bell(Name.QUEUE) as other:
        ring(Name.QUEUE)
        ring(Name.QUEUE)
        assert heard(one)
        assert heard(other)


def test_bells_of_the_dead_are_forgotten(folders: Folders) -> None:
    bell = Bell(Name.QUEUE)
    os.close(bell._pipe)
    assert len(list((folders.data / "bells").iterdir())) == 1
    ring(Name.QUEUE)
    assert not list((folders.data / "bells").iterdir())


def test_a_bell_is_held_for_as_long_as_somebody_would_hear_it(folders: Folders) -> None:
    assert not is_held(Name.WATCH)
    bell, dead = Bell(Name.WATCH), Bell(Name.WATCH)
    os.close(dead._pipe)
    assert is_held(Name.WATCH)
    assert not is_held(Name.QUEUE)
    assert not heard(bell), "looking rings nobody"
    os.close(bell._pipe)
    assert not is_held(Name.WATCH)


def test_whoever_never_listens_does_not_hold_up_those_who_ring(folders: Folders) -> None:
    with Bell(Name.QUEUE) as bell:
        os.write(bell._pipe, b"!" * 2**16)
        ring(Name.QUEUE)
        assert heard(bell)


def test_where_no_pipe_can_be_made_one_looks_often(
    folders: Folders, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bells, "DEAF_SECONDS", 0.01)
    settings.DATA_DIR = folders.data / "nowhere" / "at all"
    began = time.monotonic()
    with Bell(Name.QUEUE) as bell:
        assert bell.wait(LONG)
    assert time.monotonic() - began < LONG


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_is_rung_for_when_it_can_be_seen(folders: Folders) -> None:
    with Bell(Name.QUEUE) as bell:
        with transaction.atomic():
            tasks.wake()
            assert not heard(bell)
        assert heard(bell)
