"""Whether pictures come through the address that people type is found out by asking there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from gallery.doctor import Finding, Level, base_address, probe_file
from tests.conftest import Folders
from tests.gallery.doctor.conftest import age, all_findings

Answer = tuple[int, dict[str, str], bytes]


class _Talk(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, content = self.server.answer(self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Proxy(ThreadingHTTPServer):
    """Passes requests to the site and sends the files that its answers name, from its own `folder` and block.

    `fixed` is what it says instead; `knows_names` whether it has heard of X-Accel-Redirect.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.folder, self.block, self.knows_names = folder, "/media/", True
        self.fixed: Answer | None = None
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, path: str) -> Answer:
        if self.fixed:
            return self.fixed
        response = Client().get(path)
        named = response.headers.get("X-Accel-Redirect", "")
        if named and self.knows_names:
            return self._file(named)
        return response.status_code, dict(response.headers), b"".join(response)

    def _file(self, named: str) -> Answer:
        file = self.folder / named.removeprefix(self.block)
        if not named.startswith(self.block) or not file.exists():
            return 404, {}, b"Not Found"
        if not file.stat().st_mode & 0o040:  # it is in the group
            return 403, {}, b"Forbidden"
        return 200, {}, file.read_bytes()


@pytest.fixture
def proxy(folders: Folders, settings: Any) -> Iterator[Proxy]:
    """A healthy one, at the address that people type."""
    with Proxy(folders.media) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.BASE_URL, settings.ACCEL_PREFIX = server.address, "/media"
        yield server
        server.shutdown()
        thread.join()


def only_finding() -> Finding:
    found = list(base_address.examine())
    assert len(found) == 1
    assert found[0].area == "proxy"
    assert found[0].sentence.endswith(".")
    assert found[0].advice.endswith(".")
    return found[0]


@pytest.mark.parametrize("prefix", ["/media", ""])
def test_a_proxy_that_reads_pictures_or_passes_them_on_is_well(proxy: Proxy, settings: Any, prefix: str) -> None:
    settings.ACCEL_PREFIX = prefix
    assert list(base_address.examine()) == []
    assert proxy.asked == ["/healthz/media"]


def test_a_proxy_that_may_not_read_is_found(proxy: Proxy, folders: Folders) -> None:
    probe_file.lay()
    (folders.media / probe_file.NAME).chmod(0o600)
    found = only_finding()
    assert found.is_trouble
    assert f"{proxy.address} may not read the pictures (403)" in found.sentence


def test_a_proxy_with_another_folder_or_block_is_found(proxy: Proxy, folders: Folders) -> None:
    for proxy.folder, proxy.block in ((folders.data, "/media/"), (folders.media, "/files/")):
        found = only_finding()
        assert found.is_trouble
        assert f"{proxy.address} does not find the pictures (404)" in found.sentence


def test_a_proxy_that_sends_no_files_is_found(proxy: Proxy) -> None:
    proxy.knows_names = False
    found = only_finding()
    assert found.is_trouble
    assert "does not send the files that VITRINE_ACCEL_PREFIX has it send" in found.sentence


@pytest.mark.parametrize("fixed", [(200, {}, b"It works!"), (200, {}, probe_file.WORDS * 2), (404, {}, b"")])
def test_an_address_that_leads_elsewhere_is_found(proxy: Proxy, settings: Any, fixed: Answer) -> None:
    settings.ACCEL_PREFIX, proxy.fixed = "", fixed
    found = only_finding()
    assert found.is_trouble
    assert found.sentence == f"Something else than this site answers at {proxy.address}."


def test_a_redirect_is_not_followed(proxy: Proxy) -> None:
    proxy.fixed = (302, {"Location": f"{proxy.address}/entrance"}, b"")
    found = only_finding()
    assert found.level == Level.NOTICE
    assert "answers with 302" in found.sentence
    assert proxy.asked == ["/healthz/media"]


def test_an_address_that_cannot_be_reached_is_a_notice(folders: Folders, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.BASE_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"
    found = only_finding()
    assert found.level == Level.NOTICE
    assert f"{settings.BASE_URL} could not be reached from here" in found.sentence


def test_one_that_says_nothing_is_given_up(folders: Folders, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_address, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.BASE_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "timed out" in only_finding().sentence


def test_an_answer_that_is_none_is_a_notice(folders: Folders, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.BASE_URL = f"http://127.0.0.1:{server.getsockname()[1]}"
        thread = threading.Thread(target=_answer_nonsense, args=(server,))
        thread.start()
        assert only_finding().level == Level.NOTICE
        thread.join()


def _answer_nonsense(server: socket.socket) -> None:
    wire, _ = server.accept()
    with wire:
        wire.recv(4096)
        wire.sendall(b"SSH-2.0-example\r\n\r\n")


def test_a_site_without_an_address_of_its_own_is_not_asked(folders: Folders) -> None:
    assert list(base_address.examine()) == []
    assert not (folders.media / probe_file.NAME).exists()


def test_the_file_is_as_pictures_are_and_made_once(folders: Folders) -> None:
    probe_file.lay()
    file = folders.media / probe_file.NAME
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (probe_file.WORDS, 0o640)
    inode = file.stat().st_ino
    probe_file.lay()
    assert file.stat().st_ino == inode
    file.write_bytes(b"half")
    probe_file.lay()
    assert file.read_bytes() == probe_file.WORDS


def test_the_file_is_found_to_be_nobodys_stray(site: Any, folders: Folders) -> None:
    probe_file.lay()
    age(folders.media / probe_file.NAME)
    assert all_findings() == []


def test_anybody_may_ask_for_it_by_any_name_and_for_nothing_else(folders: Folders, settings: Any) -> None:
    asked = Client(headers={"Host": "10.0.0.7:8000"})
    assert asked.get("/healthz/media").status_code == 404
    probe_file.lay()
    assert b"".join(asked.get("/healthz/media")) == probe_file.WORDS
    settings.ACCEL_PREFIX = "/media"
    answer = asked.get("/healthz/media?name=originals/00/x.png")
    assert answer.headers["X-Accel-Redirect"] == "/media/thumbs/probe.txt"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
