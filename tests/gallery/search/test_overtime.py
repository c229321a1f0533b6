"""The database gives up what takes too long, and nothing else."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection

from gallery.search import overtime
from gallery.search.overtime import OvertimeError, limited

# Counts for as long as it is let.
ENDLESS = """WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000000000)
    SELECT count(*) FROM numbers"""


def ask(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overtime, "SECONDS", 0.05)
    with pytest.raises(OvertimeError), limited():
        ask(ENDLESS)
    assert ask("SELECT 1") == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_quick_is_answered_and_other_errors_stay_what_they_are() -> None:
    with limited():
        assert ask("SELECT 42") == 42
    with pytest.raises(OperationalError, match="out of order"), limited():
        raise OperationalError("out of order")
