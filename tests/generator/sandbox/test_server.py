from __future__ import annotations

import hashlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from generator.sandbox import SandboxServer
from generator.sandbox.handler import Handler
from tests.generator.sandbox.conftest import ask

if TYPE_CHECKING:
    from pathlib import Path


def test_the_log_has_the_charged_call_before_the_answer_is_sent(tmp_path: Path) -> None:
    log = tmp_path / "charged.jsonl"
    with SandboxServer(log=log) as sandbox:
        reply = ask(sandbox, count=2, headers={"Authorization": "Bearer sq-1"}).json()
        ask(sandbox, model="nothing")
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert sandbox.charged == lines
    assert len(lines) == 1
    assert lines[0].pop("time") == pytest.approx(time.time(), abs=10)
    assert lines[0] == {
        "id": reply["id"],
        "model": "kandinsky",
        "digest": hashlib.sha256(b"Cat").hexdigest(),
        "prompt": "Cat",
        "pictures": 2,
        "user": reply["user"],
    }


def test_the_same_requests_give_the_same_pictures_on_another_server() -> None:
    answers = []
    for _ in range(2):
        with SandboxServer() as sandbox:
            answers.append([ask(sandbox).json()["files"], ask(sandbox, count=2).json()["files"]])
    assert answers[0] == answers[1]


def test_asking_again_gives_new_pictures(sandbox: SandboxServer) -> None:
    files = [ask(sandbox).json()["files"][0] for _ in range(3)]
    assert len(set(files)) == 3


def test_latency_delays_the_reply_and_may_be_changed_at_any_time() -> None:
    with SandboxServer(latency=0.2) as sandbox:
        slow = ask(sandbox).json()["elapsed-time"]
        sandbox.latency = 0
        quick = ask(sandbox).json()["elapsed-time"]
    assert slow >= 0.15
    assert quick < slow


def test_many_clients_are_served_at_once() -> None:
    with ThreadPoolExecutor(12) as pool, SandboxServer(latency=60) as sandbox:
        asked = [pool.submit(ask, sandbox) for _ in range(12)]
        while len(sandbox.charged) < 12:
            time.sleep(0.01)
        assert not any(call.done() for call in asked)
    assert len({call["id"] for call in sandbox.charged}) == 12


@pytest.mark.parametrize("fault", ["", "hang", "drip", "stall"])
def test_closing_ends_calls_in_flight_and_leaves_no_thread(fault: str) -> None:
    before = set(threading.enumerate())
    with ThreadPoolExecutor(1) as pool:
        with SandboxServer(latency=60) as sandbox:
            if fault:
                sandbox.latency = 0
                sandbox.faults.set(fault, rate=100, seconds=60.0)
            waiting = pool.submit(ask, sandbox)
            while not sandbox.charged:
                time.sleep(0.01)
            started = time.monotonic()
        with pytest.raises(requests.RequestException):
            waiting.result(30)
        assert time.monotonic() - started < 30
    assert set(threading.enumerate()) == before


def test_closing_does_not_wait_for_idle_connections() -> None:
    with requests.Session() as session:
        with SandboxServer() as sandbox:
            session.get(sandbox.models_url, timeout=10)
            started = time.monotonic()
        assert time.monotonic() - started < 30


def test_a_server_that_never_started_can_be_closed() -> None:
    SandboxServer().close()


def test_it_listens_on_ipv6_too() -> None:
    try:
        server = SandboxServer("::1")
    except OSError:
        pytest.skip("no IPv6 here")
    with server as sandbox:
        assert sandbox.url.startswith("http://[::1]:")
        assert requests.get(f"{sandbox.base_url}/control", timeout=10).status_code == 200


