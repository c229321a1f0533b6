"""One site for each database, for as many drills as there are; and the table when all are done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.drills.database import PREFIX, Database, PostgreSql, SmallPostgreSql, Sqlite
from tests.drills.report import LINES, table
from tests.drills.site import Site


def database_of(kind: str, folder: Path, *, small: bool = False) -> Database:
    """On a small disk of its own: a SQLite file if its folder is one, a PostgreSQL by `small`."""
    if kind == "sqlite":
        return Sqlite(folder / "db.sqlite3")
    name = f"{PREFIX}_{os.getpid()}_{folder.name}"
    return SmallPostgreSql(name) if small else PostgreSql(name)


@pytest.fixture(autouse=True)
def folders() -> None:
    """The site says where its files are; nothing of it is put back between drills."""


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def one_site(kind: str, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("drills") / "data"
    with django_db_blocker.unblock():
        site = Site(data, database_of(kind, data), kind)
        try:
            site.open()
            yield site
        finally:
            site.close()


@pytest.fixture
def site(one_site: Site) -> Iterator[Site]:
    """Without faults and with nothing unsettled; whether its worker runs is the drill's own business."""
    one_site.enter()
    one_site.peace()
    one_site.kills = 0
    yield one_site
    one_site.kill(one_site.processes())


@pytest.fixture
def running(site: Site) -> Site:
    site.start()
    return site


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LINES:
        terminalreporter.section("drills")
    for row in table(LINES) if LINES else []:
        terminalreporter.write_line(row)
