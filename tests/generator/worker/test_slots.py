"""One process at a time is the sender, unless it has fallen silent."""

from __future__ import annotations

import time
from typing import Any

import pytest

from generator.worker import slots
from generator.worker.slots import Slot
from tests.conftest import Folders


def taken() -> Slot:
    slot = Slot.take()
    assert slot
    return slot


def test_of_two_one_is_the_sender_until_it_leaves(folders: Folders) -> None:
    first = taken()
    assert Slot.take() is None
    first.close()
    first.close()
    second = taken()
    assert Slot.take() is None
    second.close()


def test_one_that_has_fallen_silent_is_replaced_by_one_and_no_more(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    frozen, then = taken(), time.monotonic()
    monkeypatch.setattr(slots.time, "monotonic", lambda: then + settings.LEASE_SECONDS + 1)
    stand_in = taken()
    assert Slot.take() is None
    frozen.sign()
    stand_in.close()
    assert Slot.take() is None, "it lives after all"
    frozen.close()


def test_one_that_is_only_just_taken_is_not_taken_for_silent(folders: Folders) -> None:
    (folders.data / "senders").mkdir()
    (folders.data / "senders" / "0.lock").touch()
    slot = taken()
    (folders.data / "senders" / "0.lock").write_text("")
    assert Slot.take() is None
    slot.close()


def test_senders_are_told_to_end_until_the_next_cluster_begins(folders: Folders) -> None:
    slots.begin()
    assert not slots.is_ending()
    slots.end()
    assert slots.is_ending()
    slots.begin()
    assert not slots.is_ending()
