from __future__ import annotations

import base64
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from generator.sandbox import Fault, SandboxServer
from generator.sandbox.faults import FaultError, from_json, parse
from tests.generator.sandbox.conftest import ask, opened


@pytest.mark.parametrize("status", [400, 401, 402, 403, 429])
def test_a_refusing_status_is_not_charged(sandbox: SandboxServer, status: int) -> None:
    sandbox.faults.set(f"status:{status}", message="No.")
    response = ask(sandbox)
    assert (response.status_code, response.json()) == (status, {"error": {"message": "No."}})
    assert sandbox.charged == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_status_is_charged(sandbox: SandboxServer, status: int) -> None:
    sandbox.faults.set("status", status=status)
    assert ask(sandbox).status_code == status
    assert len(sandbox.charged) == 1


def test_a_status_can_name_its_retry_after(sandbox: SandboxServer) -> None:
    sandbox.faults.set("status:429", times=1, retry_after=2)
    assert ask(sandbox).headers["Retry-After"] == "2"
    assert "Retry-After" not in ask(sandbox).headers


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("html", "text/html; charset=utf-8", "<h1>502</h1>"),
        ("empty", "application/json", ""),
        ("string", "application/json", '{"error": "Gone."}'),
        ("detail", "application/json", '"msg": "Gone."'),
        ("plain", "text/plain; charset=utf-8", "Gone."),
    ],
)
def test_a_status_can_have_another_body(sandbox: SandboxServer, body: str, kind: str, text: str) -> None:
    sandbox.faults.set("status:502", body=body, message="Gone.")
    response = ask(sandbox)
    assert response.headers["Content-Type"] == kind
    assert text in response.text
    assert bool(response.text) == bool(text)


@pytest.mark.parametrize(("name", "charged"), [("cut", 1), ("reset", 0)])
def test_a_lost_connection_brings_no_answer(
    sandbox: SandboxServer, capfd: pytest.CaptureFixture[str], name: str, charged: int
) -> None:
    sandbox.faults.set(name, times=1)
    with pytest.raises(requests.ConnectionError):
        ask(sandbox)
    assert len(sandbox.charged) == charged
    assert ask(sandbox).status_code == 200
    assert capfd.readouterr() == ("", "")


