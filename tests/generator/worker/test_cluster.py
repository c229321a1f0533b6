"""The queue's processes: how they begin, and how those are ended that a killed watch has left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from generator.worker import tasks
from generator.worker.cluster import Cluster
from tests.conftest import Folders


def test_a_cluster_that_a_watch_of_before_0_2_left_behind_is_ended(tmp_path: Path) -> None:
    """That one was a command of its own, and had not opened the lock."""
    lock = tmp_path / "worker.lock"
    command = [sys.executable, "-S", "-c", "import signal; signal.pause()", "qcluster", "--skip-checks"]
    with subprocess.Popen(command, start_new_session=True) as leftover:  # noqa: S603 - our own command line
        lock.write_text(str(leftover.pid))
        Cluster(lock).close()
        assert leftover.wait(timeout=30) == -signal.SIGKILL


def test_a_cluster_begins_though_somebody_has_removed_the_lock(
    tmp_path: Path, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each one would end at once otherwise, and no call go out any more."""
    lock, begun = tmp_path / "worker.lock", tmp_path / "begun"
    monkeypatch.setattr("generator.worker.cluster.share", lambda: None)
    monkeypatch.setattr(tasks, "get_ready", lambda: None)
    monkeypatch.setattr(tasks, "run_cluster", lambda _stop: begun.touch())
    cluster = Cluster(lock)
    lock.unlink()
    cluster.start()
    cluster.stop(30, threading.Event())
    cluster.close()
    assert begun.exists()
