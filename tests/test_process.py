"""The harness itself: what it passes on, which ports it holds, and what it says when something goes wrong."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.process import Instance, ends_of_logs

TOLD = "('VITRINE', 'ONLYSQ', 'DATABASE', 'WEB', 'CACHE', 'LANG')"
ASK = f"import os; print(*sorted(name for name in os.environ if name.startswith({TOLD})))"


def port_of(instance: Instance) -> int:
    return int(instance.base.rpartition(":")[2])


def test_processes_are_told_nothing_but_the_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VITRINE_CONCURRENCY", "ONLYSQ_API_KEY", "DATABASE_URL", "WEB_CONCURRENCY", "CACHE_URL", "LANG"):
        monkeypatch.setenv(name, "of this process")
    with Instance(tmp_path / "data", ONLYSQ_DIALECT="size") as instance:
        said = instance.run("-c", ASK).stdout.split()
    assert said == ["LANG", "ONLYSQ_DIALECT", "VITRINE_DATA_DIR", "VITRINE_ENV_FILE", "VITRINE_SANDBOX_PORT"]


def test_a_port_is_held_for_the_instance_and_whoever_names_it_may_listen_there(tmp_path: Path) -> None:
    with Instance(tmp_path / "one") as instance, socket.socket() as other, socket.socket() as server:
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port_of(instance)))
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port_of(instance)))
        server.listen()


def test_what_was_started_is_found_and_killed_in_the_end(tmp_path: Path) -> None:
    sleep = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    with Instance(tmp_path / "data") as instance:
        child = instance.start("-c", f"{sleep} print('here', flush=True); time.sleep(600)")
        instance.wait_for(lambda: "here" in instance.log() and len(instance.processes()) == 2)
        assert child.pid in {process.pid for process in instance.processes(word="-c")}
        assert instance.processes(word="nobody") == []
    assert instance.processes() == []
    assert child.returncode == -9


def test_what_does_not_end_by_itself_is_said_to_have_been_left_behind(tmp_path: Path) -> None:
    leave = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    with Instance(tmp_path / "data") as instance:
        assert instance.start("-c", leave).wait(60) == 0
        with pytest.raises(AssertionError, match="left behind"):
            instance.shut_down()


def test_a_start_that_fails_and_a_wait_in_vain_show_the_end_of_the_log(tmp_path: Path) -> None:
    with Instance(tmp_path / "data") as instance:
        with pytest.raises(AssertionError, match=r"(?s)ended with 3.*no such luck"):
            instance.start_until(lambda: False, "-c", "print('no such luck'); raise SystemExit(3)")
        with pytest.raises(AssertionError, match=r"(?s)in vain.*no such luck"):
            instance.wait_for(lambda: False, seconds=0.1)


def test_beside_a_failure_stands_the_end_of_each_log_once(tmp_path: Path) -> None:
    with Instance(tmp_path / "data") as instance:
        instance.log_file.write_text("\n".join(map(str, range(100))))
        ((title, text),) = ends_of_logs([instance, "another fixture", SimpleNamespace(instance=instance)], lines=2)
    assert str(instance.log_file) in title
    assert text == "98\n99"


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with Instance(tmp_path / "data") as instance, pytest.raises(AssertionError, match="Unknown command"):
        instance.manage("no-such-command")
