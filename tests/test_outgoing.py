"""Whatever leaves the house for somebody else's server is listed here, with what bounds its time."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from allauth.socialaccount.adapter import get_adapter
from django.conf import settings

from gallery.people import provider_session
from generator.sandbox import SandboxServer
from tests.gallery.mail.server import MailServer

ROOT = Path(__file__).resolve().parents[1]
NETWORK = {
    "socket",
    "http.client",
    "urllib.request",
    "urllib3",
    "requests",
    "smtplib",
    "ssl",
    "ftplib",
    "httpx",
    "aiohttp",
}
# The modules that talk, or know how others do; each has a limit, for which another test stands.
TALKERS = {
    "generator/onlysq/client.py": "the image API: generator/onlysq/wire.py ends every request in time",
    "generator/onlysq/wire.py": "the same",
    "generator/onlysq/pictures.py": "pictures that came as an address: the same, and 30 s each",
    "generator/onlysq/failure.py": "names of errors alone",
    "gallery/mail/outbox.py": "the mail server, by a worker: EMAIL_TIMEOUT for each answer, the task's time for all",
    "gallery/doctor/base_address.py": "our own address as people type it: seconds for each piece of an answer",
    "gallery/people/provider_session.py": "the provider of OpenID Connect: three threads at a time, 10 s each",
    "gallery/server/healthcheck.py": "our own port",
    "gallery/server/web_worker.py": "our own port: waitress lets go of who is silent",
    "gallery/management/commands/serve.py": "asks whether a port is free",
    "generator/imaging/walls.py": "tries whether a socket could be opened, and connects to nothing",
    "generator/worker/sweep.py": "the host's own name",
    "generator/models/lease.py": "the host's own name",
}


def network_imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        yield from (name for name in names if name in NETWORK or name.partition(".")[0] in NETWORK - {"http"})


def test_nothing_else_of_ours_talks_to_a_network() -> None:
    files = [file for package in ("gallery", "generator") for file in (ROOT / package).rglob("*.py")]
    outside = [file for file in files if "generator/sandbox" not in file.as_posix()]
    assert len(outside) > 150
    assert {file.relative_to(ROOT).as_posix() for file in outside if any(network_imports(file))} == set(TALKERS)


def test_mail_servers_get_seconds_for_an_answer() -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 10


def test_a_sign_in_provider_that_says_nothing_is_given_up(settings: Any) -> None:
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.1
    with MailServer() as silent:
        silent.is_silent = True
        began = time.monotonic()
        with get_adapter().get_requests_session() as session, pytest.raises(requests.exceptions.Timeout):
            session.get(f"http://127.0.0.1:{silent.port}/.well-known/openid-configuration")
        assert time.monotonic() - began < 30


def test_a_sign_in_provider_that_drips_is_given_up_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_session, "SECONDS", 0.3)
    with SandboxServer(latency=0) as dripping:
        dripping.faults.set("drip", rate=20)
        began = time.monotonic()
        with get_adapter().get_requests_session() as session, pytest.raises(requests.RequestException):
            session.post(dripping.url, json={"model": "flux", "prompt": "a provider"})
        assert time.monotonic() - began < 30


def test_who_waits_for_a_sign_in_provider_leaves_threads_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(provider_session, "_places", places)
    with MailServer() as silent, get_adapter().get_requests_session() as session:
        silent.is_silent = True
        with places, pytest.raises(requests.ConnectionError, match="too many"):
            session.get(f"http://127.0.0.1:{silent.port}/")
        assert silent.visits == 0
        for _ in range(2):  # whoever was given up has left their place
            with pytest.raises(requests.Timeout):
                session.get(f"http://127.0.0.1:{silent.port}/", timeout=0.1)


def test_a_sign_in_provider_may_have_moved() -> None:
    with SandboxServer(latency=0) as moved, get_adapter().get_requests_session() as session:
        moved.faults.set("redirect", times=1, location=moved.models_url)
        assert session.post(moved.url, json={"model": "flux", "prompt": "a provider"}).url == moved.models_url
