"""`manage.py serve`: everything starts, answers, and leaves nothing behind."""

from __future__ import annotations

import http.server
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from gallery.management.commands import serve
from gallery.server import healthcheck

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_busy_port_is_one_sentence_before_anything_is_touched(busy_port: int, tmp_path: Path, settings: Any):
    settings.DATA_DIR, settings.HOST, settings.PORT = tmp_path / "data", "127.0.0.1", busy_port
    with pytest.raises(CommandError, match=rf"port {busy_port} \(Address already in use\): .* with PORT\."):
        call_command("serve")
    assert not settings.DATA_DIR.exists()


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 65_536), ("127.0.0.1", -1), ("not.a.host.invalid", 0)])
def test_an_address_that_cannot_be_is_one_sentence(host: str, port: int):
    with pytest.raises(CommandError, match="PORT"):
        serve.check_free(host, port, "PORT")


def test_a_machine_without_shared_memory_is_one_sentence(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    def refuse() -> None:
        raise PermissionError(13, "Permission denied")

    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.setattr("multiprocessing.Lock", refuse)
    with pytest.raises(CommandError, match=r"\(Permission denied\): /dev/shm must be there"):
        call_command("serve")
    assert not settings.DATA_DIR.exists()


def test_port_0_picks_a_free_one():
    port = serve.check_free("127.0.0.1", 0, "PORT")
    assert serve.check_free("127.0.0.1", port, "PORT") == port


def test_a_second_start_on_the_same_folder_names_the_first(tmp_path: Path, settings: Any):
    settings.DATA_DIR = tmp_path
    waiting = "import sys; sys.stdin.read()"
    command = [sys.executable, "-c", waiting, "supervisord"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as first:  # noqa: S603
        (tmp_path / "supervisord.pid").write_text(f"{first.pid}\n")
        with pytest.raises(CommandError, match=rf"already running on .* \(kill {first.pid}\)"):
            call_command("serve")
        first.communicate()


@pytest.mark.parametrize(
    "content", ["", "none", str(os.getpid()), "999999999"], ids=["empty", "word", "ours", "nobody's"]
)
def test_what_a_killed_start_left_behind_stops_nobody(content: str, tmp_path: Path):
    (tmp_path / "supervisord.pid").write_text(content)
    serve.check_not_running(tmp_path / "supervisord.pid")
    serve.check_not_running(tmp_path / "nothing.pid")


def test_the_sandbox_runs_exactly_when_no_api_is_configured(settings: Any):
    for sandbox in (True, False):
        settings.SANDBOX = sandbox
        assert serve.environment(dev=False)["VITRINE_RUN_SANDBOX"] == str(sandbox)


def test_a_chosen_sandbox_port_is_kept_and_must_be_free(busy_port: int, settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.SANDBOX, settings.SANDBOX_PORT = True, busy_port
    assert serve.environment(dev=False)["VITRINE_SANDBOX_PORT"] != str(busy_port)
    monkeypatch.setenv("VITRINE_SANDBOX_PORT", str(busy_port))
    with pytest.raises(CommandError, match="VITRINE_SANDBOX_PORT"):
        serve.environment(dev=False)
    settings.SANDBOX = False
    assert serve.environment(dev=False)["VITRINE_RUN_SANDBOX"] == "False", "nobody listens there"


def test_the_development_server_is_asked_for_and_never_the_default(settings: Any):
    settings.DEBUG = False
    usual, dev = serve.environment(dev=False), serve.environment(dev=True)
    assert [usual[name] for name in ("VITRINE_RUN_WEB", "VITRINE_RUN_DEV", "VITRINE_DEBUG")] == [
        "True",
        "False",
        "False",
    ]
    assert [dev[name] for name in ("VITRINE_RUN_WEB", "VITRINE_RUN_DEV", "VITRINE_DEBUG")] == ["False", "True", "True"]


@pytest.mark.parametrize(
    ("host", "url", "shown"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8123/"),
        ("0.0.0.0", "", "http://127.0.0.1:8123/"),  # noqa: S104
        ("::1", "", "http://[::1]:8123/"),
        ("127.0.0.1", "https://pictures.example.org", "https://pictures.example.org/"),
    ],
)
def test_the_address_shown_is_one_to_click_on(host: str, url: str, shown: str, settings: Any):
    settings.HOST, settings.PORT, settings.BASE_URL, settings.SANDBOX = host, 8123, url, False
    assert f"Vitrine is ready: {shown}\n" in serve.welcome()
    assert "sandbox" not in serve.welcome()
    settings.SANDBOX = True
    assert re.findall(r"https?://[^ \n]+", serve.welcome()) == [shown]


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers with the status that its server holds."""

    def do_GET(self) -> None:
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A web server on HOST and PORT, whose `status` can be set."""
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        monkeypatch.setenv("HOST", "0.0.0.0")  # noqa: S104
        monkeypatch.setenv("PORT", str(server.server_port))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_welcome_is_said_once_a_page_is_answered(
    web: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("VITRINE_WELCOME", "Come in.\n")
    web.status = 200
    assert healthcheck.main(5) == ""
    assert capsys.readouterr().out == "Come in.\n"


def test_a_redirect_to_https_counts_as_an_answer(web: Any):
    web.status = 301
    assert healthcheck.main(5) == ""


def test_a_server_error_is_no_welcome(web: Any):
    web.status = 500
    assert "answers with an error (500)" in healthcheck.main(5)


def test_the_answer_may_take_a_while(monkeypatch: pytest.MonkeyPatch):
    """The port is taken but silent at first, as while a server starts."""
    with http.server.HTTPServer(("127.0.0.1", 0), Answer, bind_and_activate=False) as server:
        server.server_bind()
        server.status = 200  # type: ignore[attr-defined]
        starting = threading.Timer(0.3, lambda: (server.server_activate(), server.handle_request()))
        starting.start()
        assert healthcheck.wait("127.0.0.1", server.server_port, 5) == 200
        starting.join()


def test_silence_is_no_welcome(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", "1")
    assert "does not answer" in healthcheck.main(0.2)


def test_output_that_is_a_file_or_a_pipe_can_be_opened_by_name(tmp_path: Path):
    reader, writer = os.pipe()
    with os.fdopen(reader), os.fdopen(writer, "w"), (tmp_path / "log").open("w") as file:
        assert serve.can_reopen(writer)
        assert serve.can_reopen(file.fileno())


def test_output_that_is_a_socket_or_belongs_to_another_user_is_passed_on(tmp_path: Path):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not serve.can_reopen(theirs.fileno())
    us = os.geteuid()
    with (tmp_path / "log").open("w") as file:
        (tmp_path / "log").chmod(0)
        os.seteuid(us or 65_534)
        try:
            assert not serve.can_reopen(file.fileno())
        finally:
            os.seteuid(us)


@contextmanager
def started(folder: Path, output: int) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py serve` on a free port, with nothing configured but the folder; a test that fails leaves none of it."""
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = known | {"VITRINE_ENV_FILE": os.devnull, "VITRINE_DATA_DIR": str(folder), "PORT": "0"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            family = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            for child in family:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def read_until_ready(output: IO[bytes]) -> str:
    """What is printed up to the last line of the welcome."""
    said = ""
    for line in output:
        said += line.decode()
        if "Ctrl-C stops everything." in said or "lines above" in said:
            break
    return said


def sign_in_page(said: str) -> int:
    address = re.search(r"Vitrine is ready: (http://127\.0\.0\.1:\d+/)", said)
    assert address, said
    with urllib.request.urlopen(f"{address[1]}accounts/login/") as response:  # noqa: S310
        return int(response.status)


def stop(process: subprocess.Popen[bytes], end: Callable[[], object]) -> list[psutil.Process]:
    """Bring about the end of the one process; whoever still runs when it has gone (a zombie does not)."""
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 4, children
    end()
    assert process.wait(timeout=60) == 0
    alive = psutil.wait_procs(children, timeout=1)[1]
    return [child for child in alive if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.long
def test_a_stranger_starts_it_signs_in_and_stops_it_twice(tmp_path: Path):
    """The second start finds everything prepared; its output is a socket, as under ssh or systemd."""
    with started(tmp_path / "data", subprocess.PIPE) as first:
        assert first.stdout
        said = read_until_ready(first.stdout)
        assert "Password: " in said
        assert said.index("http") == said.index(": http", said.index("Vitrine is ready")) + 2, "another address first"
        assert sign_in_page(said) == 200
        assert stop(first, first.terminate) == []
    ours, theirs = socket.socketpair()
    with ours, ours.makefile("rb") as output, started(tmp_path / "data", theirs.fileno()) as second:
        theirs.close()
        said = read_until_ready(output)
        assert "Password: " not in said
        assert sign_in_page(said) == 200
        assert stop(second, lambda: second.send_signal(signal.SIGINT)) == []
    assert not (tmp_path / "data" / "supervisord.pid").exists()


@pytest.mark.long
def test_a_closed_terminal_stops_it(prepared_folder: Path):
    """Nobody is told; its output leads nowhere any more."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb") as terminal, started(prepared_folder, theirs) as process:
        os.close(theirs)
        read_until_ready(terminal)
        assert stop(process, terminal.close) == []


@pytest.mark.exhaustive  # a closed terminal is one, too
def test_a_hang_up_stops_it_even_if_nobody_reads_what_it_says(prepared_folder: Path):
    with started(prepared_folder, subprocess.PIPE) as process:
        assert process.stdout
        read_until_ready(process.stdout)
        process.stdout.close()
        assert stop(process, lambda: process.send_signal(signal.SIGHUP)) == []