def test_a_log_that_cannot_be_opened_frees_the_port(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        SandboxServer(log=tmp_path)


def test_requests_are_reported_only_when_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    with SandboxServer(report=lines.append) as sandbox, SandboxServer() as quiet:
        ask(sandbox)
        ask(quiet)
    assert len(lines) == 1
    assert "POST /ai/imagen" in lines[0]
    assert capfd.readouterr() == ("", "")


def test_a_defect_of_the_sandbox_is_loud_and_shows_the_client_nothing(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Handler, "_models", broken)
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.models_url, timeout=10)
    sandbox.close()
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_control_shows_and_changes_faults_latency_and_count(sandbox: SandboxServer) -> None:
    control = f"{sandbox.base_url}/control"
    faults = requests.post(f"{control}/faults", json={"name": "status:429", "times": 1}, timeout=10).json()["faults"]
    assert (faults[0]["name"], faults[0]["status"], faults[0]["times"]) == ("status", 429, 1)
    assert [ask(sandbox).status_code for _ in range(2)] == [429, 200]
    assert requests.get(f"{control}/charged", timeout=10).json() == {"count": 1, "calls": sandbox.charged}
    assert requests.post(f"{control}/latency", json={"seconds": 0.01}, timeout=10).json() == {"latency": 0.01}
    summary = requests.get(control, timeout=10).json()
    assert summary == {"faults": [], "dialect": "both", "latency": 0.01, "charged": 1}
    assert requests.delete(f"{control}/charged", timeout=10).json()["count"] == 0
    assert sandbox.charged == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("127.0.0.1:1", 200), ("[::1]:8001", 200), ("example.org", 403),
        ("127.0.0.1.example.org", 403),
    ],
)  # fmt: skip
def test_control_answers_to_this_machines_own_names(sandbox: SandboxServer, host: str, status: int) -> None:
    """A web page may lead a name of its own to this address, and is then no stranger to it."""
    assert requests.get(f"{sandbox.base_url}/control", headers={"Host": host}, timeout=10).status_code == status


def test_control_takes_a_list_of_faults_and_clears_them(sandbox: SandboxServer) -> None:
    url = f"{sandbox.base_url}/control/faults"
    requests.post(url, json=[{"name": "cut", "times": 1}, {"name": "half"}], timeout=10)
    assert [fault["name"] for fault in requests.get(url, timeout=10).json()["faults"]] == ["cut", "half"]
    assert requests.delete(url, timeout=10).json() == {"faults": []}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("faults", {"name": "nonsense"}),
        ("faults", [1]),
        ("latency", {"seconds": -1}),
        ("latency", {"seconds": True}),
        ("latency", {"seconds": float("nan")}),
        ("latency", []),
    ],
)
def test_control_refuses_nonsense_with_a_sentence(sandbox: SandboxServer, path: str, value: Any) -> None:
    response = requests.post(f"{sandbox.base_url}/control/{path}", data=json.dumps(value), timeout=10)
    assert response.status_code == 400
    assert response.json()["error"]["message"].endswith(".")


def test_control_knows_its_addresses(sandbox: SandboxServer) -> None:
    assert requests.delete(f"{sandbox.base_url}/control/moon", timeout=10).status_code == 404


def test_control_answers_no_web_page(sandbox: SandboxServer) -> None:
    headers = {"Origin": "http://evil.example"}
    response = requests.get(f"{sandbox.base_url}/control/charged", headers=headers, timeout=10)
    assert response.status_code == 403


@pytest.mark.parametrize(("address", "status"), [("10.1.2.3", 403), ("::ffff:127.0.0.1", 200), ("fe80::1%eth0", 403)])
def test_control_answers_this_machine_only(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, address: str, status: int
) -> None:
    setup = Handler.setup

    def from_afar(handler: Handler) -> None:
        setup(handler)
        handler.client_address = (address, 4711)

    monkeypatch.setattr(Handler, "setup", from_afar)
    assert requests.get(f"{sandbox.base_url}/control", timeout=10).status_code == status


def test_closing_stops_the_drawing_of_pictures_not_yet_begun() -> None:
    with ThreadPoolExecutor(8) as pool:
        with SandboxServer() as sandbox:
            waiting = [pool.submit(ask, sandbox, width=1024, height=1024, count=4) for _ in range(8)]
            while len(sandbox.charged) < 8:
                time.sleep(0.01)
        assert any(isinstance(call.exception(30), requests.ConnectionError) for call in waiting)
