"""One site for each database, for as many drills as there are; and the table when all are done.

Drills mostly wait, so four processes run them, `-n 4`: each of the two HALVES on each database.
With `--ci` only those that are marked `ci`, each on the one database that its mark names, and the storm is a short one;
there each file has a process of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.drills.database import PREFIX, Database, PostgreSql, SmallPostgreSql, Sqlite
from tests.drills.report import LINES, Line, table
from tests.drills.site import Site
from tests.prepared import once, prepare, run_number
from tests.process import ends_of_logs

HALVES = (("kills", "storm", "limits", "waiting"), ("network", "machine", "outage", "backup", "connections", "proxy"))
# With `--ci`: the four long ones begin, and a process with one or two drills left takes the next file.
TURNS = (("storm", "postgresql"), ("outage", "postgresql"), ("kills", "sqlite"), ("machine", "postgresql"),
         ("waiting", "sqlite"), ("connections", "sqlite"), ("waiting", "postgresql"), ("proxy", "sqlite"))  # fmt: skip
DRILLED: list[Line] = []
# The names of drills that have begun.
TOLD: set[str] = set()
LOG_LINES = 40


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ci", action="store_true", help="only the drills that CI takes, on one database each")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "ci(database): CI takes this drill, on the database of this kind")


class Shares(LoadScopeScheduling):
    """What one process drills on one database: a half, or with `--ci` a file.

    xdist's own groups are without effect under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, drill = nodeid.partition("::")
        half = next(number for number, names in enumerate(HALVES) if any(f"drill_{name}." in file for name in names))
        return f"{file if self.config.getoption('--ci') else half} {'postgresql' in drill}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    config.option.loadscopereorder = False  # those with the most drills are not the longest
    return Shares(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--ci"):
        taken = [item for item in items if any(_kind_of(item) in mark.args for mark in item.iter_markers("ci"))]
        config.hook.pytest_deselected(items=[item for item in items if item not in taken])
        items[:] = sorted(taken, key=_turn)


def _turn(item: pytest.Item) -> int:
    file = (item.path.stem.removeprefix("drill_"), _kind_of(item))
    return TURNS.index(file) if file in TURNS else len(TURNS)


def _kind_of(item: pytest.Item) -> str:
    """Of which kind the drill's database is; of other tests there is none."""
    return str(item.callspec.params.get("kind", "")) if hasattr(item, "callspec") else ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """What is to stand in the table goes along with the report, which another process may read.

    Beside a failure stands what the site said last.
    """
    report = yield
    if report.failed:
        report.sections += ends_of_logs(getattr(item, "funcargs", {}).values(), LOG_LINES)
    report.user_properties = [*report.user_properties, *(("drill", asdict(line)) for line in LINES)]
    LINES.clear()
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    TOLD.add(report.nodeid)
    DRILLED.extend(Line(**value) for name, value in report.user_properties if name == "drill")  # type: ignore[arg-type]


def database_of(kind: str, folder: Path, original: Path | None = None, *, small: bool = False) -> Database:
    """Empty, or as it belongs to the `prepared` folder.

    On a small disk of its own: a SQLite file if its folder is one, a PostgreSQL by `small`.
    """
    if kind == "sqlite":
        return Sqlite(folder / "db.sqlite3", original / "db.sqlite3" if original else None)
    name = f"{PREFIX}_{os.getpid()}_{folder.name}_{crc32(bytes(folder)):08x}"
    return (SmallPostgreSql if small else PostgreSql)(name, prepared_name() if original else "template1")


def prepared_name() -> str:
    """Of the PostgreSQL database that all sites of this run are copies of."""
    return f"{PREFIX}_{run_number()}_prepared"


@pytest.fixture(autouse=True)
def folders() -> None:
    """The site says where its files are; nothing of it is put back between drills."""


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def prepared(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder to be copied, with a database of this kind."""

    def make(folder: Path) -> None:
        told = {}
        if kind == "postgresql":
            database = PostgreSql(prepared_name())
            database.drop()
            database.create()
            told["DATABASE_URL"] = database.url
        prepare(folder, **told)

    return once(tmp_path_factory, f"prepared-{kind}", make)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whoever ends last has no worker's number."""
    if "PYTEST_XDIST_WORKER" not in os.environ and any("postgresql" in name for name in TOLD):
        PostgreSql(prepared_name()).drop()


@pytest.fixture(scope="session")
def one_site(
    kind: str, prepared: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("drills") / "data"
    with django_db_blocker.unblock(), Site(data, database_of(kind, data, prepared), kind) as site:
        site.begin(prepared)
        yield site


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
    site.start_worker()
    return site


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if DRILLED:
        terminalreporter.section("drills")
    for row in table(sorted(DRILLED, key=lambda line: line.database)) if DRILLED else []:
        terminalreporter.write_line(row)
