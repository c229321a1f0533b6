"""Whom the client trusts: the authorities that the environment names, as they are at the moment."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from generator.onlysq import wire
from generator.onlysq.client import Ask, Charged, Client, OnlySqError

Certify = Callable[[], Path]


@pytest.fixture
def certify(tmp_path: Path) -> Certify:
    """A new key and its certificate in one file, for localhost; anybody may trust it."""

    def certify() -> Path:
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        file = tmp_path / f"{certificate.serial_number}.pem"
        file.write_bytes(key.private_bytes(pem, *plain) + certificate.public_bytes(pem))
        return file

    return certify


class Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def api(certificate: Path) -> Iterator[Client]:
    """A client of an API that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # those who do not trust it hang up
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Client(f"https://localhost:{server.server_port}/ai/imagen")
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _as_for_an_api_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an API on loopback the environment is not asked."""
    monkeypatch.setattr(wire, "_is_loopback", lambda _url: False)
    monkeypatch.setenv("NO_PROXY", "*")


def is_trusted(client: Client) -> bool:
    try:
        return client.send(Ask("flux", "A square"), BytesIO()) == 200
    except OnlySqError as error:
        return (error.reason, error.charged) != ("tls", Charged.NO)


def test_authorities_are_read_once_for_many_calls_and_again_when_they_have_changed(
    certify: Certify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, other, bundle = certify(), certify(), tmp_path / "bundle.pem"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    bundle.write_bytes(other.read_bytes())
    with api(known) as client:
        assert not is_trusted(client)
        bundle.write_bytes(known.read_bytes())
        before = wire._trusting.cache_info().misses
        assert all(is_trusted(client) for _ in range(3))
        assert wire._trusting.cache_info().misses == before + 1


def test_a_certificate_for_another_name_is_refused(certify: Certify, monkeypatch: pytest.MonkeyPatch) -> None:
    known = certify()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(known))
    with api(known) as client:
        assert is_trusted(client)
        assert not is_trusted(Client(client._url.replace("localhost", "127.0.0.1")))
