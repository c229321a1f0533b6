"""Nobody stops the site with connections alone: it answers while hundreds are silent, drip or hardly read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.connections import are_open, held, kinds, seconds_for
from tests.drills.conftest import database_of
from tests.prepared import copy_folder
from tests.process import Instance

LARGE = "/static/large.0123456789ab.bin"
PROMISED_SECONDS = 1
QUESTIONS = 6
# Pages are made a first time in each process before they are timed.
FIRST_PAGES = 8
# Files that a process may have opened for itself meanwhile, once.
SLACK = 8


@pytest.fixture(scope="module")
def site(kind: str, prepared: Path) -> Iterator[Instance]:
    """What `make run` starts, with a static file that no kernel takes in as a whole; in memory, which is quicker."""
    with TemporaryDirectory(dir="/dev/shm") as folder, _instance(kind, Path(folder, "data"), prepared) as instance:
        copy_folder(prepared, instance.folder)
        (instance.folder / LARGE.strip("/")).write_bytes(os.urandom(8 * 2**20))
        instance.serve()
        for _ in range(FIRST_PAGES):
            seconds_for(port_of(instance), "/accounts/login/", patience=60)
        yield instance


def _instance(kind: str, data: Path, prepared: Path) -> Instance:
    return Instance(data, database_of(kind, data, prepared))


def port_of(site: Instance) -> int:
    return int(site.base.rpartition(":")[2])


def open_files(site: Instance) -> int:
    """Of the web server, without those of the database, which each thread opens when it makes its first page."""
    return sum(process.num_fds() - _of_database(process) for process in site.processes("gallery.wsgi"))


def _of_database(process: psutil.Process) -> int:
    return sum("db.sqlite3" in file.path for file in process.open_files())


@pytest.mark.ci("sqlite")
def test_pages_come_within_a_second_while_connections_are_held(site: Instance) -> None:
    port, before = port_of(site), open_files(site)
    for name, kind in kinds(LARGE).items():
        with held(port, kind) as wires:
            # They are let in first: what is promised is promised while they are held.
            site.wait_for(lambda: open_files(site) >= before + len(wires))
            took = [seconds_for(port) for _ in range(QUESTIONS)] + [seconds_for(port, "/accounts/login/")]
            assert max(took) < PROMISED_SECONDS, f"{name}: {took}"
            assert are_open(wires) == len(wires), name
        site.wait_for(lambda: open_files(site) <= before + SLACK)
    assert seconds_for(port) < PROMISED_SECONDS
