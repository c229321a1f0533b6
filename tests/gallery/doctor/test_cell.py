"""The walls around a decoder are looked at, and those that are missing told."""

from __future__ import annotations

import pytest

from gallery import doctor
from gallery.doctor import cell

ALL = dict.fromkeys(("privileges", "files", "network", "processes"), True)


def test_where_all_walls_stand_there_is_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell, "standing_walls", lambda: ALL)
    assert list(doctor.examine_cell()) == []


@pytest.mark.parametrize(
    ("wall", "said"), [("privileges", "rights"), ("files", "files"), ("network", "network"), ("processes", "programs")]
)
def test_a_wall_that_is_missing_is_told_and_is_no_trouble(
    monkeypatch: pytest.MonkeyPatch, wall: str, said: str
) -> None:
    monkeypatch.setattr(cell, "standing_walls", lambda: ALL | {wall: False})
    (finding,) = doctor.examine_cell()
    assert said in finding.sentence
    assert (finding.area, finding.is_trouble) == ("cell", False)


def test_a_process_that_cannot_be_run_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell, "standing_walls", dict)
    (finding,) = doctor.examine_cell()
    assert finding.is_trouble
