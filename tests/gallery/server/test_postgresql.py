"""A database in which our role may not make tables, as PostgreSQL 15 and newer are by default."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from gallery.doctor import database
from gallery.server import postgresql, prepare

ADVICE = 'by psql pictures: GRANT ALL ON SCHEMA "public" TO "ann";'


class Server:
    """A PostgreSQL in as far as it is asked."""

    vendor = "postgresql"
    ops = SimpleNamespace(quote_name='"{}"'.format)

    def __init__(self, *, may: bool) -> None:
        self.row = ("ann", "pictures", "public", may)

    def cursor(self) -> Server:
        return self

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def execute(self, sql: str) -> None:
        assert "has_schema_privilege" in sql

    def fetchone(self) -> tuple[str, str, str, bool]:
        return self.row


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "connection", Server(may=False))


@pytest.mark.django_db
def test_the_role_of_the_tests_lacks_nothing() -> None:
    assert postgresql.lacks() == ""


def test_whoever_may_make_tables_lacks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "connection", Server(may=True))
    assert postgresql.lacks() == ""


@pytest.mark.django_db
def test_a_start_says_what_to_run(closed: None) -> None:
    MigrationRecorder.Migration.objects.filter(app="gallery").order_by("name").last().delete()
    with pytest.raises(CommandError) as caught:
        prepare.migrate()
    assert str(caught.value).startswith(
        "The database cannot be used: ann may not make tables in the database pictures."
    )
    assert str(caught.value).endswith(ADVICE)


@pytest.mark.django_db
def test_the_doctor_says_what_to_run(closed: None) -> None:
    MigrationRecorder.Migration.objects.filter(app="gallery").order_by("name").last().delete()
    (finding,) = database.examine()
    assert finding.advice.endswith(f"{ADVICE} Then run manage.py prepare.")


@pytest.mark.django_db
def test_a_server_really_answers_so() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("asks a PostgreSQL")
    role = f"test_{uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{role}"')
        cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        cursor.execute(f'SET LOCAL ROLE "{role}"')
        found = postgresql.lacks()
        cursor.execute("RESET ROLE")
    assert found.startswith(f"{role} may not make tables")
    assert found.endswith(f'GRANT ALL ON SCHEMA "public" TO "{role}";')