def test_half_a_reply_announces_the_whole_length(sandbox: SandboxServer) -> None:
    sandbox.faults.set("half")
    with requests.post(sandbox.url, json={"model": "flux", "prompt": "x"}, stream=True, timeout=10) as response:
        announced = int(response.headers["Content-Length"])
        assert len(response.raw.read(announced // 2)) == announced // 2
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            b"".join(response.iter_content(1000))
    assert len(sandbox.charged) == 1


def test_pictures_may_come_as_openai_sends_them(sandbox: SandboxServer) -> None:
    sandbox.faults.set("openai")
    reply = ask(sandbox).json()
    assert set(reply) == {"created", "data"}
    text = base64.b64encode(base64.urlsafe_b64decode(reply["data"][0]["b64_json"])).decode()
    assert opened(text).width


def test_an_address_may_come_instead_of_a_picture(sandbox: SandboxServer) -> None:
    sandbox.faults.set("address", location="https://example.org/x.png")
    assert ask(sandbox).json()["files"] == ["https://example.org/x.png"]
    assert len(sandbox.charged) == 1
    sandbox.faults.set("address", location="/pictures/x.png")
    (address,) = ask(sandbox).json()["files"]
    assert address == f"{sandbox.base_url}/pictures/x.png"
    assert opened(base64.b64encode(requests.get(address, timeout=10).content).decode()).size == (64, 64)


def test_early_hints_come_before_the_answer(sandbox: SandboxServer) -> None:
    sandbox.faults.set("early")
    body = b'{"model": "flux", "prompt": "x", "ratio": "1:1"}'
    with socket.create_connection(("127.0.0.1", urlsplit(sandbox.url).port or 0)) as connection:
        head = f"POST /ai/imagen HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        connection.sendall(head + body)
        said = connection.recv(200)
        while said.count(b"HTTP/1.1") < 2:
            said += connection.recv(200)
    assert said.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: <")
    assert b"\r\n\r\nHTTP/1.1 200 OK\r\n" in said


def test_garbage_is_200_and_no_json(sandbox: SandboxServer) -> None:
    sandbox.faults.set("garbage")
    response = ask(sandbox)
    assert response.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        response.json()


def test_error200_has_an_error_and_no_files_and_is_free(sandbox: SandboxServer) -> None:
    sandbox.faults.set("error200", message="Try later.")
    response = ask(sandbox)
    assert (response.status_code, response.json()) == (200, {"error": "Try later."})
    assert sandbox.charged == []


def test_the_list_of_files_can_be_empty_or_short(sandbox: SandboxServer) -> None:
    sandbox.faults.set("nofiles", times=1)
    assert ask(sandbox, count=2).json()["files"] == []
    sandbox.faults.set("fewer", times=1)
    assert len(ask(sandbox, count=2).json()["files"]) == 1


def test_badimage_breaks_the_one_file_it_names(sandbox: SandboxServer) -> None:
    sandbox.faults.set("badimage", index=1)
    files = ask(sandbox, count=3).json()["files"]
    assert [opened(files[n]).size for n in (0, 2)] == [(64, 64)] * 2
    with pytest.raises(OSError, match="cannot identify"):
        opened(files[1])


def test_badbase64_breaks_the_one_file_it_names(sandbox: SandboxServer) -> None:
    sandbox.faults.set("badbase64", index=2)
    files = ask(sandbox, count=3).json()["files"]
    opened(files[0])
    with pytest.raises(ValueError, match="base64"):
        opened(files[2])


def test_dataurl_adds_prefix_and_line_breaks(sandbox: SandboxServer) -> None:
    sandbox.faults.set("dataurl")
    prefix, _, rest = ask(sandbox).json()["files"][0].partition(",")
    assert prefix == "data:image/png;base64"
    assert "\r\n" in rest
    assert opened(rest.replace("\r\n", "")).size == (64, 64)


def test_replies_can_be_bare_or_odd_or_from_another_model(sandbox: SandboxServer) -> None:
    sandbox.faults.set("bare", times=1)
    assert list(ask(sandbox).json()) == ["files"]
    sandbox.faults.set("odd", times=1)
    odd = ask(sandbox).json()
    assert (odd["usage"], odd["seed"], len(odd["files"])) == ("many", 42, 1)
    sandbox.faults.set("othermodel", times=2)
    assert [ask(sandbox, model=model).json()["model"] for model in ("kandinsky", "flux")] == ["flux", "kandinsky"]


def test_chunked_is_a_good_reply_without_a_length(sandbox: SandboxServer) -> None:
    sandbox.faults.set("chunked")
    response = ask(sandbox, count=4)
    assert "Content-Length" not in response.headers
    assert len(response.json()["files"]) == 4


def test_drip_sends_at_the_rate_it_was_given(sandbox: SandboxServer) -> None:
    sandbox.faults.set("drip", rate=40_000)
    started = time.monotonic()
    response = ask(sandbox)
    assert response.json()["files"]
    assert time.monotonic() - started > len(response.content) / 40_000 * 0.7


def test_hang_says_nothing_and_then_closes(sandbox: SandboxServer) -> None:
    sandbox.faults.set("hang", seconds=0.2)
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        ask(sandbox)
    assert time.monotonic() - started >= 0.2
    assert len(sandbox.charged) == 1


def test_stall_sends_half_and_after_a_while_the_rest(sandbox: SandboxServer) -> None:
    sandbox.faults.set("stall", seconds=0.2)
    started = time.monotonic()
    assert ask(sandbox).json()["files"]
    assert time.monotonic() - started >= 0.2
    assert len(sandbox.charged) == 1


@pytest.mark.parametrize("fault", ["stall", "hang"])
def test_what_stalls_or_hangs_goes_on_when_it_is_released(sandbox: SandboxServer, fault: str) -> None:
    sandbox.faults.set(fault, seconds=600.0, times=1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, sandbox)
        while not sandbox.charged:
            time.sleep(0.01)
        assert not waiting.done()
        sandbox.faults.add("cut", prompt="Somebody else")
        sandbox.faults.release()
        if fault == "stall":
            assert waiting.result(30).json()["files"]
        else:
            assert isinstance(waiting.exception(30), requests.ConnectionError)
    assert [fault.name for fault in sandbox.faults.waiting()] == ["cut"]


def test_flood_pads_a_good_reply(sandbox: SandboxServer) -> None:
    sandbox.faults.set("flood", padding=200_000)
    response = ask(sandbox)
    assert len(response.content) > 200_000
    assert response.json()["files"]


def test_redirect_points_elsewhere(sandbox: SandboxServer) -> None:
    sandbox.faults.set("redirect", location="http://127.0.0.1:9/stolen")
    response = requests.post(sandbox.url, json={"model": "flux", "prompt": "x"}, allow_redirects=False, timeout=10)
    assert (response.status_code, response.headers["Location"]) == (307, "http://127.0.0.1:9/stolen")
    assert sandbox.charged == []


def test_a_fault_happens_as_often_as_it_was_set(sandbox: SandboxServer) -> None:
    sandbox.faults.set("status:500", times=2)
    sandbox.faults.add("status:429", times=1)
    assert [ask(sandbox).status_code for _ in range(4)] == [500, 500, 429, 200]


def test_a_fault_without_times_lasts_until_cleared(sandbox: SandboxServer) -> None:
    sandbox.faults.set("status:500")
    assert {ask(sandbox).status_code for _ in range(3)} == {500}
    sandbox.faults.clear()
    assert ask(sandbox).status_code == 200


def test_a_fault_can_wait_for_a_word_in_the_prompt(sandbox: SandboxServer) -> None:
    sandbox.faults.set("status:500", prompt="unlucky")
    assert [ask(sandbox, prompt=prompt).status_code for prompt in ("a cat", "an unlucky cat")] == [200, 500]


def test_a_fault_can_say_whether_it_is_charged(sandbox: SandboxServer) -> None:
    sandbox.faults.set("status:502", times=1, charge=False)
    ask(sandbox)
    assert sandbox.charged == []
    sandbox.faults.set("status:402", times=1, charge=True)
    ask(sandbox)
    assert len(sandbox.charged) == 1


def test_the_model_list_can_fail_too(sandbox: SandboxServer) -> None:
    for name in ("status:500", "garbage", "error200", "drip"):
        sandbox.faults.add(name, times=1, on="models", rate=1_000_000)
    sandbox.faults.add("reset", times=1, on="models")
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.models_url, timeout=10)
    answers = [requests.get(sandbox.models_url, timeout=10) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [500, 200, 200, 200]
    assert "models" not in answers[2].json()
    assert "models" in answers[3].json()
    assert ask(sandbox).status_code == 200


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("cut", Fault("cut")),
        ("cut:3", Fault("cut", times=3)),
        ("status:429", Fault("status", status=429)),
        ("status:503:2", Fault("status", status=503, times=2)),
        ("status", Fault("status")),
    ],
)
def test_a_fault_is_read_from_a_command_line(text: str, fault: Fault) -> None:
    assert parse(text) == fault


@pytest.mark.parametrize("text", ["", "nonsense", "cut:x", "cut:1:2", "status:99", "status:200:0", "cut:-1"])
def test_a_fault_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(FaultError):
        parse(text)


@pytest.mark.parametrize("value", [{"name": "cut", "charge": None}, {"name": "cut", "charge": False, "seconds": 1}])
def test_a_control_fault_may_carry_nothing_and_false(value: Any) -> None:
    assert from_json(value).charge is value["charge"]


@pytest.mark.parametrize(
    "value",
    [
        "cut",
        {},
        {"name": 3},
        {"name": "cut", "colour": "red"},
        {"name": "cut", "times": "2"},
        {"name": "cut", "times": True},
        {"name": "cut", "times": 0},
        {"name": "drip", "rate": 0},
        {"name": "drip", "rate": None},
        {"name": "status", "body": "xml"},
        {"name": "cut", "on": "moon"},
        {"name": "hang", "seconds": -1},
    ],
)
def test_a_control_fault_that_cannot_be_is_refused(value: Any) -> None:
    with pytest.raises(FaultError):
        from_json(value)
