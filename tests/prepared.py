"""What is made once for all processes of a run and copied by each: to make tables takes longer than most stories."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.process import Instance

# Of the administrator that is there from the first moment.
ADMIN_PASSWORD = "nine-frames-hang"


def run_number() -> int:
    """The number of the process that all processes of this run have in common."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, which whoever comes first makes, and for which all others wait.

    It is made under another name, so that one whose making failed is taken for none.
    """
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = folder.with_name(f"{name}.draft")
            shutil.rmtree(draft, ignore_errors=True)
            make(draft)
            draft.rename(folder)
    return folder


def copy_folder(prepared: Path, folder: Path) -> None:
    """Without the rows on SQLite: their file lies where its database wants it."""
    shutil.copytree(prepared, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("db.sqlite3"))


def prepare(folder: Path, **variables: str) -> None:
    """A data folder with tables, static files and an administrator, on SQLite unless the variables say otherwise."""
    with Instance(folder, VITRINE_ADMIN_PASSWORD=ADMIN_PASSWORD, **variables) as instance:
        instance.manage("prepare")
