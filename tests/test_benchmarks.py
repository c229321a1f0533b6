"""What benchmarks write past the code that usually writes it must still fit."""

from __future__ import annotations

import pytest

from benchmarks import _rows
from generator.models import Call, Image


@pytest.mark.django_db
def test_pictures_by_the_thousand_are_rows_as_a_worker_leaves_them() -> None:
    _rows.fill(_rows.add_people(2), [("originals/shared/0.png", 1)] * _rows.FILES, 4)
    assert Image.objects.count() == 4
    for call in Call.objects.select_related("generation"):
        assert (call.user_id, call.state) == (call.generation.user_id, Call.State.SUCCEEDED)
        assert call.settled_at
