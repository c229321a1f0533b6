from __future__ import annotations

import io
import os
import runpy
import signal
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from generator.sandbox import SandboxServer

ROOT = Path(__file__).resolve().parents[3]
MANAGE = [sys.executable, "-m", "django", "sandbox"]


class Terminal(io.StringIO):
    """Standard output that sends this process a signal once the address is printed."""

    def __init__(self, number: int, requested: list[requests.Response]) -> None:
        super().__init__()
        self._number, self._requested = number, requested

    def flush(self) -> None:
        if "http" in self.getvalue():
            url = self.getvalue().split()[-1]
            self._requested.append(requests.post(url, json={"model": "flux", "prompt": "x"}, timeout=10))
            signal.pthread_kill(threading.main_thread().ident or 0, self._number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_serves_and_stops_on_a_signal(number: int) -> None:
    answers: list[requests.Response] = []
    out, err = Terminal(number, answers), io.StringIO()
    arguments = ["--port=0", "--latency=0", "--fault=status:429:1"]
    call_command("sandbox", *arguments, verbosity=2, stdout=out, stderr=err)
    assert out.getvalue().startswith("Sandbox API on http://127.0.0.1:")
    assert out.getvalue().endswith("/ai/imagen\n")
    assert answers[0].status_code == 429
    assert "POST /ai/imagen" in err.getvalue()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGTERM, signal.SIGINT} == set()


@pytest.mark.parametrize(("verbosity", "said"), [(0, []), (1, ["Sandbox", "API", "on"])])
def test_beside_a_site_it_keeps_its_address_to_itself(
    verbosity: int, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr("signal.sigwait", lambda signals: signal.SIGTERM)
    call_command("sandbox", "--port=0", verbosity=verbosity, stdout=out)
    assert out.getvalue().split()[:3] == said


def test_beside_a_site_it_needs_neither_django_nor_what_draws() -> None:
    ask = "import sys, generator.sandbox.command; print({'django', 'PIL'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(("fault", "said"), [("hang", ""), ("nonsense", "nonsense")])
def test_beside_a_site_it_says_only_what_is_wrong(
    fault: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("signal.sigwait", lambda signals: signal.SIGTERM)
    monkeypatch.setattr(sys, "argv", ["sandbox", "--port=0", f"--fault={fault}"])
    with pytest.raises(SystemExit, match=said) if said else nullcontext():
        runpy.run_module("generator.sandbox", run_name="__main__")
    assert capsys.readouterr().out == ""


def test_as_a_process_it_leaves_cleanly_on_sigterm() -> None:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    with subprocess.Popen(  # noqa: S603 - our own command
        [*MANAGE, "--port=0"], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Sandbox API on http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_busy_port_is_one_clear_sentence() -> None:
    with SandboxServer() as sandbox:
        port = sandbox.base_url.rpartition(":")[2]
        with pytest.raises(CommandError, match=rf"cannot start on 127.0.0.1:{port}: Address already in use"):
            call_command("sandbox", port=int(port))


@pytest.mark.parametrize("argument", ["--port=70000", "--host=nowhere.invalid", "--fault=nonsense", "--log=/"])
def test_an_impossible_option_is_one_clear_sentence(argument: str) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("sandbox", "--port=0", argument)
