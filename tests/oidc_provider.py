"""An OpenID Connect provider in a process of its own, who lets in whoever says a name."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.process import held_port

START_SECONDS = 60


@contextmanager
def running_provider() -> Iterator[str]:
    """Its issuer, on a free port of this machine; it is gone afterwards."""
    with held_port() as held:
        port = held.getsockname()[1]
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
            env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(issuer := f"http://127.0.0.1:{port}", process)
            yield issuer
        finally:
            process.kill()
            process.wait()


def introduce(issuer: str, sub: str, **claims: object) -> None:
    """Tell the provider what it is to say about somebody."""
    assert requests.put(f"{issuer}/users/{sub}", json=claims, timeout=10).status_code == 204


def _wait_for(issuer: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "The provider has ended."
        assert time.monotonic() < deadline, "The provider does not answer."
        try:
            requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).raise_for_status()
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
